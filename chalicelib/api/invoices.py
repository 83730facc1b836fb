"""Invoices: taken in one by one or in batches, told, and listed."""

from __future__ import annotations

from dataclasses import replace

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import BOOKERS, READERS
from chalicelib.api.shapes.invoice_batches import (
    BatchInvoice,
    InvoiceBatchAnswer,
    InvoiceBatchBody,
    Unreadable,
)
from chalicelib.api.shapes.invoices import InvoiceAnswer, InvoiceBody, InvoiceList, InvoiceQuery
from chalicelib.flows.desk import Reply
from chalicelib.flows.invoice_batch import Answer, InvoiceBatch, Row
from chalicelib.flows.invoice_desk import InvoiceDesk
from chalicelib.flows.invoice_lists import InvoiceLists
from chalicelib.flows.invoice_view import GUARDED

blueprint = Blueprint(__name__)

BATCH_BYTES_MAX = 2_097_152  # 500 rows with the longest texts


@operation(
    blueprint,
    "PUT",
    "/v1/accounts/{account_id}/invoices/{invoice_id}",
    summary="Take an invoice in",
    roles=BOOKERS,
    answers={200: InvoiceAnswer, 201: InvoiceAnswer},
    body=InvoiceBody,
    etag=GUARDED,
    problems=(404,),
)
def put_invoice(call: Call) -> Reply:
    """Takes an invoice in (201). The same again, here or in a ledger file, changes nothing (200).

    Due date, PO number, agreed due date and a first delivery may change, with If-Match (200).
    Amounts, currency and issue date do not: a credit note reduces an invoice, and a void with an
    invoice of another id replaces it (409). The account must be there.
    """
    said = call.body(InvoiceBody).said(call.path("invoice_id"))
    return InvoiceDesk(call.ports.desk).put(call.path("account_id"), said, call.caller)


@operation(
    blueprint,
    "POST",
    "/v1/invoices/batch",
    summary="Take up to 500 invoices in",
    roles=BOOKERS,
    answers={200: InvoiceBatchAnswer},
    body=InvoiceBatchBody,
    body_bytes_max=BATCH_BYTES_MAX,
)
def post_invoices(call: Call) -> Reply:
    """Takes invoices of any accounts in, and answers each row on its own, in order.

    A row that is there already changes nothing, so the batch may be sent again without an
    Idempotency-Key. All rows of an account are one change.
    """
    body = call.body(InvoiceBatchBody)
    rows: list[Row] = []
    unreadable: list[Answer] = []
    for place, row in enumerate(body.invoices):
        found: BatchInvoice | Unreadable = row
        if isinstance(found, Unreadable):
            at = f"/invoices/{place}"
            faults = tuple(replace(fault, where=at + fault.where) for fault in found.faults)
            ids = found.id("account_id"), found.id("invoice_id")
            unreadable.append(Answer(place, *ids, "invalid", faults))
        else:
            rows.append(Row(place, found.account_id, found.said(found.invoice_id)))
    batch = InvoiceBatch(call.ports.desk, call.ports.monotonic)
    return batch.post(rows, unreadable, call.caller, update=body.update)


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/invoices/{invoice_id}",
    summary="One invoice",
    roles=READERS,
    answers={200: InvoiceAnswer},
    etag=GUARDED,
    problems=(404,),
)
def get_invoice(call: Call) -> Reply:
    """Answers an invoice, open or closed, as it is today. Four reads at most."""
    ports = call.ports
    lists = InvoiceLists(ports.accounts, ports.policies)
    return Reply(
        200, lists.invoice(call.path("account_id"), call.path("invoice_id"), ports.today())
    )


@operation(
    blueprint,
    "GET",
    "/v1/accounts/{account_id}/invoices",
    summary="An account's invoices",
    roles=READERS,
    answers={200: InvoiceList},
    query=InvoiceQuery,
    problems=(404,),
)
def list_invoices(call: Call) -> Reply:
    """Answers an account's invoices by id. Six reads at most."""
    query, ports = call.query(InvoiceQuery), call.ports
    lists = InvoiceLists(ports.accounts, ports.policies)
    rows, mark = lists.invoices(
        call.path("account_id"), query.status, call.mark(), query.limit, ports.today()
    )
    return Reply(200, call.listed(rows, mark))
