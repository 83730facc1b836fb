"""Aging (R3.1-R3.3) and the collection figures (R3.4). Currencies are never added together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from chalicelib.core.account import Account
from chalicelib.core.effects import ENTRY_SIGN
from chalicelib.core.invoice import Invoice
from chalicelib.core.money import EXACT, add
from chalicelib.core.policy import AgingRules

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class AgingRow:
    """One account and currency: principal by bucket, charges and unapplied cash beside (R3.1)."""

    account_id: str
    currency: str
    buckets: tuple[int, ...]
    charges_minor: int = 0
    unapplied_minor: int = 0

    @property
    def principal_minor(self) -> int:
        """All open principal, due or not."""
        return sum(self.buckets)


@dataclass(slots=True)
class _Sums:
    buckets: list[int] = field(default_factory=list)
    charges: int = 0
    unapplied: int = 0


def bucket_names(rules: AgingRules) -> tuple[str, ...]:
    """Return the buckets' names (R3.1): `current`, `1-30`, ... `91+`; by invoice date from `0-30`."""
    first = 1 if rules.base == "due_date" else 0
    starts = [first, *(edge + 1 for edge in rules.edges)]
    names = [f"{low}-{high}" for low, high in zip(starts, rules.edges, strict=False)]
    names.append(f"{rules.edges[-1] + 1}+")
    return ("current", *names) if rules.base == "due_date" else tuple(names)


def bucket_of(rules: AgingRules, invoice: Invoice, as_of: date) -> int:
    """Return the index of an invoice's bucket, by effective due date or by invoice date (R3.1)."""
    if rules.base == "due_date":
        days = invoice.days_past_due(as_of)
        return sum(days > edge for edge in (0, *rules.edges))
    return sum((as_of - invoice.issued_on).days > edge for edge in rules.edges)


def age_account(account: Account, rules: AgingRules, as_of: date) -> tuple[AgingRow, ...]:
    """Return an account's aging, a row per currency in code order; amounts in minor units (R3.1)."""
    sums: dict[str, _Sums] = {}
    width = len(bucket_names(rules))
    for invoice in account.invoices.values():
        here = sums.setdefault(invoice.currency, _Sums([0] * width))
        here.buckets[bucket_of(rules, invoice, as_of)] += invoice.open_minor
        here.charges += invoice.open_charges_minor
    for currency, amount in account.unapplied.items():
        if amount:
            sums.setdefault(currency, _Sums([0] * width)).unapplied += amount
    return tuple(
        AgingRow(account.id, currency, tuple(s.buckets), s.charges, s.unapplied)
        for currency, s in sorted(sums.items())
    )


def total_aging(rows: Iterable[AgingRow]) -> dict[str, AgingRow]:
    """Return the sums of aging rows, per currency (R3.3). The account of a total is empty."""
    totals: dict[str, AgingRow] = {}
    for row in rows:
        add_aging(totals, row.currency, row)
    return dict(sorted(totals.items()))


def add_aging(totals: dict[K, AgingRow], key: K, row: AgingRow) -> None:
    """Add an aging row to the total under a key, in place; a key is never of two currencies (R3.3)."""
    old = totals.get(key)
    if old is None:
        totals[key] = replace(row, account_id="")
        return
    totals[key] = AgingRow(
        "",
        row.currency,
        tuple(a + b for a, b in zip(old.buckets, row.buckets, strict=True)),
        old.charges_minor + row.charges_minor,
        old.unapplied_minor + row.unapplied_minor,
    )


def past_due_by_currency(account: Account, as_of: date) -> dict[str, int]:
    """Return an account's past-due total per currency: past-due principal plus open charges (R3.2)."""
    totals: dict[str, int] = {}
    for invoice in account.invoices.values():
        if invoice.is_past_due(as_of):
            add(totals, invoice.currency, invoice.open_minor)
        if invoice.open_charges_minor:
            add(totals, invoice.currency, invoice.open_charges_minor)
    return totals


def out_of_balance(account: Account) -> dict[str, int]:
    """Return by how much an account's ledger misses its books, per currency: empty when it is right.

    The ledger's running totals, each with its sign, must be what is open less what is unapplied
    (R7.5).
    """
    missing: dict[str, int] = {}
    for currency, kinds in account.totals.items():
        add(missing, currency, sum(ENTRY_SIGN[kind] * minor for kind, minor in kinds.items()))
    for invoice in account.invoices.values():
        add(missing, invoice.currency, -invoice.open_minor - invoice.open_charges_minor)
    for currency, unapplied in account.unapplied.items():
        add(missing, currency, unapplied)
    return {currency: minor for currency, minor in sorted(missing.items()) if minor}


def days_sales_outstanding(receivables_minor: int, sales_minor: int, days: int) -> Decimal | None:
    """Return DSO = open receivables / credit sales x days; None without sales (R3.4)."""
    if sales_minor <= 0:
        return None
    return EXACT.divide(Decimal(receivables_minor) * days, Decimal(sales_minor))


def collection_effectiveness(
    opening_minor: int, sales_minor: int, closing_minor: int, closing_current_minor: int
) -> Decimal | None:
    """Return CEI in percent: what was collected of what could have been; None if nothing could (R3.4)."""
    possible = opening_minor + sales_minor - closing_current_minor
    if possible <= 0:
        return None
    collected = opening_minor + sales_minor - closing_minor
    return EXACT.divide(Decimal(collected) * 100, Decimal(possible))


def average_days_delinquent(dso: Decimal | None, best_possible: Decimal | None) -> Decimal | None:
    """Return DSO less best-possible DSO; None when either has no figure (R3.4)."""
    if dso is None or best_possible is None:
        return None
    return EXACT.subtract(dso, best_possible)
