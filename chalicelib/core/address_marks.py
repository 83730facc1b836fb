"""Marks of addresses: what the mail service does not take, nobody writes to any more (R11.2, R11.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import (
    BOUNCED,
    COMPLAINED,
    SUPPRESSED,
    ContactPerson,
    digest_of,
)
from chalicelib.core.addresses import is_address, refused_addresses
from chalicelib.core.book import Book
from chalicelib.core.erasure import is_erased, is_objected_to
from chalicelib.core.errors import ConflictError
from chalicelib.core.facts_details import ContactSaved, DetailsChanged
from chalicelib.core.facts_letters import MarkCleared

_RANKS = {"": 0, SUPPRESSED: 1, BOUNCED: 2, COMPLAINED: 3}  # a mark only ever moves up


def mark_address(book: Book, digest: str, mark: str, on: date) -> bool:
    """Mark an address wherever the account has it; return whether anybody has.

    The graver mark stays, and of the same one the first day: the order of events does not matter.
    """
    found = False
    for contact in list(book.contact_people.values()):
        if contact.email and digest_of(contact.email) == digest:
            found = True
            both = _graver((contact.mark, contact.marked_on), (mark, on))
            marked = replace(contact, mark=both[0], marked_on=both[1])
            book.contact_people = {**book.contact_people, contact.id: marked}
    details = book.details
    if details.email and digest_of(details.email) == digest:
        found = True
        both = _graver((details.email_mark, details.email_marked_on), (mark, on))
        book.details = replace(details, email_mark=both[0], email_marked_on=both[1])
    return found


def clear_mark(book: Book, fact: MarkCleared) -> None:
    """Let an address be written to again, wherever the account has it."""
    for contact in list(book.contact_people.values()):
        if contact.mark and digest_of(contact.email) == fact.digest:
            clean = replace(contact, mark="", marked_on=None)
            book.contact_people = {**book.contact_people, contact.id: clean}
    if book.details.email_mark and digest_of(book.details.email) == fact.digest:
        book.details = replace(book.details, email_mark="", email_marked_on=None)


def save_contact(book: Book, fact: ContactSaved) -> None:
    """Put a contact in its place; a mark stays with the same address, and goes with another one.

    An address that an erased person had objected to is marked from the start.

    Raises:
        ConflictError: the id is that of somebody erased, whom history refers to.
    """
    there, contact = book.contact_people.get(fact.contact.id), fact.contact
    if there is not None and is_erased(there):
        raise ConflictError(f"the contact {contact.id} was erased: a new one needs a new id")
    is_same = there is not None and there.email.lower() == contact.email.lower()
    if there is not None and is_same:
        contact = replace(contact, mark=there.mark, marked_on=there.marked_on)
    elif is_objected_to(book.contact_people.values(), contact.email):
        contact = replace(contact, mark=COMPLAINED, marked_on=fact.on)
    else:
        contact = replace(contact, mark="", marked_on=None)
    known = _addresses(book)
    book.contact_people = {**book.contact_people, contact.id: contact}
    _end_search(book, contact.email, known, fact.on)


def change_details(book: Book, fact: DetailsChanged) -> None:
    """Set who the account is; the mark of its own address is kept as that of a contact is."""
    there, details = book.details, fact.details
    is_same = there.email.lower() == details.email.lower()
    mark, marked_on = (there.email_mark, there.email_marked_on) if is_same else ("", None)
    if not is_same and is_objected_to(book.contact_people.values(), details.email):
        mark, marked_on = COMPLAINED, fact.on
    known = _addresses(book)
    book.details = replace(details, email_mark=mark, email_marked_on=marked_on)
    _end_search(book, details.email, known, fact.on)


def _addresses(book: Book) -> set[str]:
    people: list[ContactPerson] = list(book.contact_people.values())
    return {book.details.email.lower(), *(one.email.lower() for one in people)}


def _end_search(book: Book, email: str, known: set[str], on: date) -> None:
    """Nobody looks for a contact any more once there is a new address to write to (R11.4).

    A search that calls wait for goes on: an address is no answer to it (R6.3).
    """
    task = book.tasks.get(f"{book.account_id}:find_contact")
    if task is None or task.subject or email.lower() in known or not is_address(email):
        return
    if email.lower() not in refused_addresses(book.details, book.contact_people.values()):
        book.close_task(task.id, on, "contact_found")


def _graver(old: tuple[str, date | None], new: tuple[str, date]) -> tuple[str, date | None]:
    if _RANKS[old[0]] != _RANKS[new[0]]:
        return max(old, new, key=lambda one: _RANKS[one[0]])
    return new[0], min(old[1] or new[1], new[1])
