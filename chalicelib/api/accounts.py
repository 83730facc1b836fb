"""Accounts: who they are, and what they come to (api.md)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import BOOKERS, READERS
from chalicelib.api.shapes.accounts import AccountAnswer, AccountBody, AccountPatch, DetailsAnswer
from chalicelib.flows.account_desk import DETAILS, AccountDesk
from chalicelib.flows.account_view import AccountView
from chalicelib.flows.desk import Reply
from chalicelib.flows.locales import is_locale

blueprint = Blueprint(__name__)
GUARDED = ("account_id", *DETAILS)  # what the ETag stands for: figures change by themselves


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}",
    summary="One account",
    roles=READERS,
    answers={200: AccountAnswer},
    etag=GUARDED,
    problems=(404,),
)
def account(call: Call) -> Reply:
    """Answers who an account is and what it comes to today, in one read of its head (R3.2, R6.1)."""
    view = AccountView(call.ports.accounts, call.ports.policies)
    return Reply(200, view.get(call.path("account_id"), call.ports.today()))


@operation(
    blueprint,
    "PUT",
    "/v1/accounts/{account_id}",
    summary="Create an account, or replace its details",
    roles=BOOKERS,
    answers={200: DetailsAnswer, 201: DetailsAnswer},
    body=AccountBody,
    etag=GUARDED,
)
def put_account(call: Call) -> Reply:
    """Creates an account, or replaces who it is; invoices, money and contacts are not touched.

    What equals what is there changes nothing. Reads the account as a whole.
    """
    given = call.body(AccountBody).model_dump()
    return _desk(call).save(call.path("account_id"), call.caller, given, create=True)


@operation(
    blueprint,
    "PATCH",
    "/v1/accounts/{account_id}",
    summary="Change some details of an account",
    roles=BOOKERS,
    answers={200: DetailsAnswer},
    body=AccountPatch,
    etag=GUARDED,
    problems=(404,),
)
def patch_account(call: Call) -> Reply:
    """Changes the details that are given; the others stay. Reads the account as a whole."""
    given = call.body(AccountPatch).model_dump(exclude_unset=True)
    return _desk(call).save(call.path("account_id"), call.caller, given, create=False)


def _desk(call: Call) -> AccountDesk:
    ports = call.ports
    return AccountDesk(ports.desk, ports.policies, ports.recent, is_locale)
