"""Money between an agency and the seller: payments, remittances, reconciliation (R10.6)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.agency_taking import take
from chalicelib.api.call import Call
from chalicelib.api.csv_answers import CSV, JSON, CsvReply
from chalicelib.api.operation import operation
from chalicelib.api.shapes.agency_money import (
    AgencyPaymentAnswer,
    ReconciliationAnswer,
    ReconciliationBody,
    RemittanceAnswer,
    RemittanceBody,
    RemittanceSummary,
)
from chalicelib.api.shapes.agency_reports import ReportTaken
from chalicelib.api.shapes.base import Listed, ListQuery
from chalicelib.flows.agency_side_reads import (
    payment_cells,
    payment_values,
    reconciled,
    remittance_summary,
    remittance_values,
)
from chalicelib.flows.api_keys import READ, REMIT
from chalicelib.flows.desk import Reply
from chalicelib.flows.principal import AGENCY
from chalicelib.flows.reconciliations import Believed

blueprint = Blueprint(__name__)
_COLUMNS = (
    "payment_id", "placement_id", "received_on", "amount_minor", "commission_minor", "currency",
    "received_by", "remittance_id", "bounced",
)  # fmt: skip


@operation(
    blueprint,
    "GET",
    "/agency/v1/payments",
    summary="List payments",
    roles={AGENCY},
    scope=READ,
    answers={200: Listed[AgencyPaymentAnswer]},
    query=ListQuery,
    media_types=(JSON, CSV),
)
def list_payments(call: Call) -> Reply:
    """Lists money for what was placed, by id: with its commission, and the remittance it is in."""
    page = call.shelf.payments(call.mark(), call.query(ListQuery).limit)
    if call.wants_csv:
        listed = call.listed([], page.mark)
        rows = [payment_cells(row) for row in page.rows]
        return CsvReply(columns=_COLUMNS, rows=rows, next_cursor=listed["next_cursor"])
    return Reply(200, call.listed([payment_values(row) for row in page.rows], page.mark))


@operation(
    blueprint,
    "POST",
    "/agency/v1/remittances",
    summary="Remit what was collected",
    roles={AGENCY},
    scope=REMIT,
    answers={202: ReportTaken},
    body=RemittanceBody,
)
def remit(call: Call) -> Reply:
    """Tells what the agency hands over, of payments that were reported and applied.

    Lines and control totals must match to the cent; anything else is a 422 with each line's fault,
    and nothing of it is kept. Finance confirms it when the money is there; the feed tells.
    """
    return take(call, "remittance")


@operation(
    blueprint,
    "GET",
    "/agency/v1/remittances",
    summary="List remittances",
    roles={AGENCY},
    scope=READ,
    answers={200: Listed[RemittanceSummary]},
    query=ListQuery,
)
def list_remittances(call: Call) -> Reply:
    """Lists remittances that were applied, newest first."""
    page = call.shelf.remittances(call.mark(), call.query(ListQuery).limit)
    return Reply(200, call.listed([remittance_summary(one) for one in page.rows], page.mark))


@operation(
    blueprint,
    "GET",
    "/agency/v1/remittances/{remittance_id}",
    summary="Read a remittance",
    roles={AGENCY},
    scope=READ,
    answers={200: RemittanceAnswer},
    problems=(404,),
)
def read_remittance(call: Call) -> Reply:
    """Answers a remittance with its lines, and whether finance has confirmed it."""
    return Reply(200, remittance_values(call.shelf, call.path("remittance_id")))


@operation(
    blueprint,
    "POST",
    "/agency/v1/reconciliations",
    summary="Compare what both have",
    roles={AGENCY},
    scope=READ,
    answers={200: ReconciliationAnswer},
    body=ReconciliationBody,
)
def reconcile(call: Call) -> Reply:
    """Answers what differs between what the agency has and what is so; changes nothing.

    `unknown_placement`, `status_differs`, `balance_differs`, `named_twice`; of a complete list also
    `not_listed`. Balances of what has ended are not compared. Reads all of the agency's placements.
    """
    body = call.body(ReconciliationBody)
    believed = [
        Believed(one.placement_id, one.status, one.balance.amount_minor, one.balance.currency)
        for one in body.placements
    ]
    return Reply(200, reconciled(call.shelf, believed, is_complete=body.is_complete))
