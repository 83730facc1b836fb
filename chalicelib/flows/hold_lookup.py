"""The hold look-up: may this account be shipped to, and if not, why and until when (R8.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account, Hold
from chalicelib.core.aging import past_due_by_currency
from chalicelib.core.blocks import survey
from chalicelib.core.book import Book
from chalicelib.core.errors import NotFoundError
from chalicelib.core.holds import CURRENCY_STOPS, credit_status
from chalicelib.core.money import format_amount
from chalicelib.core.people import collector_of
from chalicelib.core.policy import Policy
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts


@dataclass(frozen=True, slots=True)
class HoldLookup:
    """Answers hold look-ups from the account as it is now."""

    accounts: Accounts
    policies: PolicyShelf

    def look_up(self, account_id: str, today: date) -> dict[str, Any]:
        """Return `may_ship` and everything that it rests on, as plain values (R8.7).

        Amounts are minor units, one per currency. `temporary_release` is null: nobody can grant
        one yet. A `prepaid` account may be shipped to only against payment, so not by this answer.

        Raises:
            NotFoundError: there is no such account.
        """
        loaded = self.accounts.load(account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        account = loaded.account
        policy = self.policies.of(account.details, today)
        past_due = past_due_by_currency(account, today)
        days = [
            invoice.days_past_due(today)
            for invoice in account.invoices.values()
            if invoice.is_past_due(today)
        ]
        status = credit_status(account)
        return {
            "account_id": account.id,
            "as_of": today.isoformat(),
            "may_ship": status == "open",
            "credit_status": status,
            "holds": [
                _hold_values(account, hold, policy, today)
                for _, hold in sorted(account.holds.items())
            ],
            "past_due": [
                {"amount_minor": amount, "currency": currency}
                for currency, amount in sorted(past_due.items())
                if amount
            ],
            "oldest_days_past_due": max(days, default=0),
            "temporary_release": None,
            "collector": collector_of(
                policy.people, past_due, named=account.details.collector, today=today
            ),
        }


def _hold_values(account: Account, hold: Hold, policy: Policy, today: date) -> dict[str, Any]:
    return {
        "reason": hold.reason,
        "since": hold.since.isoformat(),
        "placed_by": hold.by,
        "evidence": hold.evidence,
        "invoice_ids": list(hold.invoice_ids),
        "released_when": released_when(account, hold, policy, today),
    }


def released_when(account: Account, hold: Hold, policy: Policy, today: date) -> str:
    """Return, in words, what would release a hold (R8.3)."""
    if hold.by != "rule":
        return "A person releases it."
    if policy.holds.release_when == "condition_cleared":
        condition = "the condition that placed it has cleared"
    else:
        left = [
            f"{currency} {format_amount(amount, policy.digits[currency])}"
            for currency, amount in _asked(account, policy, today).items()
        ]
        still = f" (now {', '.join(left)} with open charges)" if left else ""
        condition = f"nothing past due can be demanded any more{still}"
    if policy.holds.release == "auto":
        return f"It ends by itself on the day on which {condition}."
    return f"A person is asked to release it on the day on which {condition}."


def _asked(account: Account, policy: Policy, today: date) -> dict[str, int]:
    """Return what keeps a hold: the demandable total per currency that counts (R3.6, R8.1)."""
    book = Book(account)
    found = survey(book, policy, today)
    currencies = sorted({invoice.currency for invoice in found.past_due})
    return {
        currency: amount
        for currency in currencies
        if not CURRENCY_STOPS.intersection(found.currency.get(currency, ()))
        and (amount := found.demandable.get(currency, 0))
    }
