"""Completing tasks: what a person did, and what it leads to at once (R6.2, R6.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account, Task
from chalicelib.core.apply import Booking
from chalicelib.core.effects import Event, TaskEnded, TaskMade
from chalicelib.core.errors import ConflictError, NotFoundError, UnfitInputError
from chalicelib.core.facts import (
    BlockEnded,
    Delivery,
    DisputeOpened,
    Fact,
    NoticeCancelled,
    NoticeCounted,
    PromiseMade,
)
from chalicelib.core.facts_collections import TaskCompleted
from chalicelib.core.policy import Policy
from chalicelib.core.promises import next_promise_id
from chalicelib.flows.activities import WAITING, Activity, ends_waiting
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, event_of
from chalicelib.flows.invoice_rules import check_dispute
from chalicelib.flows.promise_rules import check_promise
from chalicelib.flows.task_said import Said, faults_of, invoices_sent, notice_of
from chalicelib.flows.task_view import answered_at, task_values

CHANGES_PER_READ, READS_MAX = 25, 4  # of the timeline, to find how a task ended


@dataclass(frozen=True, slots=True)
class TaskDesk:
    """Books what people say of their tasks."""

    desk: Desk

    def complete(self, account_id: str, task_id: str, caller: Caller, said: Said) -> Reply:
        """Complete a task: book its outcome, and what was agreed with it.

        `promised` makes the promise, `disputed` the dispute, `sent` the deliveries of invoices, or
        lets a letter count as sent from the day it was posted (R11.2). The reply has the tasks that
        are next.

        Raises:
            NotFoundError: there is no such account, or it has and had no such task.
            ConflictError: the task is done, is another one by now, or is answered elsewhere: where,
                says the message.
            UnfitInputError: the outcome is none of the task's, or what goes with it cannot be.
            BlockedError: the dispute cannot be opened.
            LimitError: the account has as many promises as one may have.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            task = _open_task(account, task_id, said.due_on)
            faults = faults_of(account, task, said, policy, today)
            if faults:
                raise UnfitInputError("the task cannot be completed so", faults)
            if said.promise is not None:
                check_promise(account, said.promise, today)
            facts = list(_facts(account, task, said, caller, today))
            events = tuple(_events(account, task, said, caller, today))

            def reply(booking: Booking) -> Reply:
                return Reply(200, _answer(account, task, said, booking, today))

            return Ruling(facts, reply, events)

        notice_id = notice_of(account_id, task_id)
        needs = (NoticeCounted(date.min, notice_id),) if notice_id else ()
        try:
            return self.desk.book(account_id, caller, act, needs=needs)
        except NotFoundError:
            ended = self._ended(account_id, task_id)
            if ended is None:
                raise
            because = ended.because.replace("_", " ")
            detail = f"the task was closed on {ended.on}: {because}"
            raise ConflictError(detail) from None

    def _ended(self, account_id: str, task_id: str) -> TaskEnded | None:
        """Return how a task ended that is open no more, if that was among the last 100 changes."""
        before = ""
        for _ in range(READS_MAX):
            page = self.desk.accounts.timeline(account_id, before, CHANGES_PER_READ)
            for lines in page.rows:
                for effect in lines.effects:
                    if isinstance(effect, TaskEnded) and effect.id == task_id:
                        return effect
            if page.mark is None:
                return None
            before = page.mark
        return None


def _open_task(account: Account, task_id: str, due_on: date | None) -> Task:
    task = account.tasks.get(task_id)
    if task is None:
        raise NotFoundError(f"account {account.id} has no open task {task_id[:200]!r}")
    where = answered_at(account, task)
    if where:
        raise ConflictError(f"no outcome completes this task: it closes with POST {where}")
    if due_on not in (None, task.due_on):  # the next call has the id of the one that was made
        raise ConflictError(f"the task that is open is due on {task.due_on}, not on {due_on}")
    return task


def _facts(account: Account, task: Task, said: Said, caller: Caller, today: date) -> Iterator[Fact]:
    """Yield what is to be booked: what was sent first, so that the task's end knows of it."""
    if task.kind == "send_invoice" and said.outcome == "sent":
        for name in invoices_sent(account, task, said):
            yield Delivery(said.posted_on or today, name)
    if task.kind == "send_letter":
        yield from _letter(account, task, said, today)
    back = said.call_back
    yield TaskCompleted(
        today,
        task.id,
        said.outcome,
        None if back is None else back.on,
        "" if back is None else back.part,
        "" if back is None else back.time,
    )
    promise, dispute = said.promise, said.dispute
    if promise is not None:
        person = caller.principal.person
        yield PromiseMade(
            today, promise.currency, promise.amount_minor, promise.by, promise.invoice_ids, person
        )
    if dispute is not None:
        invoice = account.invoices[dispute.invoice_id]
        check_dispute(invoice, dispute.amount_minor, dispute.currency)
        yield DisputeOpened(
            today,
            dispute.invoice_id,
            dispute.amount_minor,
            dispute.reason_code,
            reference=dispute.reference,
            opened_by=caller.principal.id,
        )
    if task.kind == "call" and ends_waiting(account, _activity(said), today, today):
        yield BlockEnded(today, WAITING)


