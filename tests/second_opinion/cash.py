"""Money in, as the second opinion sees it (R7.1-R7.4). Imports no `chalicelib`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tests.second_opinion.final_interest import post_final_interest
from tests.second_opinion.reading import LATE_FEES, Charge, Invoice, MoneyIn, PrincipalEntry
from tests.second_opinion.rules import Allocation, Customer, Rules, World
from tests.second_opinion.taking_back import reverse_on_value_date

STEPS = {"late_fee": LATE_FEES, "interest": ("interest",), "compensation": ("compensation",)}


def credit_principal(invoice: Invoice, amount: int, value_on: date) -> int:
    """A credit note takes the disputed part first and the advanced part last (R5.5)."""
    taken = min(amount, invoice.open)
    if taken:
        disputed = min(taken, invoice.disputed)
        invoice.open -= taken
        invoice.advanced = min(invoice.advanced, invoice.open)
        invoice.disputed -= disputed
        invoice.entries.append(PrincipalEntry(value_on, taken, "credit", disputed))
    return taken


def take_credit_note(customer: Customer, note: MoneyIn) -> None:
    """R7.4."""
    invoice = customer.invoices.get(note.names[0]) if note.names else None
    if note.names and invoice is None:
        note.rest = note.amount
        customer.waiting.append(note)
        return
    rest = note.amount
    if invoice is not None and invoice.currency == note.currency:
        rest -= credit_principal(invoice, rest, note.value_on)
    customer.unapplied[note.currency] += rest


def pay_principal(
    customer: Customer, invoice: Invoice, amount: int, payment: MoneyIn, part: str = "whole"
) -> int:
    """Pay the `advanced` part, the other `principal`, or the `whole`, advanced first (R7.1)."""
    advanced = 0 if part == "principal" else min(amount, invoice.advanced)
    other = min(amount - advanced, invoice.open - invoice.advanced)
    if part == "advanced":
        other = 0
    taken = advanced + other
    if taken:
        invoice.open -= taken
        invoice.advanced -= advanced
        conceded = max(0, invoice.disputed - invoice.open)
        invoice.disputed -= conceded
        entry = PrincipalEntry(payment.value_on, taken, "payment", 0, conceded, advanced)
        entry.payment_id = payment.id
        invoice.entries.append(entry)
        customer.allocations.append(Allocation(invoice.id, taken, payment))
    return taken


def pay_charges(
    customer: Customer, invoices: Iterable[Invoice], rest: int, payment: MoneyIn, step: str
) -> int:
    """Pay the charges of invoices whose turn it is; return what is left."""
    kinds = STEPS.get(step, ())

    def order(charge: Charge) -> tuple[date, str, date, str]:
        return (charge.invoice.effective, charge.invoice.id, charge.posted, charge.id)

    due = [c for invoice in invoices for c in invoice.charges if c.kind in kinds]
    for charge in sorted(due, key=order):
        taken = min(rest, charge.open)
        if taken:
            charge.paid += taken
            rest -= taken
            customer.allocations.append(Allocation(charge.invoice.id, taken, payment, charge.id))
    return rest


def down_the_waterfall(
    world: World,
    customer: Customer,
    rest: int,
    payment: MoneyIn,
    reduced: list[Invoice],
    was_open: dict[str, int],
) -> int:
    """Pay what is open in the payment's currency, due or not (R7.1); return what is left."""
    here = [i for i in customer.invoices.values() if i.currency == payment.currency]
    here.sort(key=lambda invoice: (invoice.effective, invoice.id))
    waterfall = world.rules.waterfall
    for step in waterfall:
        if step not in ("advanced", "principal"):
            rest = pay_charges(customer, here, rest, payment, step)
            continue
        part = step if "advanced" in waterfall else "whole"
        for invoice in here:
            taken = pay_principal(customer, invoice, rest, payment, part)
            rest -= taken
            if taken and invoice not in reduced:
                reduced.append(invoice)
            if taken:
                post_final_interest(world, customer, invoice, payment, was_open[invoice.id])
    for step in waterfall:  # interest that was posted after its step
        rest = pay_charges(customer, here, rest, payment, step)
    return rest


def take_payment(world: World, customer: Customer, payment: MoneyIn) -> None:
    """R7.1: named invoices, their charges, then the waterfall unless a named one is missing."""
    payment.taken = True
    rest, reduced = payment.amount, []
    was_open = {invoice.id: invoice.undisputed for invoice in customer.invoices.values()}
    named: list[Invoice] = []
    for name in payment.names:
        invoice = customer.invoices.get(name)
        if invoice and invoice.currency == payment.currency and invoice not in named:
            named.append(invoice)
    for invoice in named:
        taken = pay_principal(customer, invoice, rest, payment)
        rest -= taken
        if taken:
            reduced.append(invoice)
            post_final_interest(world, customer, invoice, payment, was_open[invoice.id])
    for step in world.rules.waterfall:
        rest = pay_charges(customer, named, rest, payment, step)
    if any(name not in customer.invoices for name in payment.names):
        payment.rest = rest
        customer.waiting.append(payment)
    else:
        customer.unapplied[payment.currency] += down_the_waterfall(
            world, customer, rest, payment, reduced, was_open
        )
    for invoice in reduced:
        if write_off_short_payment(world.rules, invoice, payment):
            post_final_interest(world, customer, invoice, payment, was_open[invoice.id])
    reverse_on_value_date(world, customer, payment, reduced)


def apply_waiting(rules: Rules, customer: Customer, invoice: Invoice) -> None:
    """Money that named an invoice before it came pays its principal when it comes (R7.1)."""
    for money in customer.waiting:
        if invoice.id not in money.names or money.currency != invoice.currency or not money.rest:
            continue
        if money.is_credit:
            money.rest -= credit_principal(invoice, money.rest, money.value_on)
            continue
        taken = pay_principal(customer, invoice, money.rest, money)
        money.rest -= taken
        if taken:
            write_off_short_payment(rules, invoice, money)


def write_off_short_payment(rules: Rules, invoice: Invoice, payment: MoneyIn) -> bool:
    """R7.3; whether it was written off."""
    if not rules.cash.get("write_off_short_payments", False):
        return False
    tolerance = rules.bound(rules.cash.get("short_payment_tolerance"), invoice.currency)
    if tolerance is not None and 0 < invoice.open <= tolerance:
        disputed = invoice.disputed
        entry = PrincipalEntry(payment.value_on, invoice.open, "short_payment", disputed, disputed)
        entry.advanced, entry.payment_id = invoice.advanced, payment.id
        invoice.entries.append(entry)
        invoice.open = invoice.advanced = invoice.disputed = 0
        return True
    return False
