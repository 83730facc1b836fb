"""`apply`: book what a person or system says, and its direct consequences. It decides nothing (R5.10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.core import (
    apply_bounce,
    apply_cash,
    apply_charges,
    apply_details,
    apply_endings,
    apply_external,
    apply_holds,
    apply_notices,
)
from chalicelib.core.account import Account, Task
from chalicelib.core.allocation import settle
from chalicelib.core.book import Book
from chalicelib.core.effects import Effect, Entry
from chalicelib.core.facts import (
    BlockEnded,
    BlockSet,
    CashApplied,
    ChargeReinstated,
    ChargeWaived,
    Contact,
    CreditNote,
    Delivery,
    DisputeOpened,
    DisputeResolved,
    Extension,
    ExternalOpen,
    Fact,
    HoldReleased,
    InvoiceCorrected,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    NoticeCancelled,
    NoticeCounted,
    NoticeMoved,
    Pause,
    Payment,
    PaymentReversed,
    PromiseMade,
    TaskClosed,
    TaskOpened,
)
from chalicelib.core.facts_details import DetailsFact
from chalicelib.core.facts_holds import HoldFact
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy
from chalicelib.core.promises import make_promise

CALL_CHANNELS = frozenset({"call", "phone"})


@dataclass(frozen=True, slots=True)
class Booking:
    """An account after facts were booked, with the effects and ledger entries they made."""

    account: Account
    effects: tuple[Effect, ...]
    entries: tuple[Entry, ...]


def apply(account: Account, fact: Fact, policy: Policy) -> Booking:
    """Return the account with one fact booked. What is already booked is booked once (R7.1)."""
    return apply_all(account, (fact,), policy)


def apply_all(account: Account, facts: Iterable[Fact], policy: Policy) -> Booking:
    """Return the account with facts booked in the order given (R5.10 is `facts.day_order`)."""
    book = Book(account)
    for fact in facts:
        book_fact(book, fact, policy)
    return Booking(book.freeze(), tuple(book.effects), tuple(book.entries))


def book_fact(book: Book, fact: Fact, policy: Policy) -> None:  # noqa: C901, PLR0912, PLR0915 - one flat table
    """Book one fact on a working copy. A fact about an invoice that is not open changes nothing."""
    if isinstance(fact, HoldFact):
        apply_holds.book_hold_fact(book, fact)
        return
    if isinstance(fact, DetailsFact):
        apply_details.book_details(book, fact)
        return
    match fact:
        case InvoiceIssued():
            take_in(book, fact, policy)
        case Delivery():
            _deliver(book, fact, policy)
        case DisputeOpened():
            _dispute(book, fact)
        case DisputeResolved():
            _resolve_dispute(book, fact)
        case Pause() | BlockSet() | BlockEnded():
            apply_details.book_block(book, fact)
        case PromiseMade():
            make_promise(book, fact, policy)
        case Extension():
            _extend(book, fact)
        case InvoiceCorrected():
            apply_external.correct_invoice(book, fact)
        case ExternalOpen():
            apply_external.state_open(book, fact, policy)
        case Contact():
            _contact(book, fact)
        case CreditNote():
            apply_cash.take_credit_note(book, fact)
        case Payment():
            apply_cash.take_payment(book, fact, policy)
        case CashApplied():
            apply_cash.apply_unapplied(book, fact, policy)
        case PaymentReversed():
            apply_bounce.reverse_payment(book, fact, policy)
        case InvoiceVoided():
            apply_endings.void_invoice(book, fact)
        case InvoiceWrittenOff():
            apply_endings.write_off_invoice(book, fact)
        case ChargeWaived():
            apply_charges.waive_charge(book, fact)
        case ChargeReinstated():
            apply_charges.reinstate_charge(book, fact)
        case NoticeCounted():
            apply_notices.count_notice(book, fact)
        case NoticeMoved():
            apply_notices.move_notice(book, fact)
        case NoticeCancelled():
            apply_notices.cancel_notice(book, fact)
        case HoldReleased():
            book.holds.pop(fact.reason, None)
            book.hold_reviews -= {fact.reason}
        case TaskOpened():
            book.open_task(
                Task(
                    fact.task_id,
                    fact.kind,
                    fact.due_on,
                    fact.why,
                    fact.assignee,
                    fact.invoice_ids,
                )
            )
        case TaskClosed():
            book.tasks.pop(fact.task_id, None)


def take_in(book: Book, fact: InvoiceIssued, policy: Policy) -> None:
    """Take an invoice in once; money that named it before it was there is applied now (R7.1)."""
    if book.find(fact.invoice_id) is not None:
        return
    disputed = min(fact.disputed_minor, fact.open_minor)
    book.put(
        Invoice(
            id=fact.invoice_id,
            currency=fact.currency,
            amount_minor=fact.amount_minor,
            opened_minor=fact.open_minor,
            open_minor=fact.open_minor,
            issued_on=fact.issued_on,
            due_on=fact.due_on,
            seen_on=fact.seen_on,
            effective_due_on=fact.extended_due_on or fact.due_on,
            delivered_on=fact.delivered_on,
            extended_due_on=fact.extended_due_on,
            advanced_minor=min(fact.advanced_minor, fact.open_minor),
            disputed_minor=disputed,
            was_disputed=disputed > 0,
            po_number=fact.po_number,
            digest=fact.digest,
        )
    )
    kind = "invoice" if fact.open_minor == fact.amount_minor else "opening"
    if fact.open_minor:
        book.enter(
            Entry(
                kind,
                fact.on,
                fact.issued_on,
                fact.currency,
                fact.open_minor,
                fact.invoice_id,
                fact.invoice_id,
            )
        )
    apply_cash.apply_waiting_money(book, fact, policy)


def _deliver(book: Book, fact: Delivery, policy: Policy) -> None:
    """The first delivery ends `not_delivered`, and may move the effective due date (R5.5)."""
    invoice = book.find(fact.invoice_id)
    if invoice is None or invoice.delivered_on is not None:
        return
    moved = timedelta(0)
    if policy.dunning.count_from_delivery:
        moved = max(fact.on - invoice.issued_on, timedelta(0))
    effective = invoice.effective_due_on + moved
    book.move_due_date(invoice.having(delivered_on=fact.on, effective_due_on=effective))


def _dispute(book: Book, fact: DisputeOpened) -> None:
    """A dispute covers the amount it names, or all that is open; a later one takes its place."""
    invoice = book.invoices.get(fact.invoice_id)
    if invoice is None or invoice.open_minor == 0:
        return
    amount = invoice.open_minor if fact.amount_minor is None else fact.amount_minor
    disputed = min(amount, invoice.open_minor)
    apply_bounce.forget_dispute(book, invoice.id)
    book.put(invoice.having(disputed_minor=disputed, dispute_won=False, was_disputed=True))


def _resolve_dispute(book: Book, fact: DisputeResolved) -> None:
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


def _extend(book: Book, fact: Extension) -> None:
    """A term extension moves the effective due date; applied stages stay applied (R5.9)."""
    invoice = book.find(fact.invoice_id)
    if invoice is not None:
        book.move_due_date(
            invoice.having(extended_due_on=fact.due_on, effective_due_on=fact.due_on)
        )


def _contact(book: Book, fact: Contact) -> None:
    """An inbound contact answers the final demands so far (R8.1); a call counts for the guard."""
    if fact.direction == "out":
        if fact.channel in CALL_CHANNELS:
            book.contacts = (*book.contacts, fact.on)
        return
    for invoice in list(book.invoices.values()):
        demand = invoice.final_demand
        if demand is not None and demand.noticed_on <= fact.on and not demand.answered:
            book.put(invoice.having(final_demand=replace(demand, answered=True)))
