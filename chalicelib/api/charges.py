"""Charges: listed, told, waived and reinstated (R4.7)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, READERS
from chalicelib.api.shapes.base import Override
from chalicelib.api.shapes.charges import ChargeList, ChargeQuery, ChargeWorkedOut
from chalicelib.flows.charge_desk import ChargeDesk
from chalicelib.flows.desk import Reply
from chalicelib.flows.invoice_act import Why
from chalicelib.flows.invoice_lists import InvoiceLists

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/charges",
    summary="An account's charges",
    roles=READERS,
    answers={200: ChargeList},
    query=ChargeQuery,
    problems=(404,),
)
def list_charges(call: Call) -> Reply:
    """Answers an account's charges by invoice, those of open invoices first.

    An answer looks at 1,000 invoices at most, in 16 reads, so it may have fewer charges than
    `limit`, or none, and a `next_cursor` all the same.
    """
    query = call.query(ChargeQuery)
    found = _lists(call).charges(call.path("account_id"), query.status, call.mark(), query.limit)
    return Reply(200, call.listed(*found))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/charges/{charge_id}",
    summary="One charge",
    roles=READERS,
    answers={200: ChargeWorkedOut},
    etag=True,
    problems=(404,),
)
def get_charge(call: Call) -> Reply:
    """Answers a charge, whatever became of it. Four reads at most."""
    return Reply(200, _lists(call).charge(call.path("account_id"), call.path("charge_id")))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/charges/{charge_id}/waive",
    summary="Waive a charge",
    roles=APPROVERS,
    answers={200: ChargeWorkedOut},
    body=Override,
    needs_key=True,
    etag=True,
    problems=(404,),
)
def waive_charge(call: Call) -> Reply:
    """Cancels what is open of a charge; it stays visible (R4.7)."""
    return _desk(call).waive(*_ids(call), _why(call), call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/charges/{charge_id}/reinstate",
    summary="Reinstate a waived charge",
    roles=APPROVERS,
    answers={201: ChargeWorkedOut},
    body=Override,
    needs_key=True,
    etag=True,
    problems=(404,),
)
def reinstate_charge(call: Call) -> Reply:
    """Makes what was waived owed again, as the charge's next revision, which is answered (R4.7)."""
    return _desk(call).reinstate(*_ids(call), _why(call), call.caller)


def _desk(call: Call) -> ChargeDesk:
    return ChargeDesk(call.ports.desk)


def _lists(call: Call) -> InvoiceLists:
    return InvoiceLists(call.ports.accounts, call.ports.policies)


def _ids(call: Call) -> tuple[str, str]:
    return call.path("account_id"), call.path("charge_id")


def _why(call: Call) -> Why:
    body = call.body(Override)
    return Why(body.reason_code, body.note)
