"""An agency's placements: their dossiers with least data, each read of them recorded (R10.5)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.csv_answers import CSV, JSON, CsvReply
from chalicelib.api.operation import operation
from chalicelib.api.shapes.agency_placements import (
    DossierAnswer,
    PlacementSummary,
    TombstoneAnswer,
)
from chalicelib.api.shapes.base import Listed, ListQuery
from chalicelib.flows.agency_side import placement_row
from chalicelib.flows.agency_side_reads import placement_cells, summary_values, tombstone_values
from chalicelib.flows.api_keys import READ
from chalicelib.flows.auth_grant import KEY_PREFIX
from chalicelib.flows.desk import Reply
from chalicelib.flows.ports_agency import DossierRead
from chalicelib.flows.principal import AGENCY

blueprint = Blueprint(__name__)
_COLUMNS = (
    "id", "status", "outcome", "ended_on", "agency_reference", "creditor_reference", "debtor_name",
    "debtor_registration_no", "debtor_country", "debtor_language", "debtor_email",
    "debtor_address", "contact_name", "contact_email", "contact_phone", "currency",
    "principal_minor", "interest_minor", "late_fees_minor", "compensation_minor",
    "collection_fee_minor", "balance_minor", "placed_minor", "paid_minor", "offered_on",
    "offered_until", "suspended_for", "recall_effective_on",
)  # fmt: skip


@operation(
    blueprint,
    "GET",
    "/agency/v1/placements",
    summary="List placements",
    roles={AGENCY},
    scope=READ,
    answers={200: Listed[PlacementSummary]},
    query=ListQuery,
    media_types=(JSON, CSV),
)
def list_placements(call: Call) -> Reply:
    """Lists all that the agency was ever offered, by id; in CSV with whom to reach and what is open.

    Of what has ended only how is there. Each page that is read is recorded.
    """
    page = call.shelf.dossiers(call.mark(), call.query(ListQuery).limit)
    _record(call, [row.placement_id for row in page.rows])
    if call.wants_csv:
        listed = call.listed([], page.mark)
        rows = [placement_cells(row) for row in page.rows]
        return CsvReply(columns=_COLUMNS, rows=rows, next_cursor=listed["next_cursor"])
    return Reply(200, call.listed([summary_values(row) for row in page.rows], page.mark))


@operation(
    blueprint,
    "GET",
    "/agency/v1/placements/{placement_id}",
    summary="Read a placement's dossier",
    roles={AGENCY},
    scope=READ,
    answers={200: DossierAnswer, 410: TombstoneAnswer},
    problems=(404,),
)
def read_placement(call: Call) -> Reply:
    """Answers a placement with all that is needed to work it; each read is recorded.

    304 when `If-None-Match` names what the caller has: nothing leaves, and no read is recorded. 410
    when it has ended: how and when, and no personal data. 404 also for what is another agency's.
    """
    row = placement_row(call.shelf, call.path("placement_id"))
    if not row.body:
        return Reply(410, tombstone_values(row))
    dossier = json.loads(row.body)
    if not call.has(dossier):
        _record(call, [row.placement_id])
    return Reply(200, dossier)


def _record(call: Call, placement_ids: Sequence[str]) -> None:
    """Write the audit line before anything is told; what cannot be recorded is not told."""
    if placement_ids:
        caller = call.caller
        key_id = caller.principal.id.removeprefix(KEY_PREFIX)
        read = DossierRead(caller.at, key_id, tuple(placement_ids), caller.request_id)
        call.shelf.record_read(read)
