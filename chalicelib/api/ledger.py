"""The ERP's side of the ledger: heartbeat, export feed, imports that wait (R7.6, R13.1)."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, BOOKERS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery, Override
from chalicelib.api.shapes.ledger import (
    ExportAnswer,
    FreshnessAnswer,
    HeartbeatBody,
    ImportAnswer,
    ImportApproval,
)
from chalicelib.core.export_lines import ExportLine
from chalicelib.flows.desk import Reply
from chalicelib.flows.export_feed import LedgerExport
from chalicelib.flows.freshness import beat
from chalicelib.flows.import_desk import ImportDesk

blueprint = Blueprint(__name__)


def _imports(call: Call) -> ImportDesk:
    return ImportDesk(call.ports.records, call.ports.jobs)


@operation(
    blueprint,
    "POST",
    "/v1/ledger/heartbeat",
    summary="The ledger is complete through a day",
    roles=BOOKERS,
    answers={200: FreshnessAnswer},
    body=HeartbeatBody,
)
def heartbeat(call: Call) -> Reply:
    """Says that the ERP has sent all that it knows through the end of a day (R13.1).

    A run needs the end of the previous business day to be covered, by this or by an import. The
    day may not lie in the future; an earlier one than is known changes nothing.
    """
    body = call.body(HeartbeatBody)
    fresh = beat(call.ports.registry, body.covers_through, call.ports.day_of(call.caller.at))
    return Reply(200, {"fresh_through": fresh.isoformat()})


@operation(
    blueprint,
    "GET",
    "/v1/ledger_export",
    summary="What the ERP is to book",
    roles=BOOKERS,
    answers={200: ExportAnswer},
    query=ListQuery,
)
def ledger_export(call: Call) -> Reply:
    """Answers charges, waivers and reversals of every account, in an order that stays (R7.6).

    Each is delivered at least once: book a line by its `account_id` and `id`, since two accounts
    may have an invoice of one id, and go on with `next_cursor` when it is booked. Reads two
    queries; at the feed's end up to four for each shard more, to number what was just committed.
    """
    mark = call.mark()
    page = LedgerExport(call.ports.export_feed).read(int(mark or 0), call.query(ListQuery).limit)
    rows = [_line(line) for line in page.lines]
    return Reply(200, call.listed(rows, str(page.next_after)))


def _line(line: ExportLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "sequence": line.sequence,
        "kind": line.kind,
        "account_id": line.account_id,
        "invoice_id": line.invoice_id,
        "charge_id": line.charge_id,
        "charge": line.charge,
        "stage": line.stage,
        "amount": {"amount_minor": line.amount_minor, "currency": line.currency},
        "on": line.on.isoformat(),
        "value_on": line.value_on.isoformat(),
        "reason": line.reason,
        "basis": line.basis,
    }


@operation(
    blueprint,
    "GET",
    "/v1/imports",
    summary="Imports",
    roles=READERS,
    answers={200: Listed[ImportAnswer]},
    query=ListQuery,
)
def list_imports(call: Call) -> Reply:
    """Answers the imports of uploaded files and of statements, newest first. One query."""
    rows, mark = _imports(call).list(call.mark(), call.query(ListQuery).limit)
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/imports/{import_id}",
    summary="An import",
    roles=READERS,
    answers={200: ImportAnswer},
    etag=True,
    problems=(404,),
)
def get_import(call: Call) -> Reply:
    """Answers what an import did, or what one that waits would do. One read."""
    return Reply(200, _imports(call).get(call.path("import_id")))


@operation(
    blueprint,
    "POST",
    "/v1/imports/{import_id}/approve",
    summary="Approve an import that waits",
    roles=APPROVERS,
    answers={202: ImportAnswer},
    body=ImportApproval,
    needs_key=True,
    problems=(404, 409),
)
def approve_import(call: Call) -> Reply:
    """Lets a statement go that would settle more invoices than usual; names their count (R7.6).

    It is booked by a job, a few minutes later at most. What has changed meanwhile is counted
    again: if it would then settle more than was approved, it waits again.
    """
    said = call.body(ImportApproval).model_dump()
    return _imports(call).approve(call.caller, call.path("import_id"), said)


@operation(
    blueprint,
    "POST",
    "/v1/imports/{import_id}/decline",
    summary="Decline an import that waits",
    roles=APPROVERS,
    answers={200: ImportAnswer},
    body=Override,
    needs_key=True,
    problems=(404, 409),
)
def decline_import(call: Call) -> Reply:
    """Says that a statement is not to be booked; the next one is judged anew (R7.6)."""
    said = call.body(Override).model_dump()
    return _imports(call).decline(call.caller, call.path("import_id"), said)
