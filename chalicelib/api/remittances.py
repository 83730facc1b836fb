"""What agencies hand over: listed, read, confirmed, declined (R10.6)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, READERS
from chalicelib.api.shapes.base import Listed, Override
from chalicelib.api.shapes.remittances import (
    RemittanceAnswer,
    RemittanceRow,
    RemittancesQuery,
    RemittanceTold,
)
from chalicelib.core.errors import PastdueError
from chalicelib.flows.desk import Reply
from chalicelib.flows.invoice_act import Why
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.remittance_desk import GUARDED, RemittanceDesk, RemittanceReads
from chalicelib.telemetry import logger

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/agencies/{agency_id}/remittances",
    summary="List what an agency handed over",
    roles=READERS,
    answers={200: Listed[RemittanceRow]},
    query=RemittancesQuery,
    problems=(404,),
)
def list_remittances(call: Call) -> Reply:
    """Answers the agency's remittances, the newest first, without their lines."""
    most = call.query(RemittancesQuery).limit
    rows, mark = RemittanceReads(call.ports.agencies, call.ports.records).page(
        call.path("agency_id"), call.mark(), most
    )
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/agencies/{agency_id}/remittances/{remittance_id}",
    summary="Read a remittance",
    roles=READERS,
    answers={200: RemittanceTold},
    etag=GUARDED,
    problems=(404,),
)
def read_remittance(call: Call) -> Reply:
    """Answers a remittance with its lines, and who answered it and why."""
    return Reply(200, RemittanceReads(call.ports.agencies, call.ports.records).one(*_ids(call)))


@operation(
    blueprint,
    "POST",
    "/v1/agencies/{agency_id}/remittances/{remittance_id}/confirm",
    summary="Confirm a remittance",
    roles=APPROVERS,
    answers={200: RemittanceAnswer},
    body=Override,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def confirm_remittance(call: Call) -> Reply:
    """Confirms that the money is there: its payments count as settled within a minute (R10.6)."""
    return _desk(call).confirm(call.caller, *_ids(call), _why(call))


@operation(
    blueprint,
    "POST",
    "/v1/agencies/{agency_id}/remittances/{remittance_id}/decline",
    summary="Decline a remittance",
    roles=APPROVERS,
    answers={200: RemittanceAnswer},
    body=Override,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def decline_remittance(call: Call) -> Reply:
    """Declines it: the agency may put its payments into another one (R10.6)."""
    return _desk(call).decline(call.caller, *_ids(call), _why(call))


def _desk(call: Call) -> RemittanceDesk:
    ports = call.ports
    return RemittanceDesk(
        ports.agencies, ports.agency_queue, RegistryDesk(ports.records), ports.day_of, _not_told
    )


def _not_told(agency_id: str, error: PastdueError) -> None:
    """Log that an agency's worker was not told; the minute's reconcile tells it."""
    extra = {"agency_id": agency_id, "code": error.code}
    logger.warning("the agency's worker was not told", extra=extra)


def _ids(call: Call) -> tuple[str, str]:
    return call.path("agency_id"), call.path("remittance_id")


def _why(call: Call) -> Why:
    body = call.body(Override)
    return Why(body.reason_code, body.note)
