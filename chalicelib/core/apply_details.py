"""What is booked of an account beside its money: who it is, its contacts, pauses and blocks."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.account import OTHER, Mark, PausedSpan
from chalicelib.core.address_marks import change_details, save_contact
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.erasure import erase_contact, is_erased
from chalicelib.core.facts import BlockEnded, BlockSet, Pause
from chalicelib.core.facts_details import (
    ContactErased,
    ContactRemoved,
    ContactSaved,
    DetailsChanged,
    DetailsFact,
    PauseEnded,
)
from chalicelib.core.suspensions import remember_rest, rest_of_mark


def book_details(book: Book, fact: DetailsFact) -> None:
    """Book a fact about who the account is, its contacts, or the end of a pause."""
    match fact:
        case DetailsChanged():
            change_details(book, fact)
        case ContactSaved():
            save_contact(book, fact)
        case ContactRemoved():
            remove_contact(book, fact)
        case ContactErased():
            erase_contact(book, fact)
        case PauseEnded():
            end_pauses(book, fact)


def book_block(book: Book, fact: Pause | BlockSet | BlockEnded) -> None:
    """Book a block that is said from outside, or its end (R5.5)."""
    match fact:
        case Pause():
            pause(book, fact)
        case BlockSet():
            set_block(book, fact)
        case BlockEnded():
            end_block(book, fact)


def remove_contact(book: Book, fact: ContactRemoved) -> None:
    """Take a contact away; what referred to it keeps its id. What is left of an erased one stays."""
    book.contact_people = {
        name: contact
        for name, contact in book.contact_people.items()
        if name != fact.contact_id or is_erased(contact)
    }


def pause(book: Book, fact: Pause) -> None:
    """Pause the account, or one invoice of it, through a day (R5.5)."""
    span = PausedSpan(fact.until, fact.invoice_id, fact.on, fact.reason)
    book.pauses = (*book.pauses, span)


def end_pauses(book: Book, fact: PauseEnded) -> None:
    """End the pauses of one invoice, or those of the whole account; the others stay."""
    book.pauses = tuple(span for span in book.pauses if span.invoice_id != fact.invoice_id)


def set_block(book: Book, fact: BlockSet) -> None:
    """Put a block on the account, one of its currencies, or some of its invoices (R5.5)."""
    names = frozenset(fact.invoice_ids)
    mark = Mark(fact.block, names, fact.currency, fact.until, fact.on, fact.reason, fact.reference)
    book.marks = (*book.marks, mark)


def end_block(book: Book, fact: BlockEnded) -> None:
    """End an imported block, for the named invoices or wholly, and of one reason if it names one.

    The days on which it made interest rest, through the day before, are kept (R4.3).
    """
    kept = []
    for mark in book.marks:
        left = mark.invoice_ids - set(fact.invoice_ids) if fact.invoice_ids else frozenset()
        is_other = fact.reason and (mark.reason or OTHER) != fact.reason
        if mark.block != fact.block or is_other or (left and left == mark.invoice_ids):
            kept.append(mark)
            continue
        ended = replace(mark, invoice_ids=mark.invoice_ids - left)
        if left:
            kept.append(replace(mark, invoice_ids=left))
        for rest in rest_of_mark(ended):
            remember_rest(book, rest, fact.on - ONE_DAY)
    book.marks = tuple(kept)
