"""Payments: sent, read, listed, reversed (R7.1, R7.4)."""

from __future__ import annotations

from dataclasses import replace

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, BOOKERS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery, Override
from chalicelib.api.shapes.invoice_batches import Unreadable
from chalicelib.api.shapes.payment_batches import (
    BatchPayment,
    PaymentBatchAnswer,
    PaymentBatchBody,
)
from chalicelib.api.shapes.payments import (
    AllocationAnswer,
    PaymentAnswer,
    PaymentBody,
)
from chalicelib.flows.desk import Reply
from chalicelib.flows.payment_batch import PaymentBatch, PaymentRow, PaymentRowAnswer
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
    summary="Record up to 500 payments",
    roles=CASHIERS,
    answers={200: PaymentBatchAnswer},
    body=PaymentBatchBody,
    body_bytes_max=BATCH_BYTES_MAX,
)
def record_payments(call: Call) -> Reply:
    """Records payments of any accounts, and answers each row on its own, in order.

    A row that is there already changes nothing, so the batch may be sent again without an
    Idempotency-Key. All rows of an account are one change.
    """
    rows: list[PaymentRow] = []
    unreadable: list[PaymentRowAnswer] = []
    for place, row in enumerate(call.body(PaymentBatchBody).payments):
        found: BatchPayment | Unreadable = row
        if isinstance(found, Unreadable):
            at = f"/payments/{place}"
            faults = tuple(replace(fault, where=at + fault.where) for fault in found.faults)
            ids = found.id("account_id"), found.id("payment_id")
            unreadable.append(PaymentRowAnswer(place, *ids, "invalid", faults))
        else:
            rows.append(PaymentRow(place, found.account_id, said_of(found)))
    ports = call.ports
    batch = PaymentBatch(ports.desk, ports.settings.ledger_kind, ports.monotonic)
    return batch.book(call.caller, rows, unreadable)


def said_of(body: PaymentBody) -> PaymentSaid:
    """Return a payment as the flows have it."""
    return PaymentSaid(
        body.payment_id, body.received_on, body.amount.amount_minor, body.amount.currency,
        tuple(body.invoice_ids), body.reference,
    )  # fmt: skip


def _desk(call: Call) -> PaymentDesk:
    return PaymentDesk(call.ports.desk, call.ports.settings.ledger_kind)
