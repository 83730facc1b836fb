"""Credit notes: sent, read, listed (R7.4)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import BOOKERS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery
from chalicelib.api.shapes.credit_notes import CreditNoteAnswer, CreditNoteBody
from chalicelib.flows.credit_desk import CreditDesk, CreditNoteSaid
from chalicelib.flows.desk import Reply
from chalicelib.flows.principal import APPROVER

blueprint = Blueprint(__name__)


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/credit_notes",
    summary="Record a credit note",
    roles=BOOKERS | {APPROVER},
    answers={200: CreditNoteAnswer, 201: CreditNoteAnswer},
    body=CreditNoteBody,
    needs_key=True,
    problems=(404,),
)
def record_credit_note(call: Call) -> Reply:
    """Records a credit note, once by the caller's own id, from its own date.

    It reduces the invoice it names; what exceeds it, or all of it, becomes unapplied credit. 201:
    it is new. 200: it was recorded before, and this is how it stands.
    """
    body = call.body(CreditNoteBody)
    said = CreditNoteSaid(
        body.credit_note_id, body.amount.amount_minor, body.amount.currency, body.invoice_id,
        body.reason, body.issued_on,
    )  # fmt: skip
    return _desk(call).book(call.path("account_id"), call.caller, said)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/credit_notes",
    summary="List an account's credit notes",
    roles=READERS,
    answers={200: Listed[CreditNoteAnswer]},
    query=ListQuery,
    problems=(404,),
)
def list_credit_notes(call: Call) -> Reply:
    """Lists credit notes by id, with the first ten rows of each one's allocations.

    Reads at most four times, and once more for each megabyte of them.
    """
    limit = call.query(ListQuery).limit
    return Reply(200, call.listed(*_desk(call).page(call.path("account_id"), call.mark(), limit)))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/credit_notes/{credit_note_id}",
    summary="Read a credit note",
    roles=READERS,
    answers={200: CreditNoteAnswer},
    etag=True,
    problems=(404,),
)
def read_credit_note(call: Call) -> Reply:
    """Answers how a credit note stands, in two reads."""
    return Reply(200, _desk(call).read(call.path("account_id"), call.path("credit_note_id")))


def _desk(call: Call) -> CreditDesk:
    return CreditDesk(call.ports.desk, call.ports.settings.ledger_kind)
