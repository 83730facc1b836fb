"""What customers object to, and how it ended (R5.5, section 1).

An invoice's `disputed_minor` is what blocks and money go by. Beside it stands one `Dispute` at a
time, named by the invoice's `dispute_id`: it stands exactly as long as something is disputed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.core import apply_bounce
from chalicelib.core.book import Book
from chalicelib.core.dispute_tasks import owner_of
from chalicelib.core.disputes import CLOSED_KEPT, Closing, Dispute, Outcome, free_id, task_of
from chalicelib.core.facts import DisputeOpened, DisputeResolved
from chalicelib.core.facts_collections import DisputeReassigned
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy
from chalicelib.core.principal import settle

_CLOSINGS: dict[str, Closing] = {
    "payment": "paid",
    "credit_note": "credited",
    "write_off": "written_off",
    "void": "voided",
}


def open_dispute(book: Book, fact: DisputeOpened, policy: Policy) -> None:
    """A dispute covers the amount it names, or all that is open; a later one takes its place.

    Its owner and its due date are those given, else the policy's (`[disputes]`). A ledger that says
    nothing but an amount moves that of an open dispute, so that who works on it goes on.
    """
    invoice = book.invoices.get(fact.invoice_id)
    if invoice is None or invoice.open_minor == 0:
        return
    amount = invoice.open_minor if fact.amount_minor is None else fact.amount_minor
    disputed = min(amount, invoice.open_minor)
    apply_bounce.forget_dispute(book, invoice.id)
    standing = book.disputes.get(invoice.dispute_id)
    if standing is not None and standing.is_open and _says_only_an_amount(fact):
        book.put_dispute(replace(standing, amount_minor=disputed))
        book.put(invoice.having(disputed_minor=disputed))
        return
    if standing is not None and standing.stands:
        _close(book, standing, fact.on, "replaced")
    dispute = replace(
        _new(book, invoice, disputed, fact.on, policy),
        reason_code=fact.reason,
        owner=owner_of(book, policy, fact.reason, fact.owner, fact.on),
        reference=fact.reference,
        opened_by=fact.opened_by,
    )
    if fact.due_on is not None:
        dispute = replace(dispute, due_on=fact.due_on)
    book.put_dispute(dispute)
    book.put(
        invoice.having(
            disputed_minor=disputed, dispute_won=False, was_disputed=True, dispute_id=dispute.id
        )
    )
    _forget_the_oldest(book)


def take_in_disputed(book: Book, invoice: Invoice, on: date, policy: Policy) -> None:
    """Make a dispute of what a ledger says is disputed of an invoice that it brings in.

    Its reason is `other`; who owns it is looked up when they are asked.
    """
    dispute = _new(book, invoice, invoice.disputed_minor, on, policy)
    book.put_dispute(dispute)
    book.put(invoice.having(dispute_id=dispute.id))


def resolve_dispute(book: Book, fact: DisputeResolved) -> None:
    """End a dispute. Lost: the part is owed again. Won: it awaits its credit note, out of dunning.

    Partly: what was won awaits it, the rest is owed again (R5.5, R5.6). "Partly" with nothing won
    is lost, with all of it won. What is resolved again counts once, as it was resolved last.
    """
    invoice = book.find(fact.invoice_id)
    if invoice is None or not invoice.was_disputed:
        return
    won, outcome = _what_was_won(invoice, fact)
    if outcome == "lost":
        _record(book, invoice, outcome, 0, fact.on)
        apply_bounce.forget_dispute(book, invoice.id)
        lost = invoice.having(
            disputed_minor=0, dispute_won=False, was_disputed=False, dispute_id=""
        )
        book.put(lost)
        if not lost.voided:
            settle(book, lost)
    elif invoice.disputed_minor:
        _record(book, invoice, outcome, won, fact.on)
        if outcome == "partly":
            apply_bounce.forget_dispute(book, invoice.id)
        book.put(invoice.having(disputed_minor=won, dispute_won=True))


def reassign_dispute(book: Book, fact: DisputeReassigned, policy: Policy) -> None:
    """Give an open dispute to somebody else, or another due date; its task goes with it.

    Where the task was done without an end of the dispute, the owner is asked anew.
    """
    dispute = book.disputes.get(fact.dispute_id)
    if dispute is None or not dispute.is_open:
        return
    owner = dispute.owner
    if fact.owner:
        owner = owner_of(book, policy, dispute.reason_code, fact.owner, fact.on)
    due_on = fact.due_on or dispute.due_on
    task_id = task_of(book.account_id, dispute.invoice_id)
    task = book.tasks.get(task_id)
    if task is not None:
        day = task.due_on
        if fact.due_on is not None:
            day = policy.calendar.business_day_from(fact.due_on)
        book.tasks[task_id] = replace(task, assignee=owner, due_on=day)
    book.put_dispute(
        replace(dispute, owner=owner, due_on=due_on, is_asked=dispute.is_asked and task is not None)
    )


def follow_disputes(book: Book, on: date, policy: Policy) -> None:
    """Close disputes of which money, a credit note or a void took the last; bring back what bounced.

    A bounced payment that had paid what was disputed opens the dispute again (R7.4), and its owner
    is asked again.
    """
    for invoice_id, what in book.disputes_moved.items():
        invoice = book.find(invoice_id)
        if invoice is None:
            continue
        dispute = book.disputes.get(invoice.dispute_id)
        if invoice.disputed_minor == 0:
            if dispute is not None and dispute.stands:
                _close(book, dispute, on, _CLOSINGS.get(what, "paid"))
        elif dispute is None:  # forgotten, or from before disputes were kept
            take_in_disputed(book, invoice, on, policy)
        elif not dispute.stands:
            book.put_dispute(replace(dispute, closed_on=None, closed_because="", is_asked=False))
        elif dispute.amount_minor < invoice.disputed_minor:  # another part of a forgotten one
            book.put_dispute(replace(dispute, amount_minor=invoice.disputed_minor))
    book.disputes_moved = {}
    _forget_the_oldest(book)


def _new(book: Book, invoice: Invoice, disputed_minor: int, on: date, policy: Policy) -> Dispute:
    due_days = policy.disputes.due_days
    due_on = None
    if due_days is not None:
        due_on = policy.calendar.business_day_from(on + timedelta(days=due_days))
    identity = free_id(book.disputes, invoice.id, on)
    return Dispute(identity, invoice.id, invoice.currency, disputed_minor, on, due_on=due_on)


def _says_only_an_amount(fact: DisputeOpened) -> bool:
    said = DisputeOpened(fact.on, fact.invoice_id, fact.amount_minor)
    return fact.amount_minor is not None and fact == said


def _what_was_won(invoice: Invoice, fact: DisputeResolved) -> tuple[int, Outcome]:
    """Return how much of what is disputed the customer won, and what that comes to."""
    disputed = invoice.disputed_minor
    if fact.outcome != "partly":
        return (disputed if fact.outcome == "won" else 0), fact.outcome
    won = min(max(fact.won_minor, 0), disputed)
    if 0 < won < disputed:
        return won, "partly"
    return won, ("won" if won else "lost")


def _record(book: Book, invoice: Invoice, outcome: Outcome, won_minor: int, on: date) -> None:
    """Count the outcome (R12.1), keep it with the dispute, and let its task be done."""
    dispute = book.disputes.get(invoice.dispute_id)
    before = dispute.outcome if dispute is not None else "won" if invoice.dispute_won else ""
    if before != outcome:
        if before:
            book.count_dispute(before, -1)
        book.count_dispute(outcome)
    if dispute is None:
        return
    resolved = replace(dispute, outcome=outcome, won_minor=won_minor, resolved_on=on)
    if outcome == "lost" and resolved.stands:
        resolved = replace(resolved, closed_on=on, closed_because="lost")
    book.put_dispute(resolved)
    book.close_task(task_of(book.account_id, invoice.id), on, "resolved")
    _forget_the_oldest(book)


def _close(book: Book, dispute: Dispute, on: date, because: Closing) -> None:
    book.put_dispute(replace(dispute, closed_on=on, closed_because=because))
    task_id = task_of(book.account_id, dispute.invoice_id)
    book.close_task(task_id, on, "replaced" if because == "replaced" else "nothing_disputed")


def _forget_the_oldest(book: Book) -> None:
    """Keep the latest 50 of the disputes that are closed."""
    if len(book.disputes) <= CLOSED_KEPT:
        return
    closed = [dispute for dispute in book.disputes.values() if not dispute.stands]
    if len(closed) > CLOSED_KEPT:
        closed.sort(key=lambda dispute: dispute.closed_order)
        gone = {dispute.id for dispute in closed[:-CLOSED_KEPT]}
        book.disputes = {key: one for key, one in book.disputes.items() if key not in gone}
