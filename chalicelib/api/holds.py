"""May an account be shipped to: look-ups, holds, and releases of them (R8)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery, Override
from chalicelib.api.shapes.holds import (
    HoldAnswer,
    HoldBody,
    HoldReason,
    LookUpAnswer,
    LookUpBody,
    ReleaseUntilBody,
)
from chalicelib.core.errors import NotFoundError
from chalicelib.flows.desk import Reply
from chalicelib.flows.hold_desk import HoldDesk, Why
from chalicelib.flows.hold_lookup import HoldLookup

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/hold",
    summary="May this account be shipped to",
    roles=READERS,
    answers={200: HoldAnswer},
    problems=(404,),
)
def look_up_hold(call: Call) -> Reply:
    """Answers whether the account may be shipped to, and what that rests on (R8.7).

    Reads twice at most, whatever the size of the account.
    """
    return Reply(200, _lookup(call).look_up(call.path("account_id"), call.ports.today()))


@operation(
    blueprint,
    "POST",
    "/v1/holds/lookup",
    summary="May these accounts be shipped to",
    roles=READERS,
    answers={200: LookUpAnswer},
    body=LookUpBody,
)
def look_up_holds(call: Call) -> Reply:
    """Answers the look-up for up to 200 accounts, row by row; it changes nothing (R8.7).

    Reads four times at most.
    """
    names = call.body(LookUpBody).account_ids
    return Reply(200, {"data": _lookup(call).look_up_many(names, call.ports.today())})


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/holds",
    summary="List an account's holds",
    roles=READERS,
    answers={200: Listed[HoldReason]},
    query=ListQuery,
    problems=(404,),
)
def list_holds(call: Call) -> Reply:
    """Lists the holds in place, in order of their reasons. Reads twice at most."""
    after, limit = call.mark(), call.query(ListQuery).limit
    found = _lookup(call).look_up(call.path("account_id"), call.ports.today())["holds"]
    rows = [hold for hold in found if hold["reason"] > after]
    mark = rows[limit - 1]["reason"] if len(rows) > limit else None
    return Reply(200, call.listed(rows[:limit], mark))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/holds/{hold_id}",
    summary="Read a hold",
    roles=READERS,
    answers={200: HoldReason},
    etag=True,
    problems=(404,),
)
def read_hold(call: Call) -> Reply:
    """Answers how one hold stands. One that was released is found in the timeline only."""
    wanted = call.path("hold_id")
    found = _lookup(call).look_up(call.path("account_id"), call.ports.today())["holds"]
    for hold in found:
        if hold["hold_id"] == wanted:
            return Reply(200, hold)
    raise NotFoundError(f"the account has no hold {wanted[:200]!r}")


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/holds",
    summary="Place a hold",
    roles=APPROVERS,
    answers={201: HoldReason},
    body=HoldBody,
    needs_key=True,
    problems=(404,),
)
def place_hold(call: Call) -> Reply:
    """Places a person's hold, with what is past due today as its evidence (R8.1).

    A person releases it; no rule ends it. The reasons of the rules are theirs alone.
    """
    body = call.body(HoldBody)
    why = Why(body.reason_code, body.note)
    return _desk(call).place(call.path("account_id"), call.caller, body.kind, why)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/holds/{hold_id}/release",
    summary="Release a hold",
    roles=APPROVERS,
    answers={200: HoldAnswer},
    body=Override,
    needs_key=True,
    problems=(404,),
)
def release_hold(call: Call) -> Reply:
    """Releases a hold for good, and answers how the account then stands (R8.3).

    A rule's hold is not placed again until its condition has been false once.
    """
    body = call.body(Override)
    why = Why(body.reason_code, body.note)
    account_id, hold_id = call.path("account_id"), call.path("hold_id")
    return _desk(call).release(account_id, call.caller, hold_id, why)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/holds/{hold_id}/temporary_release",
    summary="Release a hold until a day",
    roles=APPROVERS,
    answers={200: HoldAnswer},
    body=ReleaseUntilBody,
    needs_key=True,
    problems=(404,),
)
def release_hold_until(call: Call) -> Reply:
    """Lets a hold not stop shipping through a day; the day after, it does again (R8.4).

    Nobody need act for that. The account may be shipped to while every hold of it is released.
    """
    body = call.body(ReleaseUntilBody)
    why = Why(body.reason_code, body.note)
    account_id, hold_id = call.path("account_id"), call.path("hold_id")
    return _desk(call).release_until(account_id, call.caller, hold_id, body.until, why)


def _lookup(call: Call) -> HoldLookup:
    return HoldLookup(call.ports.hold_reads, call.ports.policies)


def _desk(call: Call) -> HoldDesk:
    return HoldDesk(call.ports.desk)
