"""Payments: sent, read, listed, reversed (R7.1, R7.4)."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.problems import problem, status_of
from chalicelib.api.roles import APPROVERS, BOOKERS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery, Override
from chalicelib.api.shapes.payments import (
    AllocationAnswer,
    PaymentAnswer,
    PaymentBatchAnswer,
    PaymentBatchBody,
    PaymentBody,
)
from chalicelib.flows.desk import Reply
from chalicelib.flows.payment_batch import PaymentBatch, RowAnswer
from chalicelib.flows.payment_desk import PaymentDesk, PaymentSaid
from chalicelib.flows.principal import APPROVER, SERVICE

blueprint = Blueprint(__name__)

CASHIERS = BOOKERS | {APPROVER}  # who books money
BODY_BYTES_MAX = 524_288  # 3,000 invoice ids of 64 characters, each on a line of its own
BATCH_BYTES_MAX = 2_097_152


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/payments",
    summary="Record a payment",
    roles=CASHIERS,
    answers={200: PaymentAnswer, 201: PaymentAnswer},
    body=PaymentBody,
    needs_key=True,
    problems=(404,),
    body_bytes_max=BODY_BYTES_MAX,
)
def record_payment(call: Call) -> Reply:
    """Records a payment, once by the caller's own id, and answers when it is booked for certain.

    201: it is new. 200: it was recorded before, and this is how it stands. Over many invoices its
    `allocation` may be `pending` in the answer; it is done within a minute, to the cent.
    """
    return _desk(call).book(call.path("account_id"), call.caller, said_of(call.body(PaymentBody)))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/payments",
    summary="List an account's payments",
    roles=READERS,
    answers={200: Listed[PaymentAnswer]},
    query=ListQuery,
    problems=(404,),
)
def list_payments(call: Call) -> Reply:
    """Lists payments by id, with the first ten rows of each one's allocations.

    Reads at most four times, and once more for each megabyte of payments.
    """
    limit = call.query(ListQuery).limit
    return Reply(200, call.listed(*_desk(call).page(call.path("account_id"), call.mark(), limit)))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/payments/{payment_id}",
    summary="Read a payment",
    roles=READERS,
    answers={200: PaymentAnswer},
    etag=True,
    problems=(404,),
)
def read_payment(call: Call) -> Reply:
    """Answers how a payment stands, its allocation done, with the first hundred rows of it.

    Reads twice, unless it is the first to read a large allocation, which it then finishes.
    """
    return Reply(200, _desk(call).read(call.path("account_id"), call.path("payment_id")))


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/payments/{payment_id}/allocations",
    summary="List where a payment went",
    roles=READERS,
    answers={200: Listed[AllocationAnswer]},
    query=ListQuery,
    problems=(404,),
)
def list_allocations(call: Call) -> Reply:
    """Lists every invoice and charge that a payment went to, in the order it went there."""
    account_id, payment_id = call.path("account_id"), call.path("payment_id")
    start, limit = int(call.mark() or 0), call.query(ListQuery).limit
    rows, more = _desk(call).allocations(account_id, payment_id, start, limit)
    return Reply(200, call.listed(rows, None if more is None else str(more)))


@operation(
    blueprint,
    "POST",
    "/v1/accounts/{account_id}/payments/{payment_id}/reverse",
    summary="Reverse a payment that bounced",
    roles=APPROVERS | {SERVICE},
    answers={200: PaymentAnswer},
    body=Override,
    needs_key=True,
    problems=(404,),
)
def reverse_payment(call: Call) -> Reply:
    """Undoes a payment's allocations exactly, in reverse, and re-opens what it closed (R7.4).

    Stages already applied stay. A payment is reversed once: a second reversal is a conflict.
    """
    why = call.body(Override)
    return _desk(call).reverse(
        call.path("account_id"), call.caller, call.path("payment_id"), why.reason_code, why.note
    )


@operation(
    blueprint,
    "POST",
    "/v1/payments/batch",
    summary="Record payments of many accounts",
    roles=CASHIERS,
    answers={200: PaymentBatchAnswer},
    body=PaymentBatchBody,
    body_bytes_max=BATCH_BYTES_MAX,
)
def record_payments(call: Call) -> Reply:
    """Records up to 500 payments, each answered on its own, with the status it would have alone.

    A row is recorded once by its own id, so that a batch may be sent again after any failure. A
    body with a row that is not of the right shape is refused whole, every fault named.
    """
    rows = [(row.account_id, said_of(row)) for row in call.body(PaymentBatchBody).payments]
    batch = PaymentBatch(call.ports.desk, call.ports.settings.ledger_kind)
    answers = batch.book(call.caller, rows)
    return Reply(200, {"data": [_row(answer, call.caller.request_id) for answer in answers]})


def said_of(body: PaymentBody) -> PaymentSaid:
    """Return a payment as the flows have it."""
    return PaymentSaid(
        body.payment_id, body.received_on, body.amount.amount_minor, body.amount.currency,
        tuple(body.invoice_ids), body.reference,
    )  # fmt: skip


def _row(answer: RowAnswer, request_id: str) -> dict[str, Any]:
    row: dict[str, Any] = {"account_id": answer.account_id, "payment_id": answer.payment_id}
    if answer.error is not None:
        refused = problem(answer.error, request_id)
        return row | {"status": int(status_of(answer.error)), "problem": refused}
    return row | {"status": 201 if answer.is_new else 200, "payment": answer.payment}


def _desk(call: Call) -> PaymentDesk:
    return PaymentDesk(call.ports.desk, call.ports.settings.ledger_kind)
