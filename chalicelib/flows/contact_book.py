"""The contacts of an account: who may be written to, and who asked not to be (R11.2).

The timeline tells of them by id only, so that a person can be erased.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account, ContactPerson, is_stand_in
from chalicelib.core.apply import Booking
from chalicelib.core.erasure import ACCOUNT_ADDRESS, is_erased
from chalicelib.core.errors import (
    ConflictError,
    Fault,
    LimitError,
    NotFoundError,
    UnfitInputError,
)
from chalicelib.core.facts_details import ContactRemoved, ContactSaved
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of

CONTACTS_MAX = 50  # of one account
SAID = ("contact_id", "name", "email", "phone", "roles", "locale", "opted_out")  # by people


@dataclass(frozen=True, slots=True)
class ContactBook:
    """Keeps the contacts of accounts. `is_locale` says whether letters can be written in a locale."""

    desk: Desk
    is_locale: Callable[[str], bool]

    def page(
        self, account_id: str, after: str, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return contacts by id from after an id, and after which id the next page begins.

        Two reads, three when there are none.

        Raises:
            NotFoundError: there is no such account.
        """
        people = [contact for contact in self._read(account_id) if contact.id > after]
        more = people[limit - 1].id if len(people) > limit else None
        return [contact_answer(contact) for contact in people[:limit]], more

    def get(self, account_id: str, contact_id: str) -> dict[str, Any]:
        """Return one contact: two reads.

        Raises:
            NotFoundError: there is no such account, or no such contact of it.
        """
        for contact in self._read(account_id):
            if contact.id == contact_id:
                return contact_answer(contact)
        raise _no_contact(contact_id)

    def save(self, account_id: str, caller: Caller, contact: ContactPerson) -> Reply:
        """Put a contact in its place as a whole; 201 when it is new.

        A mark of its address stays with that address; another address has none (R11.4).

        Raises:
            NotFoundError: there is no such account.
            UnfitInputError: its locale is not known.
            ConflictError: the id is that of somebody erased, or stands for the account's own address.
            LimitError: the account has all the contacts that one may have.
            PreconditionFailedError: `If-Match` names another state.
            PreconditionRequiredError: a change of what is there has no `If-Match`.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            there = account.contact_people.get(contact.id)
            if contact.id == ACCOUNT_ADDRESS:
                raise ConflictError(f"{ACCOUNT_ADDRESS} stands for the account's own address")
            if there is not None and is_erased(there):
                raise ConflictError("this contact was erased: somebody new needs a new id")
            if there is not None and contact_values(there) == contact_values(contact):
                body = contact_answer(there)
                return Ruling((), lambda _: Reply(200, body))
            check_match(caller, None if there is None else contact_values(there))
            if contact.locale and not self.is_locale(contact.locale):
                said = "is not a locale that letters can be written in, such as en, en_GB or de_AT"
                fault = Fault("/locale", "unknown_locale", said)
                raise UnfitInputError("the contact cannot be so", [fault])
            there_are = sum(not is_erased(one) for one in account.contact_people.values())
            if there is None and there_are >= CONTACTS_MAX:
                raise LimitError(f"an account may have {CONTACTS_MAX} contacts; remove one first")
            where = f"/v1/accounts/{account_id}/contacts/{contact.id}"
            status = 201 if there is None else 200

            def reply(booking: Booking) -> Reply:
                saved = booking.account.contact_people[contact.id]
                return Reply(status, contact_answer(saved), where)

            event = event_of(caller, today, "contact_saved", contact.id)
            return Ruling((ContactSaved(today, contact),), reply, (event,))

        return self.desk.book(account_id, caller, act)

    def remove(self, account_id: str, caller: Caller, contact_id: str) -> Reply:
        """Take a contact away.

        Raises:
            NotFoundError: there is no such account, or no such contact of it.
            PreconditionFailedError: `If-Match` names another state.
        """

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            there = account.contact_people.get(contact_id)
            if there is None or is_erased(there):
                raise _no_contact(contact_id)
            check_match(caller, contact_values(there))
            reply = Reply(200, {"contact_id": contact_id, "removed": True})
            event = event_of(caller, today, "contact_removed", contact_id)
            return Ruling((ContactRemoved(today, contact_id),), lambda _: reply, (event,))

        return self.desk.book(account_id, caller, act)

    def _read(self, account_id: str) -> Sequence[ContactPerson]:
        accounts = self.desk.accounts
        found = accounts.contact_people(account_id)
        if not found and not accounts.heads([account_id]):
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        return found


def contact_answer(contact: ContactPerson) -> dict[str, Any]:
    """Return a contact as it is answered: with why its address is not written to, and since when."""
    marked_on = None if contact.marked_on is None else contact.marked_on.isoformat()
    return {**contact_values(contact), "mark": contact.mark or None, "marked_on": marked_on}


def contact_values(contact: ContactPerson) -> dict[str, Any]:
    """Return what people say of a contact, as its ETag stands for."""
    return {
        "contact_id": contact.id,
        "name": contact.name,
        "email": "" if is_stand_in(contact.email) else contact.email,
        "phone": contact.phone,
        "roles": sorted(contact.roles),
        "locale": contact.locale,
        "opted_out": contact.opted_out,
    }


def _no_contact(contact_id: str) -> NotFoundError:
    return NotFoundError(f"the account has no contact {contact_id[:64]!r}")
