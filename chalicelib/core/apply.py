"""`apply`: book what a person or system says, and its direct consequences. It decides nothing (R5.10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.core import (
    apply_bounce,
    apply_cash,
    apply_charges,
    apply_collections,
    apply_details,
    apply_disputes,
    apply_endings,
    apply_external,
    apply_holds,
    apply_letters,
    apply_notices,
    apply_placements,
)
from chalicelib.core.account import Account
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
from chalicelib.core.facts_collections import CollectionsFact
from chalicelib.core.facts_details import DetailsFact
from chalicelib.core.facts_holds import HoldFact
from chalicelib.core.facts_letters import LetterFact
from chalicelib.core.facts_placements import PlacementFact
from chalicelib.core.invoice import Invoice
from chalicelib.core.placement_money import follow_blocks, follow_placements, watch_placements
from chalicelib.core.plan_money import follow, watch
from chalicelib.core.policy import Policy
from chalicelib.core.promises import make_promise


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


def book_fact(book: Book, fact: Fact, policy: Policy) -> None:
    """Book one fact on a working copy. A fact about an invoice that is not open changes nothing.

    What it did to the balance of what is placed, the placement follows (R10.4), which may give up
    what is left of it (R10.7); the instalments of a payment plan follow the balance of what it
    covers (R9.4).
    """
    watched = watch(book, fact) if book.plans else None
    before = watch_placements(book) if book.placements else None
    _book_one(book, fact, policy)
    if before is not None:
        follow_placements(book, fact, policy, before)
    if book.disputes_moved:
        apply_disputes.follow_disputes(book, fact.on, policy)
    if watched is not None:
        follow(book, fact, watched)
    if book.placements:
        follow_blocks(book, fact, policy)


def _book_one(book: Book, fact: Fact, policy: Policy) -> None:  # noqa: C901, PLR0912, PLR0915 - one flat table
    if isinstance(fact, CollectionsFact):
        apply_collections.book_collections_fact(book, fact, policy)
        return
    if isinstance(fact, HoldFact):
        apply_holds.book_hold_fact(book, fact)
        return
    if isinstance(fact, DetailsFact):
        apply_details.book_details(book, fact)
        return
    if isinstance(fact, PlacementFact):
        apply_placements.book_placement_fact(book, fact, policy)
        return
    if isinstance(fact, LetterFact):
        apply_letters.book_letter_fact(book, fact, policy)
        return
    match fact:
        case InvoiceIssued():
            take_in(book, fact, policy)
        case Delivery():
            _deliver(book, fact, policy)
        case DisputeOpened():
            apply_disputes.open_dispute(book, fact, policy)
        case DisputeResolved():
            apply_disputes.resolve_dispute(book, fact)
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
            apply_collections.take_contact(book, fact, policy)
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
            apply_charges.reinstate_charge(book, fact, policy)
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
            apply_collections.open_given_task(book, fact, policy)
        case TaskClosed():
            book.close_task(fact.task_id, fact.on, "closed")


def take_in(book: Book, fact: InvoiceIssued, policy: Policy) -> None:
    """Take an invoice in once; money that named it before it was there is applied now (R7.1)."""
    if book.find(fact.invoice_id) is not None:
        return
    disputed = min(fact.disputed_minor, fact.open_minor)
    invoice = book.put(
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
    if disputed:
        apply_disputes.take_in_disputed(book, invoice, fact.on, policy)
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


def _extend(book: Book, fact: Extension) -> None:
    """A term extension moves the effective due date; applied stages stay applied (R5.9)."""
    invoice = book.find(fact.invoice_id)
    if invoice is not None:
        book.move_due_date(
            invoice.having(extended_due_on=fact.due_on, effective_due_on=fact.due_on)
        )
