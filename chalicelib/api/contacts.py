"""The contacts of an account (R11.2)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import BOOKERS, COLLECTORS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery
from chalicelib.api.shapes.contacts import ContactAnswer, ContactBody, ContactRemoved
from chalicelib.core.account import ContactPerson
from chalicelib.flows.contact_book import ContactBook
from chalicelib.flows.desk import Reply
from chalicelib.flows.locales import is_locale

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
    etag=True,
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
    etag=True,
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


def _book(call: Call) -> ContactBook:
    return ContactBook(call.ports.desk, is_locale)
