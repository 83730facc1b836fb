"""Disputes as they are answered: those that are open first (R5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.disputes import Dispute, task_of
from chalicelib.core.errors import NotFoundError
from chalicelib.flows.invoice_view import money
from chalicelib.flows.ports import Accounts

STATES = ("open", "credit_awaited", "closed")
_OUTCOMES = {"won": "customer_won", "lost": "seller_won", "partly": "partly"}


@dataclass(frozen=True, slots=True)
class DisputeLists:
    """Reads the disputes of accounts. Each reads the account as a whole."""

    accounts: Accounts

    def of_account(
        self, account_id: str, mark: str, limit: int, *, state: str = ""
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return disputes from a mark on, and the mark where the next page begins, None at the end.

        Open ones come first, by due date; then those that await a credit note; then the latest 50
        that are closed, the last one first.

        Raises:
            NotFoundError: there is no such account.
        """
        account = self._account(account_id)
        found = [
            dispute
            for dispute in sorted(account.disputes.values(), key=_order)
            if state in ("", state_of(dispute))
        ]
        first = int(mark or "0")
        rows = [dispute_body(account, dispute) for dispute in found[first : first + limit]]
        return rows, str(first + limit) if len(found) > first + limit else None

    def one(self, account_id: str, dispute_id: str) -> dict[str, Any]:
        """Return one dispute.

        Raises:
            NotFoundError: there is no such account, or it keeps no such dispute.
        """
        account = self._account(account_id)
        return dispute_body(account, find_dispute(account, dispute_id))

    def _account(self, account_id: str) -> Account:
        loaded = self.accounts.load(account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        return loaded.account


def find_dispute(account: Account, dispute_id: str) -> Dispute:
    """Return a dispute of an account.

    Raises:
        NotFoundError: the account keeps no such dispute.
    """
    dispute = account.disputes.get(dispute_id)
    if dispute is None:
        raise NotFoundError(f"the account keeps no dispute {dispute_id[:250]!r}")
    return dispute


def state_of(dispute: Dispute) -> str:
    """Return `open`, `credit_awaited` (the customer won some of it), or `closed`."""
    if not dispute.stands:
        return "closed"
    return "open" if dispute.is_open else "credit_awaited"


def dispute_body(account: Account, dispute: Dispute) -> dict[str, Any]:
    """Return a dispute as plain values, with what of its invoice is still disputed."""
    invoice = account.invoices.get(dispute.invoice_id)
    disputed = invoice.disputed_minor if invoice is not None and dispute.stands else 0
    task_id = task_of(account.id, dispute.invoice_id)
    is_asked = dispute.is_open and task_id in account.tasks
    won = dispute.outcome in ("won", "partly")
    return {
        "account_id": account.id,
        "dispute_id": dispute.id,
        "invoice_id": dispute.invoice_id,
        "state": state_of(dispute),
        "reason_code": dispute.reason_code,
        "amount": money(dispute.amount_minor, dispute.currency),
        "disputed": money(disputed, dispute.currency),
        "reference": dispute.reference,
        "owner": dispute.owner or None,
        "due_on": _day(dispute.due_on),
        "task_id": task_id if is_asked else None,
        "opened_on": dispute.opened_on.isoformat(),
        "opened_by": dispute.opened_by or None,
        "outcome": _OUTCOMES.get(dispute.outcome),
        "won": money(dispute.won_minor, dispute.currency) if won else None,
        "resolved_on": _day(dispute.resolved_on),
        "closed_on": _day(dispute.closed_on),
        "closed_because": dispute.closed_because or None,
        "allowed_actions": _allowed(dispute),
    }


def _allowed(dispute: Dispute) -> list[str]:
    if not dispute.stands:
        return []
    return ["reassign", "resolve"] if dispute.is_open else ["resolve"]


def _order(dispute: Dispute) -> tuple[int, int, str]:
    place = STATES.index(state_of(dispute))
    if dispute.closed_on is not None:
        return (place, -dispute.closed_on.toordinal(), dispute.id)
    due_on = dispute.due_on or dispute.opened_on
    return (place, due_on.toordinal(), dispute.id)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
