"""What a person says of a task that they did, and what of it cannot be taken (R6.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.core.account import Account, Task
from chalicelib.core.calls import CALL_AGAIN, half_of
from chalicelib.core.errors import Fault
from chalicelib.core.policy import Policy
from chalicelib.flows.currencies import amount_in_words
from chalicelib.flows.promise_rules import Promised, faults_of_promise
from chalicelib.flows.task_view import outcomes_of

CALL_BACK_DAYS_MAX = 92
SENT_MAX = 500  # invoices that are said to be sent at once
# Outcomes that say nothing by themselves: the note does.
NOTE_NEEDED = frozenset({"other", "done", "not_sent"})


@dataclass(frozen=True, slots=True)
class CallBack:
    """When the customer asked to be called: a day, with a half of it, a time such as "14:30", both."""

    on: date
    part: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Disputed:
    """What was disputed on the phone: an invoice, or (with an amount) a part of it."""

    invoice_id: str
    reason_code: str
    amount_minor: int | None = None
    currency: str | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """How a task came out. `contact_id`: who was spoken to, or was called in vain.

    `due_on`: when the task was due as it was read, None: whatever it is now.
    """

    outcome: str
    note: str = ""
    contact_id: str = ""
    call_back: CallBack | None = None
    promise: Promised | None = None
    dispute: Disputed | None = None
    invoice_ids: tuple[str, ...] = ()
    posted_on: date | None = None
    due_on: date | None = None


def faults_of(account: Account, task: Task, said: Said, policy: Policy, today: date) -> list[Fault]:
    """Return everything that is wrong with what is said of an open task, at once."""
    outcomes = outcomes_of(task)
    if said.outcome not in outcomes:
        detail = f"is no outcome of a {task.kind} task; they are {', '.join(outcomes)}"
        return [Fault("/outcome", "not_an_outcome", detail)]
    return [
        *_general(account, said),
        *_misplaced(task, said),
        *_call_back(said, policy, today),
        *_promised(account, said, today),
        *_dispute(account, said),
        *_sent(account, task, said, today),
        *_posted(account, task, said, today),
    ]


def _general(account: Account, said: Said) -> Iterator[Fault]:
    if said.outcome in NOTE_NEEDED and not said.note.strip():
        yield Fault(
            "/note", "missing", f"is needed with the outcome {said.outcome}: what happened?"
        )
    if said.contact_id and said.contact_id not in account.contact_people:
        yield Fault("/contact_id", "unknown_contact", "is not a contact of the account")


def _misplaced(task: Task, said: Said) -> Iterator[Fault]:
    """Yield a fault for each thing that goes with other outcomes, and for each that is missing."""
    is_call = task.kind == "call"
    is_posted = said.outcome == "sent" and task.kind == "send_letter"
    is_sent = said.outcome == "sent" and task.kind == "send_invoice"
    fields = (
        ("call_back", said.call_back, is_call and said.outcome in CALL_AGAIN, False),
        ("promise", said.promise, is_call and said.outcome == "promised", True),
        ("dispute", said.dispute, is_call and said.outcome == "disputed", True),
        ("invoice_ids", said.invoice_ids, is_sent, False),
        ("posted_on", said.posted_on, is_posted or is_sent, is_posted),
    )
    for name, value, fits, is_needed in fields:
        if value and not fits:
            detail = f"does not go with the outcome {said.outcome} of a {task.kind} task"
            yield Fault(f"/{name}", "not_taken", detail)
        elif fits and is_needed and not value:
            yield Fault(f"/{name}", "missing", f"is needed with the outcome {said.outcome}")


def _call_back(said: Said, policy: Policy, today: date) -> Iterator[Fault]:
    back = said.call_back
    if back is None:
        return
    latest = today + timedelta(days=CALL_BACK_DAYS_MAX)
    if not today <= back.on <= latest:
        yield Fault("/call_back/on", "out_of_range", f"must be from {today} through {latest}")
    elif not policy.calendar.is_business_day(back.on):
        following = policy.calendar.business_day_from(back.on)
        detail = f"is no business day; the next one is {following}"
        yield Fault("/call_back/on", "no_business_day", detail)
    if back.part and back.time and half_of(back.time) != back.part:
        detail = f"{back.time} is not in the half of the day that is said, {back.part}"
        yield Fault("/call_back/time", "other_half", detail)


def _promised(account: Account, said: Said, today: date) -> Iterator[Fault]:
    if said.promise is not None:
        yield from faults_of_promise(account, said.promise, today, "/promise")


def _dispute(account: Account, said: Said) -> Iterator[Fault]:
    dispute = said.dispute
    if dispute is None:
        return
    invoice = account.invoices.get(dispute.invoice_id)
    if invoice is None or invoice.open_minor == 0:
        detail = "is not an open invoice of the account"
        yield Fault("/dispute/invoice_id", "unknown_invoice", detail)
        return
    if dispute.currency is not None and dispute.currency != invoice.currency:
        detail = f"is not {invoice.currency}, the invoice's currency"
        yield Fault("/dispute/amount/currency", "other_currency", detail)
    elif dispute.amount_minor is not None and dispute.amount_minor > invoice.open_minor:
        is_open = amount_in_words(invoice.open_minor, invoice.currency)
        detail = f"is more than the {is_open} that is open"
        yield Fault("/dispute/amount/amount_minor", "above_open", detail)


def invoices_sent(account: Account, task: Task, said: Said) -> tuple[str, ...]:
    """Return the invoices that are said to be sent: those named, else all of the task's."""
    if said.invoice_ids:
        return tuple(dict.fromkeys(said.invoice_ids))
    there = (account.invoices.get(name) for name in task.invoice_ids)
    return tuple(one.id for one in there if one is not None and one.delivered_on is None)


def _sent(account: Account, task: Task, said: Said, today: date) -> Iterator[Fault]:
    if task.kind != "send_invoice" or said.outcome != "sent":
        return
    names = invoices_sent(account, task, said)
    if len(names) > SENT_MAX:
        detail = f"has {len(names):,} invoices to send: name up to {SENT_MAX} of them at a time"
        yield Fault("/invoice_ids", "too_many", detail)
    if said.posted_on is not None and said.posted_on > today:
        yield Fault("/posted_on", "in_the_future", f"must not be after today, {today}")
    for index, name in enumerate(names):
        at = f"/invoice_ids/{index}" if said.invoice_ids else "/posted_on"
        invoice = account.invoices.get(name)
        if invoice is None:
            yield Fault(at, "unknown_invoice", f"{name} is not an open invoice of the account")
        elif invoice.delivered_on is not None:
            yield Fault(at, "delivered", f"{name} was sent on {invoice.delivered_on}")
        elif (said.posted_on or today) < invoice.issued_on:
            yield Fault(at, "before_issue", f"{name} was issued on {invoice.issued_on}")


def _posted(account: Account, task: Task, said: Said, today: date) -> Iterator[Fault]:
    """Yield what is wrong with the day on which a letter was posted."""
    if task.kind != "send_letter" or said.posted_on is None:
        return
    notice = account.notices.get(notice_of(account.id, task.id))
    earliest = said.posted_on if notice is None else notice.created_on
    if not earliest <= said.posted_on <= today:
        detail = f"must be from {earliest}, when the letter was written, through {today}"
        yield Fault("/posted_on", "out_of_range", detail)


def notice_of(account_id: str, task_id: str) -> str:
    """Return the id of the notice that a `send_letter` task asks to post, "" for other tasks."""
    start = f"{account_id}:send_letter:"
    return task_id.removeprefix(start) if task_id.startswith(start) else ""
