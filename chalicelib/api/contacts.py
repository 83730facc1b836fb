"""The contacts of an account (R11.2)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, BOOKERS, COLLECTORS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery
from chalicelib.api.shapes.contacts import (
    ClearMarkBody,
    ContactAnswer,
    ContactBody,
    ContactRemoved,
    EraseBody,
    ErasureBegun,
    MarkCleared,
)
from chalicelib.core.account import ContactPerson
from chalicelib.flows.contact_book import SAID, ContactBook
from chalicelib.flows.desk import Reply
from chalicelib.flows.erasure_order import Erase
from chalicelib.flows.locales import is_locale
from chalicelib.flows.mark_desk import MarkDesk
from chalicelib.wiring_erasure import erasure_desk

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/contacts",
    summary="The contacts of an account",
    roles=READERS,
    answers={200: Listed[ContactAnswer]},
    query=ListQuery,
    problems=(404,),
)
def contacts(call: Call) -> Reply:
    """Answers the contacts of an account by id; there are 50 at most. Two reads."""
    limit = call.query(ListQuery).limit
    rows, mark = _book(call).page(call.path("account_id"), call.mark(), limit)
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/contacts/{contact_id}",
    summary="One contact of an account",
    roles=READERS,
    answers={200: ContactAnswer},
    etag=SAID,
    problems=(404,),
)
def contact(call: Call) -> Reply:
    """Answers one contact. Two reads."""
    return Reply(200, _book(call).get(call.path("account_id"), call.path("contact_id")))


@operation(
    blueprint,
    "PUT",
    "/v1/accounts/{account_id}/contacts/{contact_id}",
    summary="Create or replace a contact",
    roles=COLLECTORS | BOOKERS,
    answers={200: ContactAnswer, 201: ContactAnswer},
    body=ContactBody,
    etag=SAID,
    problems=(404,),
)
def put_contact(call: Call) -> Reply:
    """Puts a contact in its place as a whole.

    The id is the caller's and must tell nothing of the person: the timeline keeps it when the
    person is erased. Reads the account as a whole.
    """
    said = call.body(ContactBody)
    person = ContactPerson(
        id=call.path("contact_id"),
        name=said.name,
        email=said.email,
        phone=said.phone,
        roles=frozenset(said.roles),
        locale=said.locale,
        opted_out=said.opted_out,
    )
    return _book(call).save(call.path("account_id"), call.caller, person)


@operation(
    blueprint,
    "DELETE",
    "/v1/accounts/{account_id}/contacts/{contact_id}",
    summary="Remove a contact",
    roles=COLLECTORS | BOOKERS,
    answers={200: ContactRemoved},
    problems=(404,),
)
def remove_contact(call: Call) -> Reply:
    """Takes a contact away; what happened with it stays, by its id. Reads the account as a whole."""
    return _book(call).remove(call.path("account_id"), call.caller, call.path("contact_id"))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/contacts/{contact_id}/erase",
    summary="Erase a contact's personal data",
    roles=APPROVERS,
    answers={202: ErasureBegun},
    body=EraseBody,
    needs_key=True,
    problems=(404,),
)
def erase_contact(call: Call) -> Reply:
    """Erases a contact: its name, addresses and phone number, wherever they are kept, for good.

    `account-address` as the contact's id is the account's own e-mail address. A job does it, whose
    result says what was erased, what ages out by itself, and where a person should look. What the
    books need stays, by the contact's id; the id is not given to anybody again. While a letter is
    on its way to the contact it is refused (409): the answer says until when. Reads the account as
    a whole.
    """
    said = call.body(EraseBody)
    erase = Erase(
        call.path("account_id"),
        call.path("contact_id"),
        said.reason_code,
        said.note,
        tuple(said.also),
    )
    return erasure_desk(call.ports).ask(call.caller, erase)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/clear_mark",
    summary="Let an address be written to again",
    roles=COLLECTORS,
    answers={200: MarkCleared},
    body=ClearMarkBody,
    needs_key=True,
    problems=(404,),
)
def clear_mark(call: Call) -> Reply:
    """Clears the mark of an address that bounced, complained, or is suppressed (R11.4).

    Letters may go there from the next one on; what was left to post stays so. The mail service has
    a list of its own, which this does not change. Reads the account as a whole.
    """
    said = call.body(ClearMarkBody)
    return MarkDesk(call.ports.desk).clear(
        call.path("account_id"),
        call.caller,
        address=said.address or "",
        contact_id=said.contact_id or "",
        why=(said.reason_code, said.note),
    )


def _book(call: Call) -> ContactBook:
    return ContactBook(call.ports.desk, is_locale)
