"""Reports over all accounts."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import READERS
from chalicelib.api.shapes.reports import AgingAnswer, AgingQuery
from chalicelib.flows.desk import Reply
from chalicelib.wiring import deps

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/reports/aging",
    summary="What is open, by age",
    roles=READERS,
    answers={200: AgingAnswer},
    query=AgingQuery,
    problems=(404,),
)
def aging(call: Call) -> Reply:
    """Answers what is open by age, as of the newest run or of the day `as_of` (R3.1)."""
    return Reply(200, deps().aging(call.query(AgingQuery).as_of))
