"""Parts of explanations as plain values (R13.3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from chalicelib.core.account import Account, Task
from chalicelib.core.blocks import survey
from chalicelib.core.book import Book
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy, Step
from chalicelib.core.statement_waits import StatementOutlook
from chalicelib.core.waits import Wait, waits_of


def tasks_by_day(account: Account) -> list[Task]:
    """Return an account's open tasks, the first to fall due first."""
    return sorted(account.tasks.values(), key=lambda task: (task.due_on, task.id))


def task_asked(task: Task) -> dict[str, Any]:
    """Return an open task as an explanation tells it."""
    return {
        "id": task.id,
        "task": task.kind,
        "due_on": task.due_on.isoformat(),
        "part": task.part,
        "assignee": task.assignee,
        "why": task.why,
    }


def waits_told(book: Book, policy: Policy, today: date, invoice: Invoice) -> list[dict[str, Any]]:
    """Return why an invoice takes no step today."""
    found = waits_of(book, policy, survey(book, policy, today), invoice)
    return [_wait(wait) for wait in found]


def _wait(wait: Wait) -> dict[str, Any]:
    until = None if wait.until is None else wait.until.isoformat()
    return {"code": wait.code, "rule": wait.rule, "sentence": wait.sentence, "until": until}


def statement_told(outlook: StatementOutlook) -> dict[str, Any]:
    """Return when the next statement comes, and what stops it."""
    next_on = None if outlook.next_on is None else outlook.next_on.isoformat()
    return {"next_on": next_on, "waits": [_wait(wait) for wait in outlook.waits]}


def stage_told(account: Account, invoice: Invoice, policy: Policy, step: Step) -> dict[str, Any]:
    """Return the stage that an invoice comes to next, and when it is reached."""
    reached_on = invoice.effective_due_on + timedelta(days=step.days)
    processed_on = policy.calendar.processing_day_from(reached_on)
    own = step.stage.charges_for(account.details.debtor_kind)
    return {
        "stage": step.stage.id,
        "days": step.days,
        "reached_on": reached_on.isoformat(),
        "processing_day": processed_on.isoformat(),
        "charges": [rule.kind for rule in own],
        "charges_left_out": [rule.kind for rule in step.stage.charges if rule not in own],
    }


def policy_told(policy: Policy) -> dict[str, str]:
    """Return which policy an explanation goes by."""
    return {"id": policy.id, "version": policy.version}
