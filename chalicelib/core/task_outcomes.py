"""What a completed task comes to: its outcome makes the next act (R6.2, R5.5, R5.7, R8.3)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.account import Task
from chalicelib.core.blocks import survey
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.calls import CALL_OUTCOMES, call_if_due, finish_call, finish_search
from chalicelib.core.facts_collections import TaskCompleted
from chalicelib.core.policy import Policy
from chalicelib.core.send_invoices import ask_to_send

DONE = "done"
# The outcomes that a person may say, by kind of task. `approve_release` has its own answer (R8.5).
OUTCOMES = {
    "call": CALL_OUTCOMES,
    "confirm_payment": ("confirmed", "not_received"),
    "send_invoice": ("sent", "not_sent"),
    "send_letter": ("sent", "not_sent"),
    "find_contact": (DONE,),
    "review_account": (DONE,),
    "review_notice": (DONE,),
    "consult_owner": (DONE,),
    "approve_release": (),
}


def complete_task(book: Book, fact: TaskCompleted, policy: Policy) -> None:
    """Close a task and make what its outcome leads to; one that is not open changes nothing."""
    task = book.tasks.get(fact.task_id)
    if task is None:
        return
    book.close_task(task.id, fact.on, fact.outcome)
    match task.kind:
        case "call":
            finish_call(book, policy, task, fact)
        case "confirm_payment":
            if fact.outcome == "not_received" and not _promise_runs(book, policy, task, fact):
                call_if_due(book, policy, fact.on, f"No money had come by {fact.on}.")
        case "find_contact":
            finish_search(book, policy, task, fact.on)
        case "send_invoice":
            wanted = fact.on + ONE_DAY if fact.outcome == "not_sent" else fact.on
            ask_to_send(book, policy, survey(book, policy, fact.on), wanted)
        case "review_account":
            _stand_by(book, task)


def _promise_runs(book: Book, policy: Policy, task: Task, fact: TaskCompleted) -> bool:
    """Whether the task is about a promise that may still be kept: it is judged on its own day."""
    name = task.id.removeprefix(f"{book.account_id}:confirm_payment:")
    grace_days = policy.promises.grace_days
    return any(p.id == name and p.is_in_force(fact.on, grace_days) for p in book.promises)


def _stand_by(book: Book, task: Task) -> None:
    """A person has looked at a hold: it is not asked again while nothing changes (R5.7, R8.3).

    One that was proposed is not placed until its rule was untrue once; one that might have ended
    stays until it might end anew, or a person releases it.
    """
    about = task.id.removeprefix(f"{book.account_id}:review_account:")
    what, _, reason = about.partition(":")
    if what == "hold":
        book.overruled_holds |= {reason}
        book.hold_reviews -= {reason}
    elif what == "release" and reason in book.holds:
        book.holds[reason] = replace(book.holds[reason], review_asked=True)
