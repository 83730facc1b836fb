"""What customers object to, and how it ended (R5.5, section 1)."""

from __future__ import annotations

from chalicelib.core import apply_bounce
from chalicelib.core.allocation import settle
from chalicelib.core.book import Book
from chalicelib.core.facts import DisputeOpened, DisputeResolved
from chalicelib.core.policy import Policy


def open_dispute(book: Book, fact: DisputeOpened, policy: Policy) -> None:
    """A dispute covers the amount it names, or all that is open; a later one takes its place."""
    invoice = book.invoices.get(fact.invoice_id)
    if invoice is None or invoice.open_minor == 0:
        return
    amount = invoice.open_minor if fact.amount_minor is None else fact.amount_minor
    disputed = min(amount, invoice.open_minor)
    apply_bounce.forget_dispute(book, invoice.id)
    book.put(invoice.having(disputed_minor=disputed, dispute_won=False, was_disputed=True))


def resolve_dispute(book: Book, fact: DisputeResolved) -> None:
    """Lost: the part is owed again. Won: it stays out of dunning until its credit note comes."""
    invoice = book.find(fact.invoice_id)
    if invoice is None or not invoice.was_disputed:
        return
    if fact.outcome == "lost":
        book.count_dispute("lost")
        apply_bounce.forget_dispute(book, invoice.id)
        lost = invoice.having(disputed_minor=0, dispute_won=False, was_disputed=False)
        settle(book, book.put(lost))
    elif invoice.disputed_minor:
        if not invoice.dispute_won:
            book.count_dispute("won")
        book.put(invoice.having(dispute_won=True))
