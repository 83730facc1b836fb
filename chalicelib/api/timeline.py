"""An account's timeline (R13.3, api.md)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import READERS
from chalicelib.api.shapes.base import Listed
from chalicelib.api.shapes.timeline import TimelineQuery, TimelineRow
from chalicelib.flows.desk import Reply
from chalicelib.flows.timeline import Timeline

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/timeline",
    summary="What happened to an account, newest first",
    roles=READERS,
    answers={200: Listed[TimelineRow]},
    query=TimelineQuery,
    problems=(404,),
)
def timeline(call: Call) -> Reply:
    """Answers what was decided, booked and done, newest first.

    Two requests for each 25 changes, 8 times at most: with a filter a page may be short, or empty,
    and not be the last.
    """
    query = call.query(TimelineQuery)
    rows, mark = Timeline(call.ports.accounts).page(
        call.path("account_id"),
        call.mark(),
        query.limit,
        source="" if query.source is None else query.source,
        kind=query.kind or "",
    )
    return Reply(200, call.listed(rows, mark))
