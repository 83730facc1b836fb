"""What is taken back by value date (R4.9). Imports no `chalicelib`."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from tests.second_opinion.interest import exact_interest
from tests.second_opinion.rates import UnknownRateError
from tests.second_opinion.reading import Charge, Invoice, MoneyIn, half_up
from tests.second_opinion.rules import Customer, Rules, World


def reverse_on_value_date(
    world: World, customer: Customer, payment: MoneyIn, reduced: list[Invoice]
) -> None:
    """Correct the charges that a payment, had it been booked at once, would have changed."""
    if not corrects(world, payment):
        return
    for invoice in reduced:
        for charge, amount in too_much(world, customer, invoice, payment):
            take_back(customer, charge, amount, payment)


def corrects(world: World, payment: MoneyIn) -> bool:
    late = payment.booked_on > payment.value_on
    return late and bool(world.rules.cash.get("reverse_on_value_date", False))


def too_much(
    world: World, customer: Customer, invoice: Invoice, payment: MoneyIn
) -> list[tuple[Charge, int]]:
    """The charges of an invoice that a payment corrects, each with what is taken back of it."""
    if not corrects(world, payment):
        return []
    since = payment.value_on
    fees = [c for c in invoice.charges if c.kind != "interest" and c.posted >= since]
    found = [(charge, charge.net - charge.waived) for charge in fees if was_paid(charge)]
    with suppress(UnknownRateError):
        found += too_much_interest(world.rules, customer, invoice, since)
    return [(charge, amount) for charge, amount in found if amount > 0]


def was_paid(charge: Charge) -> bool:
    """Whether by value date nothing was open of the invoice on the day of a charge."""
    entries = charge.invoice.entries
    gone = sum(entry.amount for entry in entries if entry.value_on <= charge.posted)
    return gone >= charge.invoice.opened


def too_much_interest(
    rules: Rules, customer: Customer, invoice: Invoice, since: date
) -> list[tuple[Charge, int]]:
    """What exceeds the corrected running total of its day, posting by posting."""
    found, so_far = [], 0
    postings = [charge for charge in invoice.charges if charge.kind == "interest"]
    for charge in sorted(postings, key=lambda posting: posting.posted):
        so_far += charge.net
        if charge.posted < since:
            continue
        corrected = half_up(exact_interest(rules, customer, invoice, charge.posted))
        excess = max(0, min(so_far - corrected, charge.net - charge.waived))
        found.append((charge, excess))
        so_far -= excess
    return found


def take_back(customer: Customer, charge: Charge, amount: int, payment: MoneyIn) -> None:
    """First what is open of it, then what was paid on it, which becomes unapplied."""
    payment.took_back.append((charge, amount))
    before = customer.taken_back.get(charge.id, (charge, 0))[1]
    customer.taken_back[charge.id] = (charge, before + amount)
    paid = max(0, amount - charge.open)
    charge.taken_back += amount
    charge.paid -= paid
    give_back(customer, charge, paid)


def give_back(customer: Customer, charge: Charge, amount: int) -> None:
    """Back to unapplied cash, the latest first; a payment that still waits keeps waiting."""
    for allocation in reversed(customer.allocations):
        if allocation.charge_id != charge.id:
            continue
        part = min(amount, allocation.amount)
        if allocation.payment in customer.waiting:
            allocation.payment.rest += part
        else:
            customer.unapplied[allocation.payment.currency] += part
        allocation.amount -= part
        amount -= part


def tell_what_was_taken_back(world: World, customer: Customer, today: date) -> None:
    """One line per charge and day (R5.10)."""
    for charge, amount in customer.taken_back.values():
        world.emit(
            today, customer, "charge_reversed", id=charge.id, invoice_id=charge.invoice.id,
            amount_minor=amount, currency=charge.invoice.currency, because="value_date",
        )  # fmt: skip
    customer.taken_back = {}
