"""The erasure of a person: what stands for one that is gone, and what of it is forgotten (R11.2).

The contact's id stays, as that of somebody erased: history goes on referring to it, and nobody is
taken for somebody else. Everything that tells who it was goes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from chalicelib.core.account import (
    COMPLAINED,
    ERASED,
    STAND_IN,
    ContactPerson,
    Notice,
    SentTo,
    WentTo,
    digest_of,
    is_stand_in,
)
from chalicelib.core.book import Book
from chalicelib.core.facts_details import ContactErased

ACCOUNT_ADDRESS = "account-address"  # names the account's own address, where contacts have ids
_OBJECTION_BYTES = 16


def is_erased(contact: ContactPerson) -> bool:
    """Return whether this is what is left of an erased contact."""
    return contact.mark == ERASED


def erased_contact(contact_id: str, on: date, objection: str = "") -> ContactPerson:
    """Return what is left of a contact: its id, since when, and `objection_of` its address, or ""."""
    return ContactPerson(contact_id, email=objection, mark=ERASED, marked_on=on)


def objection_of(address: str, salt: str) -> str:
    """Return what is kept of the address of somebody who asked not to be written to any more.

    It tells no address, only whether one is the same: a keyed hash under its own random salt. It is
    no address itself, so nobody can write to it.
    """
    said = hmac.new(salt.encode(), address.strip().lower().encode(), hashlib.sha256).digest()
    return f"{STAND_IN}{salt}:{said[:_OBJECTION_BYTES].hex()}"


def is_objected_to(people: Iterable[ContactPerson], address: str) -> bool:
    """Return whether an erased person of the account had asked not to be written to here."""
    for contact in people:
        if is_erased(contact) and is_stand_in(contact.email) and address:
            salt = contact.email.removeprefix(STAND_IN).partition(":")[0]
            if hmac.compare_digest(objection_of(address, salt), contact.email):
                return True
    return False


def erase_contact(book: Book, fact: ContactErased) -> None:
    """Take a contact's data away and leave its id; so that of the account's own address.

    With a `salt` it is remembered, by a keyed hash, that letters must not go to the address: of
    somebody who had opted out or complained (R11.2, R11.4).
    """
    contact_id = fact.contact_id
    there = book.contact_people.get(contact_id)
    addresses: set[str] = set()
    objection = "" if there is None or not is_erased(there) else there.email
    if contact_id == ACCOUNT_ADDRESS:
        details = book.details
        addresses.add(details.email)
        if fact.salt and details.email and details.email_mark == COMPLAINED:
            objection = objection_of(details.email, fact.salt)
        book.details = replace(details, email="", email_mark="", email_marked_on=None)
    elif there is not None and not is_erased(there):
        addresses.add(there.email)
        if fact.salt and there.email and (there.opted_out or there.mark == COMPLAINED):
            objection = objection_of(there.email, fact.salt)
    on = there.marked_on if there is not None and is_erased(there) else fact.on
    left = erased_contact(contact_id, on or fact.on, objection)
    book.contact_people = {**book.contact_people, contact_id: left}
    digests = forgotten_digests(book, addresses)
    for notice in list(book.notices.values()):
        book.notices[notice.id] = without_person(notice, contact_id, digests)


def forgotten_digests(book: Book, addresses: Iterable[str]) -> frozenset[str]:
    """Return the digests of addresses that nobody of the account has any more."""
    there = {book.details.email.lower(), *(p.email.lower() for p in book.contact_people.values())}
    return frozenset(digest_of(one) for one in addresses if one and one.lower() not in there)


def without_person(notice: Notice, contact_id: str, digests: Collection[str] = ()) -> Notice:
    """Return a notice in which nothing tells the addresses that it went to of one contact.

    What the mail service said stays, under stand-ins for the addresses. `digests`: further ones to
    be forgotten, wherever they are, such as of a copy.
    """
    named = "" if contact_id == ACCOUNT_ADDRESS else contact_id

    def is_meant(one: WentTo | SentTo) -> bool:
        if not one.digest or is_stand_in(one.digest):
            return False
        is_copy = isinstance(one, WentTo) and one.is_copy
        return one.digest in digests or (one.contact_id == named and not is_copy)

    known = dict.fromkeys(one.digest for one in notice.went_to if is_meant(one))
    known |= dict.fromkeys(one.digest for one in notice.to if is_meant(one))
    if not known:
        return notice
    taken = {one.digest for one in notice.went_to}
    names = (f"{STAND_IN}{contact_id}:{number}" for number in range(1, len(taken) + len(known) + 1))
    free = (name for name in names if name not in taken)
    instead = {digest: next(free) for digest in known}
    return replace(
        notice,
        went_to=tuple(
            replace(one, digest=instead[one.digest]) if is_meant(one) else one
            for one in notice.went_to
        ),
        to=tuple(
            replace(one, digest=instead[one.digest]) if is_meant(one) else one for one in notice.to
        ),
    )


def on_its_way(notices: Iterable[Notice], contact_id: str) -> Notice | None:
    """Return a notice that may be leaving for a contact just now; None if none is (R11.3).

    While it is being sent, or nobody knows whether it was, what comes of it must find the address.
    """
    named = "" if contact_id == ACCOUNT_ADDRESS else contact_id
    for notice in notices:
        here = (one for one in notice.went_to if one.attempt == notice.attempt)
        if notice.state in ("sending", "unknown") and any(
            one.contact_id == named and not one.is_copy for one in here
        ):
            return notice
    return None
