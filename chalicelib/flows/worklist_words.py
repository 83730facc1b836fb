"""Why a task is in a list, and why it is in its place there, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chalicelib.core.account import Task
from chalicelib.core.head import Head
from chalicelib.flows.currencies import amount_in_words
from chalicelib.flows.worklist_rank import (
    APPOINTMENT,
    LATER_DAY,
    LATER_TODAY,
    SCORE_MAX,
    Line,
    Moment,
    Standing,
    part_of,
)

Reason = dict[str, str]


def why_now(head: Head, task: Task, moment: Moment) -> list[str]:
    """Return the task's own reason, then what whoever works it should know, from the head."""
    return [task.why, *_when(task, moment), *_facts(head, moment.today)]


def _when(task: Task, moment: Moment) -> Iterator[str]:
    """Yield when to call, as long as that can still be kept."""
    part, is_today = part_of(task), task.due_on == moment.today
    if task.at_time:
        yield f"Call back at {task.at_time}{'' if is_today else f' on {task.due_on}'}."
    elif part and task.due_on >= moment.today and not (is_today and part < moment.part):
        yield f"Call in the {'morning' if part == 'am' else 'afternoon'}."


def _facts(head: Head, today: date) -> Iterator[str]:
    if head.next_promise is not None:
        by, currency, amount = head.next_promise
        if by < today:
            yield f"{amount_in_words(amount, currency)} was promised for {by}."
        else:
            yield f"Promised {amount_in_words(amount, currency)} for {'today' if by == today else by}."
    if head.broken_promises:
        yield _count(head.broken_promises, "broken promise")
    if head.unreached_calls:
        yield f"{_count(head.unreached_calls, 'call')[:-1]} without reaching anyone."
    for currency, amount in sorted(head.unapplied.items()):
        if amount:
            yield f"{amount_in_words(amount, currency)} of the customer's money is not applied."
    if head.contacts:
        yield f"Last letter or call on {max(head.contacts)}."


def reasons(line: Line) -> list[Reason]:
    """Return what a line's rank rests on, the weightiest first; each with a stable code."""
    return [*_of_time(line), *_of_account(line.standing)]


def _of_time(line: Line) -> Iterator[Reason]:
    when = str(line.key[1])
    if line.band == APPOINTMENT:
        yield _reason("appointment", f"A call is agreed for {when} today: first, in its time.")
    elif line.band == LATER_TODAY:
        yield _reason("later_today", "A call for this afternoon: after all that can be done now.")
    elif line.band == LATER_DAY:
        yield _reason("later_day", f"Not due before {when}: after all of today.")


def _of_account(standing: Standing) -> Iterator[Reason]:
    if standing.tiers:
        said = f"Tier {standing.tier} of {standing.tiers}: the highest first."
        yield _reason("tier", said)
    if not standing.currency:
        yield _reason("nothing_past_due", "Nothing is past due: after all that is.")
        return
    total = amount_in_words(standing.past_due_minor, standing.currency)
    loss = standing.loss_minor
    if loss is None:
        yield _reason("past_due", f"{total} past due; without a risk score all of it counts.")
    else:
        said = f"Expected loss {amount_in_words(loss, standing.currency)}: risk score {standing.score} of "
        yield _reason("expected_loss", f"{said}{SCORE_MAX} on {total} past due.")


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}."


def _reason(code: str, detail: str) -> Reason:
    return {"code": code, "detail": detail}