def _letter(account: Account, task: Task, said: Said, today: date) -> Iterator[Fact]:
    """Yield that a letter counts as sent, or that what it told of is owed again (R11.1, R11.2)."""
    notice_id = notice_of(account.id, task.id)
    if notice_id not in account.notices:
        return
    if said.outcome == "sent" and said.posted_on is not None:
        yield NoticeCounted(said.posted_on, notice_id)
    else:
        yield NoticeCancelled(today, notice_id)


def _activity(said: Said) -> Activity:
    return Activity("call", "out", said.outcome, said.contact_id, note=said.note)


def _events(
    account: Account, task: Task, said: Said, caller: Caller, today: date
) -> Iterator[Event]:
    """Yield the timeline's lines: the contact that a call was, the task, and what came of it."""
    figures = {"task": task.kind, "outcome": said.outcome}
    note = said.note
    if task.kind == "call":
        contact = {"channel": "call", "direction": "out", "outcome": said.outcome}
        about = {"note": note, "on": today.isoformat(), **contact}
        yield event_of(caller, today, "activity", said.contact_id, **about)
        note = ""  # it is told once
    if said.call_back is not None:
        back = said.call_back
        figures |= {"call_back_on": back.on.isoformat(), "call_back": back.time or back.part}
    if said.posted_on is not None:
        figures["posted_on"] = said.posted_on.isoformat()
    yield event_of(caller, today, "task_completed", task.id, note=note, **figures)
    yield from _agreed(account, said, caller, today)
    if task.kind == "send_invoice" and said.outcome == "sent":
        delivered_on = (said.posted_on or today).isoformat()
        for name in invoices_sent(account, task, said):
            yield event_of(caller, today, "invoice_delivered", name, delivered_on=delivered_on)


def _agreed(account: Account, said: Said, caller: Caller, today: date) -> Iterator[Event]:
    promise, dispute = said.promise, said.dispute
    if promise is not None:
        figures = {
            "amount_minor": str(promise.amount_minor),
            "currency": promise.currency,
            "by": promise.by.isoformat(),
        }
        promise_id = next_promise_id(account.promises, today)
        yield event_of(caller, today, "promise_made", promise_id, **figures)
    if dispute is not None:
        invoice = account.invoices[dispute.invoice_id]
        amount = invoice.open_minor if dispute.amount_minor is None else dispute.amount_minor
        figures = {"disputed_minor": str(amount), "currency": invoice.currency}
        if dispute.reference:
            figures["reference"] = dispute.reference
        said_so = {"reason_code": dispute.reason_code, "note": said.note, **figures}
        yield event_of(caller, today, "dispute_opened", dispute.invoice_id, **said_so)


def _answer(
    before: Account, task: Task, said: Said, booking: Booking, today: date
) -> dict[str, Any]:
    """Return the task as it was done, the tasks that are next, and what was made."""
    after = booking.account
    opened = [effect.id for effect in booking.effects if isinstance(effect, TaskMade)]
    following = [after.tasks[name] for name in dict.fromkeys(opened) if name in after.tasks]
    old = {one.id for one in before.promises}
    promise = next((one for one in after.promises if one.id not in old), None)
    made: dict[str, Any] = {
        "promise_id": None if promise is None else promise.id,
        "promise_needs_approval": None if promise is None else promise.needs_approval,
        "dispute_id": next(iter(sorted(after.disputes.keys() - before.disputes.keys())), None),
        "delivered_invoice_ids": [],
        "counted_notice_id": None,
        "cancelled_notice_id": None,
    }
    if task.kind == "send_invoice" and said.outcome == "sent":
        made["delivered_invoice_ids"] = list(invoices_sent(before, task, said))
    notice_id = notice_of(before.id, task.id)
    if notice_id in before.notices:
        name = "counted_notice_id" if said.outcome == "sent" else "cancelled_notice_id"
        made[name] = notice_id
    return {
        "task": {
            **task_values(before, task, today),
            "outcome": said.outcome,
            "completed_on": today.isoformat(),
        },
        "next_tasks": [task_values(after, one, today) for one in following],
        "made": made,
        "unreached_calls": after.unreached_calls,
    }
