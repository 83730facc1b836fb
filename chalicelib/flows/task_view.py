"""An account's open tasks as they are answered (R6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account, Task
from chalicelib.core.errors import NotFoundError
from chalicelib.core.task_outcomes import OUTCOMES
from chalicelib.flows.ports import Accounts

INVOICES_SHOWN = 100  # of a task
_APPROVALS = {"promise": "promises", "plan": "payment_plans"}


@dataclass(frozen=True, slots=True)
class TaskList:
    """Reads the open tasks of an account."""

    accounts: Accounts

    def page(
        self, account_id: str, mark: str, limit: int, today: date, *, kind: str = ""
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return rows after a mark, the first to fall due first, and the mark of the last, or None.

        Raises:
            NotFoundError: there is no such account.
        """
        loaded = self.accounts.load(account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        account = loaded.account
        tasks = sorted(account.tasks.values(), key=_mark_of)
        found = [task for task in tasks if kind in ("", task.kind) and _mark_of(task) > mark]
        rows = [task_values(account, task, today) for task in found[:limit]]
        return rows, _mark_of(found[limit - 1]) if len(found) > limit else None


def _mark_of(task: Task) -> str:
    return f"{task.due_on.isoformat()}#{task.id}"


def task_values(account: Account, task: Task, today: date) -> dict[str, Any]:
    """Return a task as it is answered: with the outcomes that it takes, or where it is answered."""
    where = answered_at(account, task)
    return {
        "task_id": task.id,
        "account_id": account.id,
        "kind": task.kind,
        "due_on": task.due_on.isoformat(),
        "overdue_days": max((today - task.due_on).days, 0),
        "part": task.part or None,
        "at_time": task.at_time or None,
        "why": task.why,
        "assignee": task.assignee or None,
        "subject": task.subject or None,
        "invoice_ids": list(task.invoice_ids[:INVOICES_SHOWN]),
        "invoice_count": len(task.invoice_ids),
        "opened_on": None if task.opened_on is None else task.opened_on.isoformat(),
        "outcomes": [] if where else list(outcomes_of(task)),
        "answered_at": where or None,
    }


def outcomes_of(task: Task) -> tuple[str, ...]:
    """Return the outcomes that a person may say of a task."""
    outcomes: Mapping[str, tuple[str, ...]] = OUTCOMES
    return outcomes.get(task.kind, ())


def answered_at(account: Account, task: Task) -> str:
    """Return the path at which a task is answered that no outcome completes, "" for the others.

    Approvals are given where they are checked, a dispute is resolved, and cash that covers what is
    past due is applied: then their tasks close by themselves.
    """
    what, _, rest = task.id.removeprefix(f"{account.id}:").partition(":")
    where = ""
    if what == "approve_release":
        where = f"release_requests/{rest}/approve"
    if what == "consult_owner" and task.subject in account.placements:
        where = f"placements/{task.subject}/approve"
    if what == "review_account":
        where = _reviewed_at(account, *rest.partition(":")[::2])
    return f"/v1/accounts/{account.id}/{where}" if where else ""


def _reviewed_at(account: Account, about: str, subject: str) -> str:
    """Return where under its account a review is answered, "" where an outcome completes it."""
    if about in _APPROVALS:
        return f"{_APPROVALS[about]}/{subject}/approve"
    if about == "dispute":
        return f"invoices/{subject}/dispute/resolve"
    if about == "cash_covers":
        return "apply_cash"
    placement = account.placements.get(subject)
    if about == "settlement" and placement is not None and placement.settlement is not None:
        return f"placements/{subject}/settlements/{placement.settlement.id}/approve"
    return ""
