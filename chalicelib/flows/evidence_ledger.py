"""The ledger of an account for its evidence: every entry, and the equation that they prove (R7.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.core.effects import ENTRY_SIGN
from chalicelib.core.money import add, plain_amount
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.evidence_files import Cell, major
from chalicelib.flows.evidence_gather import Gathered

# What the kinds of entries are called, in the order in which the equation has them.
WORDS = {
    "opening": "opening balances",
    "invoice": "invoices",
    "charge": "charges",
    "charge_reversal": "charge reversals",
    "payment": "payments",
    "payment_reversal": "payment reversals",
    "credit_note": "credit notes",
    "waiver": "waivers",
    "void": "voids",
    "write_off": "write-offs",
    "write_off_reversal": "write-off reversals",
    "external": "external increases",
    "external_decrease": "external decreases",
}
LEDGER_COLUMNS = (
    "number", "on", "value_on", "kind", "invoice_id", "charge_id", "reference", "reason", "currency",
    "amount", "effect", "balance", "policy", "change",
)  # fmt: skip
BALANCE_COLUMNS = (
    "currency", "ledger_balance", "open_principal", "open_charges", "unapplied", "open_balance",
    "holds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Balance:
    """The equation of one currency, in minor units (R7.5).

    `by_kind` are the entries' sums, unsigned; `kept_by_kind` the running totals that were kept
    beside the account as they were written.
    """

    currency: str
    by_kind: dict[str, int]
    kept_by_kind: dict[str, int]
    open_principal_minor: int
    open_charges_minor: int
    unapplied_minor: int

    @property
    def ledger_minor(self) -> int:
        """What the entries come to, each with its sign."""
        return sum(ENTRY_SIGN[kind] * amount for kind, amount in self.by_kind.items())

    @property
    def open_minor(self) -> int:
        """What is open: principal and charges, less what is unapplied."""
        return self.open_principal_minor + self.open_charges_minor - self.unapplied_minor

    @property
    def holds(self) -> bool:
        """Whether entries, running totals and what is open say the same."""
        kept = {kind: amount for kind, amount in self.kept_by_kind.items() if amount}
        return kept == self.by_kind and self.ledger_minor == self.open_minor

    def sentences(self) -> Sequence[str]:
        """Return the equation in words, a line each."""
        digits = CURRENCY_DIGITS.get(self.currency, 2)

        def told(amount: int) -> str:
            return f"{plain_amount(amount, digits):>18}"

        lines = [f"{self.currency}: what the entries of ledger.csv come to"]
        for kind, words in WORDS.items():
            sign = "+" if ENTRY_SIGN[kind] > 0 else "-"
            lines.append(f"  {sign} {words:<24}{told(self.by_kind.get(kind, 0))}")
        lines.append(f"  = {'balance of the ledger':<24}{told(self.ledger_minor)}")
        lines.append(
            f"{self.currency}: what is open, of invoices.csv, charges.csv and payments.csv"
        )
        lines.append(f"  + {'open principal':<24}{told(self.open_principal_minor)}")
        lines.append(f"  + {'open charges':<24}{told(self.open_charges_minor)}")
        lines.append(f"  - {'unapplied money':<24}{told(self.unapplied_minor)}")
        lines.append(f"  = {'open balance':<24}{told(self.open_minor)}")
        said = "The two are equal." if self.holds else "THE TWO DO NOT AGREE: ask who exported it."
        return (*lines, said)


def ledger_rows(found: Gathered) -> Iterator[dict[str, Cell]]:
    """Yield every entry in the order of booking, with the balance of its currency after it."""
    balances: dict[str, int] = {}
    for number, (lines, entry) in enumerate(found.entries, start=1):
        effect = ENTRY_SIGN[entry.kind] * entry.amount_minor
        add(balances, entry.currency, effect)
        yield {
            "number": number,
            "on": entry.on,
            "value_on": entry.value_on,
            "kind": entry.kind,
            "invoice_id": entry.invoice_id,
            "charge_id": entry.charge_id,
            "reference": entry.ref,
            "reason": entry.reason,
            "currency": entry.currency,
            "amount": major(entry.amount_minor, entry.currency),
            "effect": major(effect, entry.currency),
            "balance": major(balances[entry.currency], entry.currency),
            "policy": lines.policy,
            "change": lines.key,
        }


def balances_of(found: Gathered) -> tuple[Balance, ...]:
    """Return the equation of each currency, from the entries and from what is open (R7.5)."""
    account = found.account
    sums: dict[str, dict[str, int]] = {}
    for _, entry in found.entries:
        add(sums.setdefault(entry.currency, {}), entry.kind, entry.amount_minor)
    principal: dict[str, int] = {}
    charges: dict[str, int] = {}
    for invoice in found.invoices:
        add(principal, invoice.currency, invoice.open_minor)
        add(charges, invoice.currency, invoice.open_charges_minor)
    unapplied: dict[str, int] = {}
    for money in found.money:
        add(unapplied, money.currency, money.unapplied_minor)
    currencies = {*sums, *principal, *unapplied, *account.totals}
    return tuple(
        Balance(
            currency,
            {kind: amount for kind, amount in sums.get(currency, {}).items() if amount},
            dict(account.totals.get(currency, {})),
            principal.get(currency, 0),
            charges.get(currency, 0),
            unapplied.get(currency, 0),
        )
        for currency in sorted(currencies)
    )


def balance_rows(balances: Sequence[Balance]) -> Iterator[dict[str, Cell]]:
    """Yield the equation of each currency as a row."""
    for one in balances:
        yield {
            "currency": one.currency,
            "ledger_balance": major(one.ledger_minor, one.currency),
            "open_principal": major(one.open_principal_minor, one.currency),
            "open_charges": major(one.open_charges_minor, one.currency),
            "unapplied": major(one.unapplied_minor, one.currency),
            "open_balance": major(one.open_minor, one.currency),
            "holds": one.holds,
        }
