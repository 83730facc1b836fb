"""A payment that bounces (R7.4, R4.9). Imports no `chalicelib`."""

from __future__ import annotations

from datetime import date

from tests.second_opinion.reading import Charge, Invoice
from tests.second_opinion.rules import Customer, World


def bounce(world: World, customer: Customer, payment_id: str, today: date) -> None:
    """Undo a payment exactly, in reverse, and post again what it had taken back."""
    payment = next(money for money in customer.money if money.id == payment_id)
    if payment.bounced or not payment.taken:
        return
    payment.bounced = True
    for invoice in customer.invoices.values():
        for entry in [e for e in invoice.entries if e.payment_id == payment_id]:
            invoice.entries.remove(entry)
            invoice.open += entry.amount
            invoice.advanced += entry.advanced
            invoice.disputed += entry.conceded
            invoice.owed |= invoice.dropped
            invoice.dropped = {}
    left = payment.amount
    for allocation in customer.allocations:
        if allocation.payment is payment:
            left -= allocation.amount
            give_back_to_charge(customer, allocation.charge_id, allocation.amount)
            allocation.amount = 0
    if payment in customer.waiting:
        customer.waiting.remove(payment)
        left -= payment.rest
    customer.unapplied[payment.currency] -= left
    for charge, amount in payment.took_back:
        post_again(world, customer, charge, amount, today)


def give_back_to_charge(customer: Customer, charge_id: str, amount: int) -> None:
    for invoice in customer.invoices.values():
        for charge in invoice.charges:
            if charge.id == charge_id:
                charge.paid -= amount


def post_again(world: World, customer: Customer, charge: Charge, amount: int, today: date) -> None:
    """The next revision of a charge, of exactly what was taken back."""
    invoice: Invoice = charge.invoice
    first, _, _ = charge.id.partition(":r")
    number = sum(c.id.startswith(f"{first}:r") for c in invoice.charges) + 1
    again = Charge(f"{first}:r{number}", invoice, charge.kind, amount, charge.posted)
    again.capped_by = charge.capped_by
    invoice.charges.append(again)
    world.emit(
        today, customer, "charge", id=again.id, invoice_id=invoice.id,
        stage=first.split(":")[1], charge=charge.kind, amount_minor=amount,
        currency=invoice.currency, capped_by=charge.capped_by,
    )  # fmt: skip
