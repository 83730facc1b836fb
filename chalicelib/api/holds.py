"""May an account be shipped to: look-ups, holds, and releases of them (R8)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import READERS
from chalicelib.api.shapes.holds import HoldAnswer
from chalicelib.flows.desk import Reply
from chalicelib.wiring import deps

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
def hold(call: Call) -> Reply:
    """Answers whether the account may be shipped to, and what that rests on (R8.7)."""
    return Reply(200, deps().hold(call.path("account_id")))
