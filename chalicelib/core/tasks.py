"""Tasks that a decision opens: something a person must do by a date (R5.5, R5.8, R6.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.core.account import Notice, Task
from chalicelib.core.blocks import Survey, past_due_totals
from chalicelib.core.book import Book
from chalicelib.core.dispute_tasks import ask_owners
from chalicelib.core.people import collector_of
from chalicelib.core.policy import Policy
from chalicelib.core.promises import ask_confirmations

ONE_DAY = timedelta(days=1)


def open_tasks(book: Book, policy: Policy, found: Survey, notices: list[Notice]) -> None:
    """Open what today asks of people; one open task per account and meaning."""
    ask_confirmations(book, policy, found.today)
    ask_owners(book, policy, found)
    if book.tasks or found.currency or found.own:
        _cash_to_apply(book, policy, found)
        _invoices_to_send(book, policy, found)
    if any(policy.stage_by_id[notice.stage].call for notice in notices):
        collector = collector_of(
            policy.people,
            past_due_totals(book, found),
            named=book.account.details.collector,
            today=found.today,
        )
        due_on = policy.calendar.business_day_from(found.today + ONE_DAY)
        names = tuple(name for notice in notices for name in notice.invoice_ids)
        task_id = f"{book.account_id}:call"
        why = "A notice was created whose stage asks for a call."
        book.open_task(Task(task_id, "call", due_on, why, collector, names), found.today)


def _cash_to_apply(book: Book, policy: Policy, found: Survey) -> None:
    """Unapplied cash covers what is demandable: someone applies it (R5.8)."""
    for currency in sorted(book.unapplied):
        task_id = f"{book.account_id}:review_account:cash_covers:{currency}"
        if "cash_covers" not in found.currency.get(currency, ()):
            book.close_task(task_id, found.today, "nothing_to_apply")
            continue
        due_on = policy.calendar.business_day_from(found.today)
        why = f"Unapplied cash in {currency} covers what is past due: apply it."
        book.open_task(Task(task_id, "review_account", due_on, why), found.today)


def _invoices_to_send(book: Book, policy: Policy, found: Survey) -> None:
    """Past-due invoices that were never sent are sent first, not dunned (R5.5)."""
    names = tuple(i.id for i in found.past_due if "not_delivered" in found.own.get(i.id, ()))
    task_id = f"{book.account_id}:send_invoice"
    if not names:
        book.close_task(task_id, found.today, "nothing_to_send")
        return
    bulk = policy.dunning.bulk_send_over
    assignee = "billing" if bulk is not None and len(names) > bulk else ""
    due_on = policy.calendar.business_day_from(found.today)
    why = f"{len(names)} past-due invoices were never sent to the customer."
    task = Task(task_id, "send_invoice", due_on, why, assignee, names)
    open_already = book.tasks.get(task_id)
    if open_already is None:
        book.open_task(task, found.today)
    else:
        book.tasks[task_id] = replace(
            task, due_on=open_already.due_on, opened_on=open_already.opened_on
        )
