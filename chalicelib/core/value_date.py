"""Charges that should not have been: taken back by value date, and put back by a bounce (R4.9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import Allocated, Money
from chalicelib.core.book import Book
from chalicelib.core.charges import owe_again
from chalicelib.core.effects import ChargeReversed, Entry
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.policy import Policy


def reverse_on_value_date(
    book: Book, money: Money, allocated: tuple[Allocated, ...], today: date
) -> None:
    """Take back late fees that, by value date, were posted on a paid invoice (R4.9)."""
    for name in dict.fromkeys(a.invoice_id for a in allocated if a.charge_id is None):
        invoice = book.find(name)
        if invoice is None:
            continue
        for charge in invoice.charges:
            if not (charge.is_late_fee or charge.kind == "compensation"):
                continue
            left = charge.amount_minor - charge.reversed_minor - charge.waived_minor
            if charge.posted_on < money.value_on or left == 0:
                continue
            if open_by_value_date(invoice, charge.posted_on) > 0:
                continue
            amount = reverse_charge(book, invoice, charge, today)
            if amount:
                current = book.money[money.key]
                taken = Allocated(name, amount, charge.id)
                book.put_money(replace(current, reversals=(*current.reversals, taken)))


def open_by_value_date(invoice: Invoice, day: date) -> int:
    """Return the principal that was open at the end of a day, by value dates (R4.9)."""
    paid = sum(cut.amount_minor for cut in invoice.reductions if cut.value_on <= day)
    return invoice.opened_minor - paid


def reverse_charge(book: Book, before: Invoice, charge: Charge, today: date) -> int:
    """Take a charge back as a whole; what had been paid on it becomes unapplied cash (R4.9).

    Returns what was taken back: what is open of it and what money here had paid. What an ERP says
    was settled elsewhere is not undone (R7.6).
    """
    amount_minor = charge.open_minor
    for money in list(book.money.values()):
        back = sum(a.amount_minor for a in money.allocations if a.charge_id == charge.id)
        if back:
            kept = tuple(a for a in money.allocations if a.charge_id != charge.id)
            unapplied = money.unapplied_minor + back
            book.put_money(replace(money, allocations=kept, unapplied_minor=unapplied))
            amount_minor += back
    if amount_minor == 0:
        return 0
    invoice = book.find(before.id) or before
    reversed_minor = charge.reversed_minor + amount_minor
    book.put_charge(invoice, replace(charge, open_minor=0, reversed_minor=reversed_minor))
    book.enter(
        Entry(
            "charge_reversal",
            today,
            today,
            invoice.currency,
            amount_minor,
            f"{charge.id}:reversal",
            invoice.id,
            charge.id,
            "value_date",
        )
    )
    book.effects.append(
        ChargeReversed(
            today, book.account_id, charge.id, invoice.id, amount_minor, invoice.currency
        )
    )
    return amount_minor


def repost(book: Book, taken: Allocated, today: date, policy: Policy) -> None:
    """Post a charge again, as its next revision, because the payment that undid it bounced (R4.9)."""
    invoice = book.find(taken.invoice_id)
    if invoice is None or invoice.voided or taken.charge_id is None:
        return
    old = next(c for c in invoice.charges if c.id == taken.charge_id)
    owe_again(book, invoice, old, taken.amount_minor, today, "payment_reversed", policy)
