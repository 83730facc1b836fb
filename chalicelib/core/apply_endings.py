"""What ends without money: voids and write-offs (R7.4, R7.5)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.book import Book
from chalicelib.core.case_thanks import note_write_off
from chalicelib.core.effects import Entry
from chalicelib.core.facts import InvoiceVoided, InvoiceWrittenOff
from chalicelib.core.money import add
from chalicelib.core.placement_fees import move_fees
from chalicelib.core.principal import reduce_principal


def void_invoice(book: Book, fact: InvoiceVoided) -> None:
    """Cancel an invoice and its open charges; what was paid on it is unapplied cash (R7.4).

    So is credit that a person applied to it. What its own credit notes took went with it. The fee
    of a placement that hangs on it goes on hanging on another of its invoices (R10.3).
    """
    invoice = book.find(fact.invoice_id)
    if invoice is None or invoice.voided:
        return
    if book.placements:
        invoice = move_fees(book, invoice)
    returned = 0
    for money in list(book.money.values()):
        if money.kind == "credit_note" and invoice.id in money.invoice_ids:
            continue
        mine = [a for a in money.allocations if a.invoice_id == invoice.id and not a.charge_id]
        back = sum(a.amount_minor for a in mine)
        if back:
            book.put_money(
                replace(
                    money,
                    allocations=tuple(a for a in money.allocations if a not in mine),
                    written_off=tuple(a for a in money.written_off if a.invoice_id != invoice.id),
                    unapplied_minor=money.unapplied_minor + back,
                )
            )
            returned += back
    cancelled = invoice.open_minor + invoice.open_charges_minor + returned
    charges = tuple(
        replace(c, open_minor=0, waived_minor=c.waived_minor + c.open_minor)
        for c in invoice.charges
    )
    book.unsettle(invoice.id)
    if invoice.disputed_minor:
        book.disputes_moved[invoice.id] = "void"
    book.put(
        invoice.having(
            open_minor=0,
            advanced_minor=0,
            disputed_minor=0,
            owed=(),
            charges=charges,
            voided=True,
        )
    )
    if invoice.open_charges_minor:
        add(book.voided_charges, invoice.currency, invoice.open_charges_minor)
    if cancelled:
        book.enter(
            Entry(
                "void",
                fact.on,
                fact.on,
                invoice.currency,
                cancelled,
                f"{invoice.id}:void",
                invoice.id,
                reason=fact.reason,
            )
        )


def write_off_invoice(book: Book, fact: InvoiceWrittenOff) -> None:
    """Give up the open principal of an invoice, with a reason (R7.5)."""
    invoice = book.invoices.get(fact.invoice_id)
    if invoice is None or invoice.open_minor == 0:
        return
    amount = invoice.open_minor
    if invoice.is_past_due(fact.on):
        note_write_off(book)
    reduce_principal(
        book, invoice, amount, fact.on, kind="write_off", advanced_minor=invoice.advanced_minor
    )
    book.enter(
        Entry(
            "write_off",
            fact.on,
            fact.on,
            invoice.currency,
            amount,
            f"{invoice.id}:write_off:{fact.on}",
            invoice.id,
            reason=fact.reason,
        )
    )
