"""Whom a letter goes to (R11.2)."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.core.account import AccountDetails, ContactPerson

ROLES = ("accounts", "admin")  # in this order; then anybody


def address_of(details: AccountDetails, people: Iterable[ContactPerson]) -> str:
    """Return the address that a letter goes to, "" when there is none (R11.2).

    The first contact, by id, with the role `accounts`, else `admin`, else any, who has an address
    and did not opt out; else the account's own address, unless someone opted out with it.
    """
    known = sorted((contact for contact in people if contact.email), key=lambda c: c.id)
    refused = {contact.email.lower() for contact in known if contact.opted_out}
    open_ones = [contact for contact in known if contact.email.lower() not in refused]
    for role in ROLES:
        for contact in open_ones:
            if role in contact.roles:
                return contact.email
    if open_ones:
        return open_ones[0].email
    return "" if details.email.lower() in refused else details.email
