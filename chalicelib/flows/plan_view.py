"""Payment plans as they are answered: those that have not ended first (R9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.agreements import Instalment, Plan
from chalicelib.core.errors import NotFoundError
from chalicelib.core.plan_draft import OPEN_STATES
from chalicelib.core.plans import approval_task
from chalicelib.core.policy import Policy
from chalicelib.flows.invoice_view import money
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts

INVOICES_SHOWN = 100  # of one plan
ACTIONS = {"pending_approval": ("approve", "decline", "cancel"), "active": ("cancel",)}


@dataclass(frozen=True, slots=True)
class PlanLists:
    """Reads the payment plans of accounts. Each reads the account as a whole."""

    accounts: Accounts
    policies: PolicyShelf

    def page(
        self, account_id: str, today: date, mark: str, limit: int, *, state: str = ""
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return plans from a mark on, and the mark where the next page begins, None at the end.

        Those that have not ended come first, the oldest first; then the others, the last ended
        first.

        Raises:
            NotFoundError: there is no such account.
        """
        account, policy = self._read(account_id, today)
        found = [one for one in account.plans.values() if state in ("", one.state)]
        found.sort(key=_order)
        first = int(mark or "0")
        rows = [plan_body(account, one, policy) for one in found[first : first + limit]]
        return rows, str(first + limit) if len(found) > first + limit else None

    def one(self, account_id: str, plan_id: str, today: date) -> dict[str, Any]:
        """Return one plan.

        Raises:
            NotFoundError: there is no such account, or it keeps no such plan.
        """
        account, policy = self._read(account_id, today)
        return plan_body(account, find_plan(account, plan_id), policy)

    def _read(self, account_id: str, today: date) -> tuple[Account, Policy]:
        loaded = self.accounts.load(account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        return loaded.account, self.policies.of(loaded.account.details, today)


def find_plan(account: Account, plan_id: str) -> Plan:
    """Return a payment plan of an account.

    Raises:
        NotFoundError: the account keeps no such plan.
    """
    plan = account.plans.get(plan_id)
    if plan is None:
        raise NotFoundError(f"the account keeps no payment plan {plan_id[:250]!r}")
    return plan


def allowed_actions(plan: Plan) -> tuple[str, ...]:
    """Return the acts that a plan's state allows, whoever asks."""
    return ACTIONS.get(plan.state, ())


def plan_body(
    account: Account, plan: Plan, policy: Policy, *, is_preview: bool = False
) -> dict[str, Any]:
    """Return a plan as plain values; of what it covers the first 100, and how many there are.

    Of a preview, nothing has an id and nothing can be done with it.
    """
    currency, task_id = plan.currency, approval_task(account.id, plan.id)
    paid = sum(one.paid_minor for one in plan.instalments)
    return {
        "account_id": account.id,
        "plan_id": None if is_preview else plan.id,
        "state": plan.state,
        "covered": money(plan.covered_minor, currency),
        "paid": money(paid, currency),
        "open": money(plan.open_minor, currency),
        "frequency": None if plan.terms is None else plan.terms.frequency,
        "invoice_ids": sorted(plan.invoice_ids)[:INVOICES_SHOWN],
        "invoices": len(plan.invoice_ids),
        "interest_due": plan.interest_due,
        "made_on": plan.made_on.isoformat(),
        "made_by": plan.made_by or None,
        "started_on": _day(plan.started_on),
        "ended_on": _day(plan.ended_on),
        "ended_because": plan.reason or None,
        "approval_reasons": list(plan.approval_reasons),
        "instalments": [_instalment(one, currency, policy) for one in plan.instalments],
        "task_ids": [task_id] if task_id in account.tasks and not is_preview else [],
        "allowed_actions": [] if is_preview else list(allowed_actions(plan)),
    }


def _instalment(one: Instalment, currency: str, policy: Policy) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": _state_of(one),
        "due_on": one.due_on.isoformat(),
        "last_on": (one.due_on + timedelta(days=policy.plans.grace_days)).isoformat(),
        "amount": money(one.amount_minor, currency),
        "paid": money(one.paid_minor, currency),
        "open": money(one.open_minor, currency),
        "paid_on": _day(one.paid_on),
        "missed_on": _day(one.missed_on),
    }


def _state_of(one: Instalment) -> str:
    if not one.open_minor:
        return "paid"
    if one.missed_on is not None:
        return "missed"
    return "part_paid" if one.paid_minor else "open"


def _order(plan: Plan) -> tuple[int, int, str]:
    if plan.state in OPEN_STATES:
        return (0, plan.made_on.toordinal(), plan.id)
    return (1, -(plan.ended_on or plan.made_on).toordinal(), plan.id)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
