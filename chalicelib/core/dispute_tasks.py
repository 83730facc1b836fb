"""Tasks for the owners of disputes, and who the owners are (section 1, R5.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import Task
from chalicelib.core.assignees import collector_for, sales_owner_for
from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.disputes import COLLECTOR, OWNERS_BY_REASON, SALES_OWNER, Dispute, task_of
from chalicelib.core.policy import Policy

_REASONS = {
    "returned_goods": "goods were returned",
    "awaiting_credit": "a credit note is awaited",
    "pricing": "the price",
    "not_received": "nothing was received",
    "quality": "the quality",
    "duplicate": "it was invoiced twice",
    "other": "no reason that has a code",
}


def ask_owners(book: Book, policy: Policy, found: Survey) -> None:
    """Ask the owner of each open dispute, once, to resolve it by its due date.

    What is past its date, or has none, is due at once: on the next business day.
    """
    if not book.disputes:
        return
    today, known = found.today, dict[str, str]()  # who owns what has a reason, looked up once
    for dispute in [d for d in book.disputes.values() if d.is_open and not d.is_asked]:
        reason, owner = dispute.reason_code, dispute.owner
        if not owner:
            owner = known.get(reason) or owner_of(book, policy, reason, "", today)
            known[reason] = owner
        due_on = policy.calendar.business_day_from(max(dispute.due_on or today, today))
        task = Task(
            task_of(book.account_id, dispute.invoice_id),
            "review_account",
            due_on,
            _why(book, dispute, policy),
            owner,
            (dispute.invoice_id,),
            subject=dispute.id,
        )
        book.open_task(task, today)
        book.put_dispute(replace(dispute, owner=owner, is_asked=True))


def owner_of(book: Book, policy: Policy, reason_code: str, said: str, today: date) -> str:
    """Return the person who owns a dispute: who was said, else as the policy says for its reason.

    The words `collector` and `sales_owner` stand for the account's; without a sales owner it is the
    collector (R6.1). Empty when the policy names nobody.
    """
    default = OWNERS_BY_REASON.get(reason_code, COLLECTOR)
    owner = said or policy.disputes.owners.get(reason_code, default)
    if owner == SALES_OWNER:
        return sales_owner_for(book, policy, today)
    return collector_for(book, policy, today) if owner == COLLECTOR else owner


def _why(book: Book, dispute: Dispute, policy: Policy) -> str:
    invoice = book.invoices[dispute.invoice_id]
    disputed = policy.amount_in_words(invoice.disputed_minor, dispute.currency)
    part = "" if invoice.disputed_minor == invoice.open_minor else f" {disputed} of"
    said = _REASONS.get(dispute.reason_code, dispute.reason_code)
    if dispute.reason_code == "returned_goods":
        said += f" (return {dispute.reference or 'number not known'})"
    elif dispute.reference:
        said += f" (reference {dispute.reference})"
    whole = "" if part else f", all {disputed} of it"
    return f"The customer disputes{part} invoice {invoice.id}{whole}: {said}. Say who is right."
