"""The kill switch: whether letters go out, charges are posted and holds placed (R13.1)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, READERS
from chalicelib.api.shapes.base import Override
from chalicelib.api.shapes.runs import SendingAnswer, SendingState
from chalicelib.flows.desk import Reply
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.sending import Sending
from chalicelib.wiring_ports import Ports

blueprint = Blueprint(__name__)


def _sending(ports: Ports) -> Sending:
    desk = RegistryDesk(ports.records)
    return Sending(ports.registry, ports.records, desk, ports.accounts, ports.quota)


@operation(
    blueprint,
    "GET",
    "/v1/sending",
    summary="Whether sending is on",
    roles=READERS,
    answers={200: SendingState},
)
def get_sending(call: Call) -> Reply:
    """Answers whether sending is on, as of 15 seconds ago, who turned it when, and what waits."""
    return Reply(200, _sending(call.ports).get())


@operation(
    blueprint,
    "POST",
    "/v1/sending/pause",
    summary="Pause sending",
    roles=APPROVERS,
    answers={200: SendingAnswer},
    body=Override,
    needs_key=True,
)
def pause_sending(call: Call) -> Reply:
    """Stops runs and letters within 15 seconds; facts are booked on (R13.1)."""
    body = call.body(Override)
    return _sending(call.ports).turn(call.caller, paused=True, why=(body.reason_code, body.note))


@operation(
    blueprint,
    "POST",
    "/v1/sending/resume",
    summary="Resume sending",
    roles=APPROVERS,
    answers={200: SendingAnswer},
    body=Override,
    needs_key=True,
)
def resume_sending(call: Call) -> Reply:
    """Lets runs and letters go again within 15 seconds; what waited is still due."""
    body = call.body(Override)
    return _sending(call.ports).turn(call.caller, paused=False, why=(body.reason_code, body.note))
