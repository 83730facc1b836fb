"""Promises to pay as they are answered: those that have not ended first (R6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.agreements import Promise
from chalicelib.core.errors import NotFoundError
from chalicelib.core.policy import Policy
from chalicelib.core.promise_ends import approval_task, confirm_task
from chalicelib.flows.invoice_view import money
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts

INVOICES_SHOWN = 100  # of one promise
ACTIONS = {"pending_approval": ("approve", "withdraw"), "in_force": ("withdraw",)}


@dataclass(frozen=True, slots=True)
class PromiseLists:
    """Reads the promises of accounts. Each reads the account as a whole."""

    accounts: Accounts
    policies: PolicyShelf

    def page(
        self, account_id: str, today: date, mark: str, limit: int, *, state: str = ""
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return promises from a mark on, and the mark where the next page begins, None at the end.

        Those that have not ended come first, by their date; then the others, the last ended first.

        Raises:
            NotFoundError: there is no such account.
        """
        account, policy = self._read(account_id, today)
        found = [promise_body(account, one, policy, today) for one in account.promises]
        found = [body for body in found if state in ("", body["state"])]
        found.sort(key=_order)
        first = int(mark or "0")
        rows = found[first : first + limit]
        return rows, str(first + limit) if len(found) > first + limit else None

    def one(self, account_id: str, promise_id: str, today: date) -> dict[str, Any]:
        """Return one promise.

        Raises:
            NotFoundError: there is no such account, or it keeps no such promise.
        """
        account, policy = self._read(account_id, today)
        return promise_body(account, find_promise(account, promise_id), policy, today)

    def _read(self, account_id: str, today: date) -> tuple[Account, Policy]:
        loaded = self.accounts.load(account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        return loaded.account, self.policies.of(loaded.account.details, today)


def find_promise(account: Account, promise_id: str) -> Promise:
    """Return a promise of an account.

    Raises:
        NotFoundError: the account keeps no such promise.
    """
    found = (promise for promise in account.promises if promise.id == promise_id)
    promise = next(found, None)
    if promise is None:
        raise NotFoundError(f"the account keeps no promise {promise_id[:250]!r}")
    return promise


def state_of(promise: Promise, grace_days: int, today: date) -> str:
    """Return how a promise stands on a day.

    `pending_approval`, `in_force`, `kept`, `broken`, `withdrawn`, `not_approved` (its last day
    passed before anybody approved it), `nothing_open` (nothing was owed any more). One whose last
    day is past counts as ended, also before the day's run has said so.
    """
    if promise.kept_on is not None:
        return "kept"
    if promise.withdrawn_on is not None:
        return promise.ended_because or "withdrawn"
    if promise.broken_on is not None:
        return "broken"
    if today > promise.ends_on(grace_days):
        return "not_approved" if promise.needs_approval else "broken"
    return "pending_approval" if promise.needs_approval else "in_force"


def allowed_actions(state: str) -> tuple[str, ...]:
    """Return the acts that a promise's state allows, whoever asks."""
    return ACTIONS.get(state, ())


def promise_body(account: Account, promise: Promise, policy: Policy, today: date) -> dict[str, Any]:
    """Return a promise as plain values; of what it covers the first 100, and how many there are."""
    grace = policy.promises.grace_days
    last_on = promise.ends_on(grace)
    state = state_of(promise, grace, today)
    ended_on = promise.ended_on
    if ended_on is None and today > last_on:
        ended_on = last_on + timedelta(days=1)
    asked = (confirm_task(account.id, promise.id), approval_task(account.id, promise.id))
    return {
        "account_id": account.id,
        "promise_id": promise.id,
        "state": state,
        "amount": money(promise.amount_minor, promise.currency),
        "received": money(promise.received_minor, promise.currency),
        "by": promise.by.isoformat(),
        "last_on": last_on.isoformat(),
        "invoice_ids": sorted(promise.invoice_ids)[:INVOICES_SHOWN],
        "invoices": len(promise.invoice_ids),
        "made_on": promise.made_on.isoformat(),
        "made_by": promise.made_by or None,
        "ended_on": None if ended_on is None else ended_on.isoformat(),
        "approval_reasons": ["too_many_broken"] if promise.needs_approval else [],
        "task_ids": [name for name in asked if name in account.tasks],
        "allowed_actions": list(allowed_actions(state)),
    }


def _order(body: dict[str, Any]) -> tuple[int, int, str]:
    if body["allowed_actions"]:
        return (0, date.fromisoformat(body["by"]).toordinal(), body["promise_id"])
    return (1, -date.fromisoformat(body["ended_on"]).toordinal(), body["promise_id"])
