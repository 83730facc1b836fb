"""Promises to pay: made, listed, withdrawn, approved (R6.6)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, COLLECTORS, READERS
from chalicelib.api.shapes.base import Listed, Override
from chalicelib.api.shapes.promises import PromiseAnswer, PromiseBody, PromisesQuery
from chalicelib.flows.desk import Reply
from chalicelib.flows.invoice_act import Why
from chalicelib.flows.promise_desk import PromiseDesk
from chalicelib.flows.promise_rules import Promised
from chalicelib.flows.promise_view import PromiseLists

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/promises",
    summary="Take a promise to pay",
    roles=COLLECTORS,
    answers={201: PromiseAnswer},
    body=PromiseBody,
    needs_key=True,
    problems=(404,),
)
def make_promise(call: Call) -> Reply:
    """Lets dunning of what the promise covers rest through its date and the days of grace (R6.6).

    After too many broken ones it waits for an approval, and blocks nothing until it has one. Its
    amount is at most what is open of what it covers, charges included. Of 50 that have not ended,
    one has to end first. Reads the account as a whole.
    """
    body = call.body(PromiseBody)
    amount = body.amount
    names = tuple(body.invoice_ids)
    promised = Promised(amount.amount_minor, amount.currency, body.by, names)
    return _desk(call).make(call.path("account_id"), promised, body.note, call.caller)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/promises",
    summary="List an account's promises",
    roles=READERS,
    answers={200: Listed[PromiseAnswer]},
    query=PromisesQuery,
    problems=(404,),
)
def list_promises(call: Call) -> Reply:
    """Lists the promises that have not ended, by their date, then the latest that have.

    At least the last 100 that ended are kept. Reads the account as a whole.
    """
    query = call.query(PromisesQuery)
    rows, mark = _lists(call).page(
        call.path("account_id"),
        call.ports.today(),
        call.mark(),
        query.limit,
        state=query.state or "",
    )
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/promises/{promise_id}",
    summary="Read a promise",
    roles=READERS,
    answers={200: PromiseAnswer},
    etag=True,
    problems=(404,),
)
def read_promise(call: Call) -> Reply:
    """Answers how a promise stands, and what came in for it. Reads the account as a whole."""
    return Reply(200, _lists(call).one(*_ids(call), call.ports.today()))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/promises/{promise_id}/withdraw",
    summary="Take a promise back",
    roles=COLLECTORS,
    answers={200: PromiseAnswer},
    body=Override,
    needs_key=True,
    etag=True,
    problems=(404,),
)
def withdraw_promise(call: Call) -> Reply:
    """Ends a promise that is not broken thereby; dunning resumes where it is (R5.6)."""
    return _desk(call).withdraw(*_ids(call), _why(call), call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/promises/{promise_id}/approve",
    summary="Approve a promise",
    roles=APPROVERS,
    answers={200: PromiseAnswer},
    body=Override,
    needs_key=True,
    etag=True,
    problems=(404,),
)
def approve_promise(call: Call) -> Reply:
    """Lets a promise that waits block its invoices; it needs another person than who took it."""
    return _desk(call).approve(*_ids(call), _why(call), call.caller)


def _desk(call: Call) -> PromiseDesk:
    return PromiseDesk(call.ports.desk)


def _lists(call: Call) -> PromiseLists:
    return PromiseLists(call.ports.accounts, call.ports.policies)


def _ids(call: Call) -> tuple[str, str]:
    return call.path("account_id"), call.path("promise_id")


def _why(call: Call) -> Why:
    body = call.body(Override)
    return Why(body.reason_code, body.note)
