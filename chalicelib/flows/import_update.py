"""What an invoice's row changes of the invoice that is there: `--update`, and every statement.

What moves no money may change: due date, PO number, an agreed due date, a delivery, a dispute. The
amounts of an own ledger, its currency and its issue date may not: a credit note or a new invoice
says that. In a mirror the ERP's word on amount and issue date is taken too (R7.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from chalicelib.core.facts import (
    Delivery,
    DisputeOpened,
    Extension,
    Fact,
    InvoiceCorrected,
    InvoiceIssued,
)
from chalicelib.core.invoice import Invoice
from chalicelib.flows.import_known import Conflict, digest

T = TypeVar("T")


def terms_digest(fact: InvoiceIssued) -> str:
    """Return what stands for all that a statement's row says but what is open."""
    return digest(replace(fact, open_minor=fact.amount_minor, digest=""))


def updates(there: Invoice, fact: InvoiceIssued, on: date) -> tuple[Fact, ...] | Conflict:
    """Return the facts by which an invoice of an own ledger becomes what its row now says."""
    pairs = (
        ("currency", there.currency, fact.currency),
        ("amount", there.amount_minor, fact.amount_minor),
        ("open amount when it was taken in", there.opened_minor, fact.open_minor),
        ("issue date", there.issued_on, fact.issued_on),
    )
    different = [name for name, old, new in pairs if old != new]
    if different:
        return Conflict(
            f"invoice {fact.invoice_id} is there already, with another {' and '.join(different)}, "
            "which --update does not change; it stays as it is. A credit note reduces it, a void "
            "with a new invoice replaces it"
        )
    if there.voided:
        return Conflict(f"invoice {fact.invoice_id} was voided; it stays as it is")
    return _moved(there, fact, on)


def corrections(there: Invoice, fact: InvoiceIssued, on: date) -> tuple[Fact, ...]:
    """Return the facts by which an invoice of a mirror becomes what a statement's row says of it.

    What is open is not among them. A row that says what the last one said changes nothing, so that
    a dispute that was resolved here stays resolved until the ERP says something new.
    """
    if there.digest == fact.digest:
        return ()
    return _moved(there, fact, on)


def _moved(there: Invoice, fact: InvoiceIssued, on: date) -> tuple[Fact, ...]:
    """Return the facts for what differs; the first of them remembers the row."""
    found: list[Fact] = [
        InvoiceCorrected(
            on,
            fact.invoice_id,
            due_on=_new(there.due_on, fact.due_on),
            po_number=_new(there.po_number, fact.po_number),
            issued_on=_new(there.issued_on, fact.issued_on),
            amount_minor=_new(there.amount_minor, fact.amount_minor),
            digest=fact.digest,
        )
    ]
    agreed = fact.extended_due_on
    if agreed is not None and agreed != there.extended_due_on:
        found.append(Extension(on, fact.invoice_id, agreed))
    if there.delivered_on is None and fact.delivered_on is not None:
        found.append(Delivery(fact.delivered_on, fact.invoice_id))
    disputed = min(fact.disputed_minor, there.open_minor)
    if disputed and disputed != there.disputed_minor:
        found.append(DisputeOpened(on, fact.invoice_id, disputed))
    return tuple(found)


def says_something(facts: Sequence[Fact]) -> bool:
    """Whether such facts change more than what is remembered of the row."""
    return any(
        not isinstance(fact, InvoiceCorrected)
        or replace(fact, digest="") != InvoiceCorrected(fact.on, fact.invoice_id)
        for fact in facts
    )


def _new(old: T, new: T) -> T | None:
    return new if new != old else None
