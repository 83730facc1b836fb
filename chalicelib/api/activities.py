"""Contacts with customers, in and out (R6.2), and the reply that then waits (R5.5)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import COLLECTORS
from chalicelib.api.shapes.activities import (
    ActivityAnswer,
    ActivityBody,
    WaitingAnswer,
    WaitingEnd,
)
from chalicelib.flows.activities import Activities, Activity
from chalicelib.flows.desk import Reply

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/activities",
    summary="Record a contact with the customer",
    roles=COLLECTORS,
    answers={201: ActivityAnswer},
    body=ActivityBody,
    needs_key=True,
    problems=(404,),
)
def record_activity(call: Call) -> Reply:
    """Records a contact in the timeline.

    An inbound one answers the final demands so far, and its reply waits (`reply_waiting` stops
    dunning) until an outbound contact reaches someone, or a person says that nothing waits. Reads
    the account as a whole.
    """
    said = call.body(ActivityBody)
    activity = Activity(
        channel=said.channel,
        direction=said.direction,
        outcome=said.outcome,
        contact_id=said.contact_id or "",
        on=said.on,
        note=said.note,
    )
    return Activities(call.ports.desk).record(call.path("account_id"), call.caller, activity)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/reply_waiting/end",
    summary="Nothing of the customer waits to be answered",
    roles=COLLECTORS,
    answers={200: WaitingAnswer},
    body=WaitingEnd,
    needs_key=True,
    problems=(404,),
)
def end_reply_waiting(call: Call) -> Reply:
    """Ends `reply_waiting`, so that dunning goes on. Reads the account as a whole."""
    note = call.body(WaitingEnd).note
    return Activities(call.ports.desk).end_waiting(call.path("account_id"), call.caller, note)
