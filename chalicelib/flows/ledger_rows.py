"""One row of invoices, payments or credit notes, as the facts it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from chalicelib.core.facts import CreditNote, Delivery, InvoiceIssued, Payment
from chalicelib.core.terms import TermsError, due_date
from chalicelib.flows.agency_money_ids import reserved
from chalicelib.flows.ledger_account_cells import Attribute, read_attributes
from chalicelib.flows.ledger_cells import Cells
from chalicelib.flows.ledger_columns import PAID_AMOUNT, PAID_BOOKED, PAID_RECEIVED

NEVER = "never"


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice with what its row says beside it. `notes`: column, code and words of warnings."""

    account_id: str
    issued: InvoiceIssued
    delivery: Delivery | None = None
    payment: Payment | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict, compare=False)
    notes: tuple[tuple[str, str, str], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment and whose it is."""

    account_id: str
    payment: Payment


@dataclass(frozen=True, slots=True)
class CreditNoteRow:
    """A credit note and whose it is."""

    account_id: str
    credit_note: CreditNote


def read_invoice(cells: Cells) -> InvoiceRow | None:
    """Return the invoice of a row, or None when the row has faults (then `cells` holds them).

    `delivered_on` blank: delivered at issue; `never`: not delivered; a later day: a delivery on
    that day. With `[payments]` in the mapping, a row that has a payment date is also a payment.
    """
    account_id, invoice_id = cells.account_id(), cells.id("invoice_id")
    issued_on, currency = cells.needed_day("issued_on"), cells.currency()
    due_on = _due_on(cells, account_id, issued_on)
    amount, open_, advanced = _amounts(cells, currency)
    disputed = _disputed(cells, currency, open_)
    delivered_on = None if _is_never(cells) else cells.day("delivered_on") or issued_on
    extended_due_on, po_number = cells.day("extended_due_on"), cells.text("po_number")
    attributes, notes = read_attributes(cells)
    payment = _paid(cells, invoice_id, currency, amount)
    if cells.faults or not (account_id and invoice_id and issued_on and due_on and currency):
        return None
    if amount is None or open_ is None:
        return None
    if due_on < issued_on:
        notes = (*notes, ("due_on", "due_before_issue", f"due on {due_on}, before its issue"))
    later = delivered_on is not None and delivered_on > issued_on
    return InvoiceRow(
        account_id,
        InvoiceIssued(
            on=issued_on,
            invoice_id=invoice_id,
            currency=currency,
            amount_minor=amount,
            open_minor=open_,
            issued_on=issued_on,
            due_on=due_on,
            seen_on=issued_on,
            delivered_on=None if later or delivered_on is None else issued_on,
            extended_due_on=extended_due_on,
            advanced_minor=advanced,
            disputed_minor=disputed,
            po_number=po_number,
        ),
        Delivery(delivered_on, invoice_id) if later and delivered_on else None,
        payment,
        attributes,
        notes,
    )


def read_payment(cells: Cells) -> PaymentRow | None:
    """Return the payment of a row, or None when the row has faults (then `cells` holds them)."""
    payment_id, account_id = cells.id("payment_id"), cells.account_id()
    received_on, currency = cells.needed_day("received_on"), cells.currency()
    booked_on = cells.day("booked_on") or received_on
    amount = cells.needed_amount("amount", currency, above_zero=True)
    invoice_ids = cells.ids("invoice_ids")
    if payment_id and (why := reserved(payment_id)) is not None:
        cells.refuse("payment_id", "reserved", why)
    if cells.faults or not (payment_id and account_id and received_on and booked_on):
        return None
    if not (currency and amount):
        return None
    payment = Payment(booked_on, payment_id, received_on, currency, amount, invoice_ids)
    return PaymentRow(account_id, payment)


def read_credit_note(cells: Cells) -> CreditNoteRow | None:
    """Return the credit note of a row, or None when it has faults (then `cells` holds them)."""
    credit_note_id, account_id = cells.id("credit_note_id"), cells.account_id()
    issued_on, currency = cells.needed_day("issued_on"), cells.currency()
    amount = cells.needed_amount("amount", currency, above_zero=True)
    invoice_id, reason = cells.optional_id("invoice_id"), cells.text("reason")
    if cells.faults or not (credit_note_id and account_id and issued_on and currency and amount):
        return None
    note = CreditNote(issued_on, credit_note_id, currency, amount, invoice_id, reason)
    return CreditNoteRow(account_id, note)


def _due_on(cells: Cells, account_id: str | None, issued_on: date | None) -> date | None:
    if cells.has("due_on"):
        return cells.day("due_on")
    terms = cells.terms(account_id)
    if not terms and not cells.has("terms"):
        cells.refuse("due_on", "missing_value", "is blank, and so are the terms; one is needed")
        return None
    try:
        # The day is only a stand-in when the issue date is wrong: then the terms are still judged.
        due_on = due_date(terms, issued_on or date(2000, 1, 1))
    except TermsError as error:
        cells.refuse("terms", "bad_terms", str(error))
        return None
    return due_on if issued_on else None


def _amounts(cells: Cells, currency: str | None) -> tuple[int | None, int | None, int]:
    """Return the amount, what of it is open and what of it is advanced."""
    amount = cells.needed_amount("amount", currency)
    open_ = cells.amount("open_amount", currency) if cells.has("open_amount") else amount
    advanced = cells.amount("advanced_amount", currency) or 0
    if amount is not None and open_ is not None and open_ > amount:
        cells.refuse("open_amount", "above_amount", "is more than the invoice's amount")
    if amount is not None and advanced > amount:
        cells.refuse("advanced_amount", "above_amount", "is more than the invoice's amount")
    return amount, open_, advanced


def _disputed(cells: Cells, currency: str | None, open_: int | None) -> int:
    """Return the disputed part of what is open: all of it when only the flag says so."""
    flag, part = cells.flag("disputed"), cells.amount("disputed_amount", currency)
    if flag is False and part:
        detail = "is above zero, but the column disputed says no"
        cells.refuse("disputed_amount", "not_disputed", detail)
    if flag and part == 0:
        detail = "is zero, but the column disputed says yes; leave it blank for the whole"
        cells.refuse("disputed_amount", "nothing_disputed", detail)
    if open_ is None:
        return 0
    if flag and part is None:
        return open_
    return min(part or 0, open_)


def _is_never(cells: Cells) -> bool:
    return cells.text("delivered_on").casefold() == NEVER


def _paid(
    cells: Cells, invoice_id: str | None, currency: str | None, amount: int | None
) -> Payment | None:
    """Return the payment that stands in an invoice's row, named to it and with its id."""
    received_on = cells.day(PAID_RECEIVED)
    booked_on = cells.day(PAID_BOOKED) or received_on
    paid = cells.amount(PAID_AMOUNT, currency) if cells.has(PAID_AMOUNT) else amount
    if received_on is None:
        return None
    if not paid or invoice_id is None or currency is None or booked_on is None:
        return None  # faults are noted already; nothing was paid on an invoice of zero
    return Payment(booked_on, invoice_id, received_on, currency, paid, (invoice_id,))
