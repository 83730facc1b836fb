"""Disputes of invoices: opened, and how they ended."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import COLLECTORS
from chalicelib.api.shapes.disputes import DisputeBody, ResolutionBody
from chalicelib.api.shapes.invoices import InvoiceAnswer, part_of
from chalicelib.flows.desk import Reply
from chalicelib.flows.dispute_desk import DisputeDesk
from chalicelib.flows.invoice_act import Why
from chalicelib.flows.invoice_view import GUARDED

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/invoices/{invoice_id}/dispute",
    summary="Dispute an invoice or a part of it",
    roles=COLLECTORS,
    answers={200: InvoiceAnswer},
    body=DisputeBody,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def dispute_invoice(call: Call) -> Reply:
    """Takes what is disputed out of dunning; the rest is dunned on (R5.5).

    An invoice has one dispute at a time: another takes the place of one that is open.
    """
    body = call.body(DisputeBody)
    why = Why(body.reason_code, body.note)
    return DisputeDesk(call.ports.desk).open(*_ids(call), part_of(body.amount), why, call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/invoices/{invoice_id}/dispute/resolve",
    summary="Say how a dispute ended",
    roles=COLLECTORS,
    answers={200: InvoiceAnswer},
    body=ResolutionBody,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def resolve_dispute(call: Call) -> Reply:
    """Ends the dispute of an invoice: `customer_won` or `seller_won`."""
    body = call.body(ResolutionBody)
    why = Why(body.reason_code, body.note)
    return DisputeDesk(call.ports.desk).resolve(*_ids(call), body.outcome, why, call.caller)


def _ids(call: Call) -> tuple[str, str]:
    return call.path("account_id"), call.path("invoice_id")
