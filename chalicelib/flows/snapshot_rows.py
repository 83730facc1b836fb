"""One account as a snapshot tells it: its row, and its open items (R3). No contact, no address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.aging import (
    AgingRow,
    age_account,
    bucket_names,
    bucket_of,
    past_due_by_currency,
)
from chalicelib.core.holds import credit_status
from chalicelib.core.invoice import Invoice
from chalicelib.core.people import collector_of
from chalicelib.core.policy import AgingRules, Policy
from chalicelib.core.risk import risk_of

BASES = ("due_date", "invoice_date")
Values = dict[str, Any]


@dataclass(frozen=True)
class AccountView:
    """An account as of a day, under its policy. `policy` None: the one it names is not in force.

    `edges` are those of the default policy: one report has one set of buckets.
    """

    account: Account
    policy: Policy | None
    edges: tuple[int, ...]
    as_of: date

    @cached_property
    def aging(self) -> dict[str, tuple[AgingRow, ...]]:
        """The account's aging by due date and by invoice date (R3.1)."""
        return {
            base: age_account(self.account, AgingRules(self.edges, base), self.as_of)
            for base in BASES
        }

    @cached_property
    def collector(self) -> str:
        """Who collects from the account (R6.1), "" for nobody."""
        named = self.account.details.collector
        if self.policy is None:
            return named
        past_due = past_due_by_currency(self.account, self.as_of)
        return collector_of(self.policy.people, past_due, named=named, today=self.as_of)

    def row(self) -> Values:
        """Return the account's row; amounts are minor units by currency."""
        account, details = self.account, self.account.details
        by_due, by_issue = (self.aging[base] for base in BASES)
        open_minor = {row.currency: row.principal_minor + row.charges_minor for row in by_due}
        oldest = max((i.days_past_due(self.as_of) for i in self._owed()), default=0)
        risk = None if self.policy is None else risk_of(account, self.policy, self.as_of)
        return {
            "id": account.id,
            "name": details.name,
            "account_class": details.account_class,
            "debtor_kind": details.debtor_kind,
            "credit_status": credit_status(account),
            "collector": self.collector,
            "policy_id": details.policy_id if self.policy is None else self.policy.id,
            "past_due": _amounts(past_due_by_currency(account, self.as_of)),
            "open": _amounts(open_minor),
            "unapplied": _amounts(account.unapplied),
            "oldest_days_past_due": max(oldest, 0),
            "bucket": self._highest_bucket(),
            "stage": self._highest_stage(),
            "risk_score": None if risk is None else risk.score,
            "aging": {
                one.currency: {
                    "due_date": one.buckets,
                    "invoice_date": other.buckets,
                    "charges_minor": one.charges_minor,
                    "unapplied_minor": one.unapplied_minor,
                }
                for one, other in zip(by_due, by_issue, strict=True)
            },
        }

    def open_items(self) -> Iterator[Values]:
        """Yield a row per open invoice and per open charge, oldest due date first, then id."""
        rules = AgingRules(self.edges)
        names = bucket_names(rules)
        who = {
            "account_id": self.account.id,
            "account_class": self.account.details.account_class,
            "collector": self.collector,
        }
        invoices = self.account.invoices.values()
        for invoice in sorted(invoices, key=lambda i: (i.effective_due_on, i.id)):
            where = who | {
                "invoice_id": invoice.id,
                "currency": invoice.currency,
                "due_on": invoice.effective_due_on.isoformat(),
                "days_past_due": invoice.days_past_due(self.as_of),
                "bucket": names[bucket_of(rules, invoice, self.as_of)],
            }
            yield from _items_of(invoice, where)

    def _owed(self) -> Iterator[Invoice]:
        return (invoice for invoice in self.account.invoices.values() if invoice.open_minor)

    def _highest_bucket(self) -> str | None:
        rules = AgingRules(self.edges)
        found = [bucket_of(rules, invoice, self.as_of) for invoice in self._owed()]
        return bucket_names(rules)[max(found)] if found else None

    def _highest_stage(self) -> str | None:
        """Return the stage of the most days that was applied to an invoice that is still open."""
        applied = [stage for invoice in self._owed() for stage in invoice.applied]
        return max(applied, key=lambda stage: stage.days).stage if applied else None


def _amounts(table: dict[str, int]) -> dict[str, int]:
    return {currency: amount for currency, amount in sorted(table.items()) if amount}


def _items_of(invoice: Invoice, where: Values) -> Iterator[Values]:
    if invoice.open_minor:
        yield where | {
            "kind": "invoice",
            "open_minor": invoice.open_minor,
            "disputed_minor": invoice.disputed_minor,
        }
    for charge in invoice.charges:
        if charge.open_minor:
            yield where | {
                "kind": "charge",
                "charge_id": charge.id,
                "charge": charge.kind,
                "open_minor": charge.open_minor,
            }
