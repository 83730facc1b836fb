"""Who owns a task when everybody is in: the collector, or the sales owner (R6.1, R6.3).

Who stands in for somebody who is away is found when a worklist is read.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.book import Book
from chalicelib.core.money import add
from chalicelib.core.people import collector_of
from chalicelib.core.policy import Policy

BILLING = "billing"  # the role that sends invoices in bulk (R5.5)
COLLECTORS_KINDS = frozenset(
    {"call", "confirm_payment", "send_invoice", "send_letter", "review_notice"}
)
SALES_KINDS = frozenset({"find_contact", "consult_owner"})
# Of the reviews, those that this core asks for about money and holds; others have their own owners.
COLLECTORS_REVIEWS = ("cash_covers:", "hold:", "release:")


def collector_for(book: Book, policy: Policy, today: date) -> str:
    """Return who collects from the account when everybody is in, "" if the policy names nobody.

    The named collector, else that of the tier of the past-due total (R6.1).
    """
    named = book.details.collector
    if named or not policy.people.tiers:
        return collector_of(policy.people, {}, named=named)
    known = book.collector_known
    if known is not None and known[0] == today:
        return known[1]
    totals: dict[str, int] = {}
    for invoice in book.invoices.values():
        if invoice.is_past_due(today):
            add(totals, invoice.currency, invoice.open_minor)
        if invoice.charges and invoice.open_charges_minor:
            add(totals, invoice.currency, invoice.open_charges_minor)
    person = collector_of(policy.people, totals)
    book.collector_known = (today, person)
    return person


def sales_owner_for(book: Book, policy: Policy, today: date) -> str:
    """Return the account's sales owner; where there is none, its collector (R6.3)."""
    return book.details.sales_owner or collector_for(book, policy, today)


def owner_of(book: Book, policy: Policy, kind: str, today: date) -> str:
    """Return who owns a task of a kind that names nobody: sales, or the collector."""
    if kind in SALES_KINDS:
        return sales_owner_for(book, policy, today)
    return collector_for(book, policy, today)


def follow_collector(book: Book, policy: Policy, today: date) -> None:
    """Give the collector's open tasks to whoever collects now; that is no effect (R6.1).

    Tasks of the sales owner, of billing, of a dispute's owner and of an approver stay.
    """
    mine = [task for task in book.tasks.values() if _is_collectors(book, task.id, task.kind)]
    mine = [task for task in mine if task.assignee != BILLING]
    if not mine:
        return
    collector = collector_for(book, policy, today)
    for task in mine:
        if collector and task.assignee != collector:
            book.tasks[task.id] = replace(task, assignee=collector)


def _is_collectors(book: Book, task_id: str, kind: str) -> bool:
    if kind in COLLECTORS_KINDS:
        return True
    about = task_id.removeprefix(f"{book.account_id}:review_account:")
    return kind == "review_account" and about.startswith(COLLECTORS_REVIEWS)
