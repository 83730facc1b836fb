"""Release requests: asked by an order desk, answered by someone else, once (R8.5)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, ORDER_DESK, READERS
from chalicelib.api.shapes.base import Listed, ListQuery, Override
from chalicelib.api.shapes.release_requests import (
    ApproveBody,
    ReleaseRequestAnswer,
    ReleaseRequestBody,
    ToAnswerQuery,
)
from chalicelib.flows.desk import Reply
from chalicelib.flows.hold_desk import Why
from chalicelib.flows.release_lists import ReleaseLists
from chalicelib.flows.release_requests import Order, ReleaseDesk

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/release_requests",
    summary="Ask to let an order through",
    roles=ORDER_DESK,
    answers={201: ReleaseRequestAnswer},
    body=ReleaseRequestBody,
    needs_key=True,
    problems=(404,),
)
def ask_for_release(call: Call) -> Reply:
    """Asks the account's collector, by a task, to let an order through despite its holds (R8.5).

    It waits until it is answered. One request for each reference waits at a time, 20 for an account.
    """
    body = call.body(ReleaseRequestBody)
    total = body.order_total
    order = Order(total.amount_minor, total.currency, body.reference, body.note)
    return _desk(call).ask(call.path("account_id"), call.caller, order)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/release_requests",
    summary="List an account's release requests",
    roles=READERS,
    answers={200: Listed[ReleaseRequestAnswer]},
    query=ListQuery,
    problems=(404,),
)
def list_release_requests(call: Call) -> Reply:
    """Lists the requests that wait and the last 20 that were answered, oldest first. Reads twice."""
    after, limit = call.mark(), call.query(ListQuery).limit
    found = _lists(call).of_account(call.path("account_id"), call.ports.today())
    marks = [f"{row['asked_at']}#{row['request_id']}" for row in found]
    start = sum(mark <= after for mark in marks) if after else 0
    rows, last = found[start : start + limit], start + limit
    return Reply(200, call.listed(rows, marks[last - 1] if len(found) > last else None))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/release_requests/{request_id}",
    summary="Read a release request",
    roles=READERS,
    answers={200: ReleaseRequestAnswer},
    etag=True,
    problems=(404,),
)
def read_release_request(call: Call) -> Reply:
    """Answers how a request stands, with what is past due now. Reads twice."""
    account_id, request_id = call.path("account_id"), call.path("request_id")
    return Reply(200, _lists(call).one(account_id, request_id, call.ports.today()))


@operation(
    blueprint,
    "GET",
    "/v1/release_requests",
    summary="List the release requests to answer",
    roles=READERS,
    answers={200: Listed[ReleaseRequestAnswer]},
    query=ToAnswerQuery,
)
def list_requests_to_answer(call: Call) -> Reply:
    """Lists the requests that wait for someone's answer, over all accounts, oldest first.

    Reads four times at most. What happened within the last second may not show yet.
    """
    query = call.query(ToAnswerQuery)
    assignee = call.principal.person if query.assignee == "me" else query.assignee
    mark, today = call.mark(), call.ports.today()
    page = _lists(call).to_answer(assignee, mark, query.limit, today)
    return Reply(200, call.listed(list(page.rows), page.mark))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/release_requests/{request_id}/approve",
    summary="Let an order through",
    roles=APPROVERS,
    answers={200: ReleaseRequestAnswer},
    body=ApproveBody,
    needs_key=True,
    problems=(404,),
)
def approve_release_request(call: Call) -> Reply:
    """Releases every hold of the account through a day, by default this week's Sunday (R8.5).

    It needs another person than who asked, and a request is answered once.
    """
    body = call.body(ApproveBody)
    why = Why(body.reason_code, body.note)
    account_id, request_id = call.path("account_id"), call.path("request_id")
    return _desk(call).approve(account_id, call.caller, request_id, body.until, why)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/release_requests/{request_id}/decline",
    summary="Decline a release request",
    roles=APPROVERS,
    answers={200: ReleaseRequestAnswer},
    body=Override,
    needs_key=True,
    problems=(404,),
)
def decline_release_request(call: Call) -> Reply:
    """Leaves the account as it is. It needs another person than who asked (R8.5)."""
    body = call.body(Override)
    why = Why(body.reason_code, body.note)
    account_id, request_id = call.path("account_id"), call.path("request_id")
    return _desk(call).decline(account_id, call.caller, request_id, why)


def _desk(call: Call) -> ReleaseDesk:
    return ReleaseDesk(call.ports.desk)


def _lists(call: Call) -> ReleaseLists:
    return ReleaseLists(call.ports.hold_reads)
