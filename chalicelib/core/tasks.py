"""Tasks that a decision opens: something a person must do by a date (R5.5, R5.8, R6.2)."""

from __future__ import annotations

from chalicelib.core.account import Notice, Task
from chalicelib.core.assignees import collector_for, follow_collector
from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.calls import ask_for_calls
from chalicelib.core.dispute_tasks import ask_owners
from chalicelib.core.notice_tasks import close_moot_notices
from chalicelib.core.policy import Policy
from chalicelib.core.promises import ask_confirmations
from chalicelib.core.send_invoices import ask_to_send


def open_tasks(book: Book, policy: Policy, found: Survey, notices: list[Notice]) -> None:
    """Open what today asks of people; one open task per account and meaning.

    What was asked about letters that have nothing more to say ends first.
    """
    close_moot_notices(book, found.today)
    ask_confirmations(book, policy, found.today)
    ask_owners(book, policy, found)
    if book.tasks or found.currency or found.own:
        _cash_to_apply(book, policy, found)
        ask_to_send(book, policy, found, found.today)
    ask_for_calls(book, policy, found, notices)
    if book.tasks:
        follow_collector(book, policy, found.today)


def _cash_to_apply(book: Book, policy: Policy, found: Survey) -> None:
    """Unapplied cash covers what is demandable: someone applies it (R5.8)."""
    for currency in sorted(book.unapplied):
        task_id = f"{book.account_id}:review_account:cash_covers:{currency}"
        if "cash_covers" not in found.currency.get(currency, ()):
            book.close_task(task_id, found.today, "nothing_to_apply")
            continue
        due_on = policy.calendar.business_day_from(found.today)
        why = f"Unapplied cash in {currency} covers what is past due: apply it."
        collector = collector_for(book, policy, found.today)
        book.open_task(Task(task_id, "review_account", due_on, why, collector), found.today)
