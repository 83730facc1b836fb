"""Disputes of invoices: opened, entrusted to somebody, and how they ended (R5.5)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import COLLECTORS, READERS
from chalicelib.api.shapes.base import Listed
from chalicelib.api.shapes.disputes import (
    DisputeAnswer,
    DisputeBody,
    DisputesQuery,
    ReassignBody,
    ResolutionBody,
)
from chalicelib.api.shapes.invoices import InvoiceAnswer, part_of
from chalicelib.flows.desk import Reply
from chalicelib.flows.dispute_desk import DisputeDesk, Entrusted
from chalicelib.flows.dispute_view import DisputeLists
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

    An invoice has one dispute at a time: another takes the place of one that is open. Its owner
    gets a task with the next run.
    """
    body = call.body(DisputeBody)
    why = Why(body.reason_code, body.note)
    to = Entrusted(body.owner or "", body.due_on, body.reference)
    part = part_of(body.amount)
    return DisputeDesk(call.ports.desk).open(*_ids(call), part, why, call.caller, to)


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
    """Ends the dispute of an invoice: `customer_won`, `seller_won`, or `partly` each."""
    body = call.body(ResolutionBody)
    why = Why(body.reason_code, body.note)
    part = part_of(body.amount)
    return DisputeDesk(call.ports.desk).resolve(*_ids(call), body.outcome, why, call.caller, part)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/disputes",
    summary="List an account's disputes",
    roles=READERS,
    answers={200: Listed[DisputeAnswer]},
    query=DisputesQuery,
    problems=(404,),
)
def list_disputes(call: Call) -> Reply:
    """Lists the open disputes by due date, those that await a credit note, and the last 50 closed.

    Reads the account as a whole. What somebody owns over all accounts is in their tasks.
    """
    query = call.query(DisputesQuery)
    account_id, lists = call.path("account_id"), DisputeLists(call.ports.accounts)
    rows, mark = lists.of_account(account_id, call.mark(), query.limit, state=query.state or "")
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/disputes/{dispute_id}",
    summary="Read a dispute",
    roles=READERS,
    answers={200: DisputeAnswer},
    problems=(404,),
)
def read_dispute(call: Call) -> Reply:
    """Answers how a dispute stands. Reads the account as a whole."""
    account_id, dispute_id = call.path("account_id"), call.path("dispute_id")
    return Reply(200, DisputeLists(call.ports.accounts).one(account_id, dispute_id))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/disputes/{dispute_id}/reassign",
    summary="Give a dispute to somebody else, or another due date",
    roles=COLLECTORS,
    answers={200: DisputeAnswer},
    body=ReassignBody,
    needs_key=True,
    etag=True,
    problems=(404,),
)
def reassign_dispute(call: Call) -> Reply:
    """Changes who has to resolve an open dispute, or by when; the task goes with it."""
    body = call.body(ReassignBody)
    to = Entrusted(body.owner or "", body.due_on)
    account_id, dispute_id = call.path("account_id"), call.path("dispute_id")
    desk = DisputeDesk(call.ports.desk)
    return desk.reassign(account_id, dispute_id, to, body.note, call.caller)


def _ids(call: Call) -> tuple[str, str]:
    return call.path("account_id"), call.path("invoice_id")
