"""Past-due invoices that were never sent to the customer: they are sent first, not dunned (R5.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import Task
from chalicelib.core.assignees import BILLING, collector_for
from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.policy import Policy


def ask_to_send(book: Book, policy: Policy, found: Survey, wanted: date) -> None:
    """Open the account's one task to send them, or make the open one say how many there are now.

    More than `[dunning].bulk_send_over` go to billing, else to the collector. It falls due on the
    first business day from `wanted` on; with nothing left to send it is closed.
    """
    names = tuple(i.id for i in found.past_due if "not_delivered" in found.own.get(i.id, ()))
    task_id = f"{book.account_id}:send_invoice"
    there = book.tasks.get(task_id)
    if not names:
        book.close_task(task_id, found.today, "nothing_to_send")
        return
    bulk = policy.dunning.bulk_send_over
    is_bulk = bulk is not None and len(names) > bulk
    assignee = BILLING if is_bulk else collector_for(book, policy, found.today)
    said = "invoice was" if len(names) == 1 else "invoices were"
    why = f"{len(names)} past-due {said} never sent to the customer."
    due_on = policy.calendar.business_day_from(wanted)
    task = Task(task_id, "send_invoice", due_on, why, assignee, names)
    if there is None:
        book.open_task(task, found.today)
    else:
        book.tasks[task_id] = replace(task, due_on=there.due_on, opened_on=there.opened_on)
