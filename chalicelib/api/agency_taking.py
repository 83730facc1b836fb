"""Taking what an agency reports: kept at once, applied by the worker, answered with 202."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from chalice.app import Blueprint
from pydantic import BaseModel

from chalicelib.api.call import Call
from chalicelib.api.operation import View, operation
from chalicelib.api.shapes.agency_reports import ReportTaken
from chalicelib.flows.agency_side import AgencySide, Reported
from chalicelib.flows.agency_side_reads import taken_values
from chalicelib.flows.api_keys import REPORT
from chalicelib.flows.auth_grant import KEY_PREFIX
from chalicelib.flows.desk import Reply
from chalicelib.flows.ports_agency import ReportKind
from chalicelib.flows.principal import AGENCY

PLACEMENT = "/agency/v1/placements/{placement_id}"


def report_of_placement(
    blueprint: Blueprint, where: str, summary: str, body: type[BaseModel]
) -> Callable[[View], View]:
    """Return the decorator of a view that takes a report about a placement."""
    return operation(
        blueprint,
        "POST",
        f"{PLACEMENT}/{where}",
        summary=summary,
        roles={AGENCY},
        scope=REPORT,
        answers={202: ReportTaken},
        body=body,
        problems=(404,),
    )


def take(call: Call, kind: ReportKind, also: Mapping[str, Any] | None = None) -> Reply:
    """Take the call's body as a report about the path's placement, if it names one.

    `also`: what the path says beside.
    """
    assert call.read_body is not None
    body = call.read_body.model_dump(mode="json") | dict(also or {})
    said = Reported(kind, body, call.path_values.get("placement_id", ""))
    key_id = call.principal.id.removeprefix(KEY_PREFIX)
    report = AgencySide(call.shelf).take(said, key_id, call.caller.at)
    if report.state == "received":
        call.tell_worker()
    place = f"/agency/v1/reports/{report.kind}/{report.id}"
    return Reply(HTTPStatus.ACCEPTED, taken_values(report), location=place)
