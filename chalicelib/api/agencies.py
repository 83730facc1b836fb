"""Agencies: put in, listed, and how each one's feed is pulled (R10.5)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import ADMINS, APPROVERS, READERS
from chalicelib.api.shapes.agencies import (
    AgenciesQuery,
    AgencyAnswer,
    AgencyBody,
    AgencyTold,
    FeedStateAnswer,
    ReadAnswer,
    ReadsQuery,
    ReportAnswer,
    WaitingReports,
)
from chalicelib.api.shapes.base import Listed
from chalicelib.flows.agency_desk import GUARDED, AgencyDesk, AgencyReads, Said
from chalicelib.flows.desk import Reply
from chalicelib.flows.registry_desk import RegistryDesk

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/agencies",
    summary="List the agencies",
    roles=READERS,
    answers={200: Listed[AgencyAnswer]},
    query=AgenciesQuery,
)
def list_agencies(call: Call) -> Reply:
    """Answers the agencies by id. One query."""
    rows, mark = _reads(call).page(call.mark(), call.query(AgenciesQuery).limit)
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/agencies/{agency_id}",
    summary="Read an agency",
    roles=READERS,
    answers={200: AgencyTold},
    etag=GUARDED,
    problems=(404,),
)
def read_agency(call: Call) -> Reply:
    """Answers an agency, and what people did about it and its keys."""
    return Reply(200, _reads(call).one(call.path("agency_id")))


@operation(
    blueprint,
    "PUT",
    "/v1/agencies/{agency_id}",
    summary="Put an agency in, or change one",
    roles=ADMINS,
    answers={200: AgencyAnswer, 201: AgencyAnswer},
    body=AgencyBody,
    etag=GUARDED,
)
def put_agency(call: Call) -> Reply:
    """Takes an agency as a whole. One that is not active gets no offers; what it has goes on.

    Its id is of small letters, digits and hyphens, 20 at most: the policy's rules name it.
    """
    body = call.body(AgencyBody)
    said = Said(body.name, body.email, active=body.active, remit=body.remit)
    desk = AgencyDesk(call.ports.agencies, RegistryDesk(call.ports.records))
    return desk.put(call.caller, call.path("agency_id"), said)


@operation(
    blueprint,
    "GET",
    "/v1/agencies/{agency_id}/feed_state",
    summary="How far an agency's feed is",
    roles=READERS,
    answers={200: FeedStateAnswer},
    problems=(404,),
)
def read_feed_state(call: Call) -> Reply:
    """Answers the last event's number, the last that the agency acknowledged, and since when one waits."""
    return Reply(200, _reads(call).feed_state(call.path("agency_id")))


@operation(
    blueprint,
    "GET",
    "/v1/agencies/{agency_id}/reads",
    summary="Who read which dossiers",
    roles=APPROVERS,
    answers={200: Listed[ReadAnswer]},
    query=ReadsQuery,
    problems=(404,),
)
def list_dossier_reads(call: Call) -> Reply:
    """Answers the audit of an agency's reads: which key read which placements, the newest first."""
    most = call.query(ReadsQuery).limit
    rows, mark = _reads(call).reads(call.path("agency_id"), call.mark(), most)
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/agencies/{agency_id}/reports",
    summary="What an agency reported that is not applied yet",
    roles=READERS,
    answers={200: WaitingReports},
    problems=(404,),
)
def list_waiting_reports(call: Call) -> Reply:
    """Answers the reports that wait for the agency's worker, in order, at most 200.

    Usually none does for longer than a minute.
    """
    return Reply(200, {"data": _reads(call).waiting(call.path("agency_id"))})


@operation(
    blueprint,
    "GET",
    "/v1/agencies/{agency_id}/reports/{report_kind}/{report_id}",
    summary="Read what an agency reported",
    roles=READERS,
    answers={200: ReportAnswer},
    problems=(404,),
)
def read_agency_report(call: Call) -> Reply:
    """Answers a report under the agency's own id: what was said, and what became of it."""
    found = _reads(call).report(
        call.path("agency_id"), call.path("report_kind"), call.path("report_id")
    )
    return Reply(200, found)


def _reads(call: Call) -> AgencyReads:
    return AgencyReads(call.ports.agencies, call.ports.records)
