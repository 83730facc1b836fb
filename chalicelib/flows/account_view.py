"""One account as it stands: details and figures, from its head alone (R3.2, R6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Case
from chalicelib.core.errors import NotFoundError
from chalicelib.core.head import Head
from chalicelib.core.people import collector_of
from chalicelib.flows.account_desk import details_of
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts


@dataclass(frozen=True, slots=True)
class AccountView:
    """Answers what an account comes to on a day."""

    accounts: Accounts
    policies: PolicyShelf

    def get(self, account_id: str, today: date) -> dict[str, Any]:
        """Return an account's details, credit status and totals, one per currency; one read.

        Raises:
            NotFoundError: there is no such account.
        """
        head = self.accounts.heads([account_id]).get(account_id)
        if head is None:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        policy = self.policies.of(head.details, today)
        past_due = head.past_due(today)
        principal = {
            currency: sum(amount for _, amount in rungs) for currency, rungs in head.ladder.items()
        }
        return {
            **details_of(account_id, head.details),
            "email_mark": head.details.email_mark or None,
            "email_marked_on": _day(head.details.email_marked_on),
            "as_of": today.isoformat(),
            "credit_status": head.credit_status,
            "past_due": _money(past_due),
            "open_principal": _money(principal),
            "open_charges": _money(head.open_charges),
            "unapplied": _money(head.unapplied),
            "oldest_days_past_due": head.oldest_days_past_due(today),
            "open_invoices": head.open_invoices,
            "collected_by": collector_of(
                policy.people, past_due, named=head.details.collector, today=today
            ),
            "policy": {"id": policy.id, "version": policy.version},
            "next_look_on": _next_look(head, today),
            "case": case_values(head.case),
        }


def case_values(case: Case | None) -> dict[str, Any] | None:
    """Return the open case as it is answered, None for none (R6.5)."""
    return (
        None if case is None else {"number": case.number, "opened_on": case.opened_on.isoformat()}
    )


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _next_look(head: Head, today: date) -> str | None:
    """Return when the account is decided next; what is overdue for a decision waits for today's run."""
    return None if head.wake_on is None else max(head.wake_on, today).isoformat()


def _money(totals: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"amount_minor": amount, "currency": currency}
        for currency, amount in sorted(totals.items())
        if amount
    ]
