"""What people and systems do with an invoice that is there."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, BOOKERS, COLLECTORS
from chalicelib.api.shapes.base import Override
from chalicelib.api.shapes.invoices import DeliveryBody, ExtensionBody, InvoiceAnswer
from chalicelib.flows.desk import Reply
from chalicelib.flows.invoice_act import Why
from chalicelib.flows.invoice_desk import InvoiceDesk
from chalicelib.flows.invoice_view import GUARDED

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/invoices/{invoice_id}/deliver",
    summary="Say when an invoice was sent to the customer",
    roles=BOOKERS | COLLECTORS,
    answers={200: InvoiceAnswer},
    body=DeliveryBody,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def deliver_invoice(call: Call) -> Reply:
    """Says when an invoice was sent: it is dunned from then on (R5.5). The first delivery counts."""
    return _desk(call).deliver(*_ids(call), call.body(DeliveryBody).delivered_on, call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/invoices/{invoice_id}/extend",
    summary="Give an invoice a later due date",
    roles=COLLECTORS,
    answers={200: InvoiceAnswer},
    body=ExtensionBody,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def extend_invoice(call: Call) -> Reply:
    """Moves the effective due date to a later day (R5.9).

    Stages that were applied stay applied, and their charges stay unless they are waived.
    """
    body = call.body(ExtensionBody)
    why = Why(body.reason_code, body.note)
    return _desk(call).extend(*_ids(call), body.due_on, why, call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/invoices/{invoice_id}/void",
    summary="Void an invoice",
    roles=BOOKERS | APPROVERS,
    answers={200: InvoiceAnswer},
    body=Override,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def void_invoice(call: Call) -> Reply:
    """Cancels an invoice and its open charges; what was paid on it becomes unapplied cash (R7.4)."""
    return _desk(call).void(*_ids(call), _why(call), call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/invoices/{invoice_id}/write_off",
    summary="Write an invoice off",
    roles=APPROVERS,
    answers={200: InvoiceAnswer},
    body=Override,
    needs_key=True,
    etag=GUARDED,
    problems=(404,),
)
def write_off_invoice(call: Call) -> Reply:
    """Gives up what is open of an invoice's principal. Its charges stay owed; waive them as well."""
    return _desk(call).write_off(*_ids(call), _why(call), call.caller)


def _desk(call: Call) -> InvoiceDesk:
    return InvoiceDesk(call.ports.desk, call.ports.settings.ledger_kind)


def _ids(call: Call) -> tuple[str, str]:
    return call.path("account_id"), call.path("invoice_id")


def _why(call: Call) -> Why:
    body = call.body(Override)
    return Why(body.reason_code, body.note)
