"""What people decide about charges: they waive them, and reinstate what was waived (R4.7)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.book import Book
from chalicelib.core.charges import owe_again
from chalicelib.core.effects import Entry
from chalicelib.core.facts import ChargeReinstated, ChargeWaived
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.policy import Policy


def waive_charge(book: Book, fact: ChargeWaived) -> None:
    """Cancel what is open of a charge; it stays visible (R4.7)."""
    invoice = book.find(fact.invoice_id)
    charge = charge_of(invoice, fact.charge_id)
    if invoice is None or charge is None or charge.open_minor == 0:
        return
    waived = charge.waived_minor + charge.open_minor
    book.put_charge(invoice, replace(charge, open_minor=0, waived_minor=waived))
    # A payment that bounces can open a waived charge again: each waiver has an id of its own.
    earlier = f":{charge.waived_minor}" if charge.waived_minor else ""
    book.enter(
        Entry(
            "waiver",
            fact.on,
            fact.on,
            invoice.currency,
            charge.open_minor,
            f"{charge.id}:waiver{earlier}",
            invoice.id,
            charge.id,
            fact.reason,
        )
    )


def reinstate_charge(book: Book, fact: ChargeReinstated, policy: Policy) -> None:
    """Make what was waived of a charge owed again, as its next revision (R4.7, R4.2).

    The caps counted the amount all the while and count it once (R4.5), and so does the running
    total of interest (R4.3). The charges of a voided invoice stay cancelled.
    """
    invoice = book.find(fact.invoice_id)
    old = charge_of(invoice, fact.charge_id)
    if invoice is None or old is None or invoice.voided:
        return
    amount = reinstatable_minor(old)
    if amount == 0:
        return
    counted = replace(old, reinstated_minor=old.reinstated_minor + amount)
    owe_again(book, book.put_charge(invoice, counted), old, amount, fact.on, fact.reason, policy)


def reinstatable_minor(charge: Charge) -> int:
    """Return what was waived of a charge and not reinstated since, in minor units."""
    return charge.waived_minor - charge.reinstated_minor


def charge_of(invoice: Invoice | None, charge_id: str) -> Charge | None:
    """Return a charge of an invoice by its id, None where either is not there."""
    charges = invoice.charges if invoice is not None else ()
    return next((charge for charge in charges if charge.id == charge_id), None)
