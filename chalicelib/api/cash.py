"""Unapplied cash and credit (R7.2, R5.8)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.payments import BODY_BYTES_MAX
from chalicelib.api.roles import COLLECTORS
from chalicelib.api.shapes.payments import ApplyCashBody, CashAppliedAnswer
from chalicelib.flows.cash_desk import CashDesk, CashSaid
from chalicelib.flows.desk import Reply

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/apply_cash",
    summary="Apply unapplied cash",
    roles=COLLECTORS,
    answers={200: CashAppliedAnswer},
    body=ApplyCashBody,
    needs_key=True,
    problems=(404,),
    body_bytes_max=BODY_BYTES_MAX,
)
def apply_cash(call: Call) -> Reply:
    """Applies unapplied cash and credit to the named invoices in order, else by the waterfall.

    Never to another currency; what is left stays unapplied. 422 lists what stands in the way.
    """
    body = call.body(ApplyCashBody)
    said = CashSaid(body.currency, body.payment_id, body.credit_note_id, tuple(body.invoice_ids))
    desk = CashDesk(call.ports.desk, call.ports.settings.ledger_kind)
    return desk.apply(call.path("account_id"), call.caller, said)
