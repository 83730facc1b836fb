"""One row's cells read as ids, days, amounts and flags; what is wrong is noted, all of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from chalicelib.core.money import AmountError, parse_amount
from chalicelib.core.policy import DEBTOR_KINDS
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.ledger_days import parse_day
from chalicelib.flows.ledger_faults import CellFault, shown, suggestion
from chalicelib.flows.ledger_map import LedgerMap

ID_CHARS_MAX = 64
TEXT_CHARS_MAX = 500
AMOUNT_CHARS_MAX = 40
# The most decimals any currency has: what is no amount with these is none in any currency.
DIGITS_MAX = max(CURRENCY_DIGITS.values())

_YES, _NO = frozenset(("yes", "y", "true", "1")), frozenset(("no", "n", "false", "0"))


class Cells:
    """The cells of one row, by Pastdue's own names, blank ones left out.

    Each method returns the value, or None when the cell is blank or wrong; a wrong one adds to
    `faults`. `notes` are warnings. `own_too`: a day or an amount may also be in Pastdue's own
    format, whatever the mapping says (in every file but the invoices file, which the mapping
    describes).
    """

    __slots__ = ("_cells", "_map", "_own_too", "faults", "notes")

    def __init__(self, cells: Mapping[str, str], ledger_map: LedgerMap, *, own_too: bool) -> None:
        self._cells = cells
        self._map = ledger_map
        self._own_too = own_too
        self.faults: list[CellFault] = []
        self.notes: list[CellFault] = []

    def refuse(self, column: str, code: str, detail: str) -> None:
        """Note a fault of a column."""
        self.faults.append(CellFault(column, code, detail))

    def note(self, column: str, code: str, detail: str) -> None:
        """Note something about a column that is worth a warning, and no fault."""
        self.notes.append(CellFault(column, code, detail))

    def has(self, column: str) -> bool:
        """Whether the cell is not blank."""
        return column in self._cells

    def needed(self, column: str) -> bool:
        """Whether the cell is not blank; a blank one is a fault."""
        if column in self._cells:
            return True
        self.refuse(column, "missing_value", "is needed and is blank")
        return False

    def text(self, column: str) -> str:
        """Return a text on one line, "" when blank. At most 500 characters."""
        value = self._cells.get(column, "")
        if value and not value.isprintable():
            value = "".join(c if c.isprintable() else " " for c in value)
            value = " ".join(value.split())
        if len(value) > TEXT_CHARS_MAX:
            self.refuse(column, "too_long", f"is over {TEXT_CHARS_MAX} characters")
            return ""
        return value

    def lines(self, column: str) -> tuple[str, ...]:
        """Return the lines of a text, which `|` or line breaks part; none when blank."""
        raw = self._cells.get(column, "")
        parts = (" ".join(part.split()) for line in raw.splitlines() for part in line.split("|"))
        plain = ("".join(c if c.isprintable() else " " for c in part) for part in parts)
        return tuple(line for part in plain if (line := part.strip()))

    def terms(self, account_id: str | None) -> str:
        """Return the payment terms of the row, else those of the account's policy; "" for none."""
        said, terms_of = self.text("terms"), self._map.terms_of
        if said or account_id is None or terms_of is None:
            return said
        return terms_of(account_id, self.text("account_class"))

    def id(self, column: str) -> str | None:
        """Return an id that has to be there: 1 to 64 printable characters without spaces."""
        return self._sound_id(column, self._cells[column]) if self.needed(column) else None

    def account_id(self, column: str = "account_id") -> str | None:
        """Return an account's id, which may have spaces inside."""
        if not self.needed(column):
            return None
        return self._sound_id(column, self._cells[column], spaces=True)

    def optional_id(self, column: str) -> str | None:
        """Return an id, or None when the cell is blank."""
        return self._sound_id(column, self._cells[column]) if column in self._cells else None

    def ids(self, column: str) -> tuple[str, ...]:
        """Return ids that spaces separate, each once, in the order named."""
        names = dict.fromkeys(self._cells.get(column, "").split())
        found = [self._sound_id(column, name) for name in names]
        return tuple(name for name in found if name is not None)

    def _sound_id(self, column: str, value: str, *, spaces: bool = False) -> str | None:
        if len(value) > ID_CHARS_MAX:
            detail = (
                f"{shown(value)} is no id: it has {len(value)} characters, {ID_CHARS_MAX} at most"
            )
            self.refuse(column, "bad_id", detail)
        elif not value.isprintable():
            self.refuse(column, "bad_id", f"{shown(value)} is no id: it has control characters")
        elif not spaces and " " in value:
            detail = f"{shown(value)} is no id: it has a space, and spaces separate ids"
            self.refuse(column, "bad_id", detail)
        else:
            return value
        return None

    def day(self, column: str) -> date | None:
        """Return a calendar day from 1900 to 2199, or None when the cell is blank."""
        value = self._cells.get(column)
        if value is None:
            return None
        try:
            return parse_day(value, self._map.date_format, own_too=self._own_too)
        except ValueError as error:
            self.refuse(column, "bad_date", str(error))
            return None

    def needed_day(self, column: str) -> date | None:
        """Return a calendar day that has to be there."""
        return self.day(column) if self.needed(column) else None

    def currency(self, column: str = "currency") -> str | None:
        """Return an ISO 4217 code that has to be there."""
        return self.optional_currency(column) if self.needed(column) else None

    def optional_currency(self, column: str = "currency") -> str | None:
        """Return an ISO 4217 code, or None when the cell is blank."""
        value = self._cells.get(column)
        if value is None or value in CURRENCY_DIGITS:
            return value
        if value.upper() in CURRENCY_DIGITS:
            return value.upper()
        detail = f"{shown(value)} is no ISO 4217 currency{suggestion(value, CURRENCY_DIGITS)}"
        self.refuse(column, "unknown_currency", detail)
        return None

    def amount(self, column: str, currency: str | None, *, above_zero: bool = False) -> int | None:
        """Return minor units, not below zero, or None when the cell is blank.

        Without a currency (its own fault is noted already) only what is an amount in no currency
        is noted.
        """
        value = self._cells.get(column)
        if value is None:
            return None
        if len(value) > AMOUNT_CHARS_MAX:
            self.refuse(column, "bad_amount", f"{shown(value)} is not an amount")
            return None
        digits = DIGITS_MAX if currency is None else CURRENCY_DIGITS[currency]
        try:
            minor = self._minor(value, digits)
        except AmountError as error:
            self.refuse(column, "bad_amount", str(error))
            return None
        if minor < 0:
            self.refuse(column, "below_zero", f"{shown(value)} is below zero")
            return None
        if above_zero and minor == 0:
            self.refuse(column, "not_above_zero", "must be above zero")
            return None
        return minor if currency else None

    def needed_amount(
        self, column: str, currency: str | None, *, above_zero: bool = False
    ) -> int | None:
        """Return minor units of an amount that has to be there."""
        return self.amount(column, currency, above_zero=above_zero) if self.needed(column) else None

    def _minor(self, value: str, digits: int) -> int:
        mark = self._map.decimal_mark
        if self._own_too and mark != "." and "." in value:
            mark = "."
        return parse_amount(value, digits, mark)

    def flag(self, column: str) -> bool | None:
        """Return yes/no, true/false, y/n or 1/0 as a truth value, or None when blank."""
        value = self._cells.get(column)
        if value is None:
            return None
        folded = value.casefold()
        if folded not in _YES and folded not in _NO:
            self.refuse(column, "bad_flag", f"{shown(value)} is neither yes nor no")
            return None
        return folded in _YES

    def debtor_kind(self, column: str = "debtor_kind") -> str:
        """Return what kind of debtor the account is (R4.1), "" when blank; case does not matter."""
        value = self._cells.get(column, "")
        known = value.casefold().replace(" ", "_").replace("-", "_")
        if not value or known in DEBTOR_KINDS:
            return known
        detail = (
            f"{shown(value)} is no kind of debtor; write company, or natural_person for a person "
            "who owes in their own name, such as a sole trader"
        )
        self.refuse(column, "unknown_debtor_kind", detail)
        return ""

    def one_of(self, column: str, known: tuple[str, ...]) -> str | None:
        """Return one of a few known words that has to be there."""
        if not self.needed(column):
            return None
        value = self._cells[column]
        if value in known:
            return value
        detail = f"{shown(value)} is not one of {', '.join(known)}{suggestion(value, known)}"
        self.refuse(column, "unknown_value", detail)
        return None
