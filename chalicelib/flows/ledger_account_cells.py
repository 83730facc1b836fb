"""What a row of the invoices file says of its account: who it is, and where (R13.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from chalicelib.core.account import (
    ADDRESS_CHARS_MAX,
    ADDRESS_LINES_MAX,
    REGISTRATION_CHARS_MAX,
)
from chalicelib.flows.countries import is_country
from chalicelib.flows.ledger_cells import Cells
from chalicelib.flows.ledger_faults import shown
from chalicelib.flows.locales import is_locale

# Columns that describe the account, and what they are called there.
ATTRIBUTES: Mapping[str, str] = {
    "account_name": "name",
    "account_class": "account_class",
    "email": "email",
    "sales_owner": "sales_owner",
    "debtor_kind": "debtor_kind",
    "locale": "locale",
    "country": "country",
    "registration_no": "registration_no",
    "address": "address",
}
EMAIL_CHARS_MAX = 254
_EMAIL = re.compile(r"""[^\s,;<>"]+@[^\s,;<>"@]+""")

Attribute = str | tuple[str, ...]
Note = tuple[str, str, str]  # a column, a code, and what is wrong in words


def read_attributes(cells: Cells) -> tuple[dict[str, Attribute], tuple[Note, ...]]:
    """Return what the row says of its account, and warnings of what was passed over.

    What is no e-mail address, locale, country or postal address is passed over: it stops nothing.
    """
    found: dict[str, Attribute] = {}
    notes: list[Note] = []
    for column, attribute in ATTRIBUTES.items():
        if not cells.has(column):
            continue
        value = _read(cells, column)
        wrong = _WRONG[column](value) if column in _WRONG and value else ""
        if wrong:
            notes.append((column, f"bad_{column}", f"{wrong} and was not taken"))
        elif value:
            found[attribute] = value
    return found, tuple(notes)


def _read(cells: Cells, column: str) -> Attribute:
    if column == "debtor_kind":
        return cells.debtor_kind()
    if column == "address":
        return cells.lines(column)
    text = cells.text(column)
    return text.upper() if column == "country" else text


def _wrong_email(value: Attribute) -> str:
    is_email = len(value) <= EMAIL_CHARS_MAX and _EMAIL.fullmatch(str(value))
    return "" if is_email else f"{shown(str(value))} is no e-mail address"


def _wrong_locale(value: Attribute) -> str:
    said = str(value)
    return "" if is_locale(said) else f"{shown(said)} is no locale such as en, en_GB or de_AT"


def _wrong_country(value: Attribute) -> str:
    said = str(value)
    return "" if is_country(said) else f"{shown(said)} is no country of ISO 3166-1 such as DE or GB"


def _wrong_number(value: Attribute) -> str:
    most = REGISTRATION_CHARS_MAX
    return "" if len(value) <= most else f"is longer than {most} characters"


def _wrong_address(value: Attribute) -> str:
    if len(value) > ADDRESS_LINES_MAX:
        return f"has {len(value)} lines, {ADDRESS_LINES_MAX} at most"
    if any(len(line) > ADDRESS_CHARS_MAX for line in value):
        return f"has a line of more than {ADDRESS_CHARS_MAX} characters"
    return ""


_WRONG: Mapping[str, Callable[[Attribute], str]] = {
    "email": _wrong_email,
    "locale": _wrong_locale,
    "country": _wrong_country,
    "registration_no": _wrong_number,
    "address": _wrong_address,
}
