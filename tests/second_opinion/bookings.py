"""What a day brings in, before anything is decided (R5.10, R5.5-R5.9). Imports no `chalicelib`."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.second_opinion.cash import apply_waiting, take_credit_note, take_payment
from tests.second_opinion.reading import ONE_DAY, Invoice, day, minor
from tests.second_opinion.rules import Customer, Mark, PromiseToPay, World
from tests.second_opinion.taking_back import tell_what_was_taken_back

Fact = dict[str, Any]


def book_day(world: World, customer: Customer, today: date) -> None:
    """Everything that is booked today, in the order of R5.10."""
    break_promises(customer, today)
    if today == world.first:
        if customer.invoices:
            customer.first_day = today
        customer.first_seen_today = list(customer.invoices.values())
    for invoice in sorted(customer.to_come, key=lambda invoice: invoice.id):
        if invoice.issued == today:
            take_in(world, customer, invoice, today)
    book_deliveries(world, customer, today)
    for fact in customer.facts:
        if fact["on"] == today:
            book_fact(world, customer, fact)
    book_money(world, customer, today)
    tell_what_was_taken_back(world, customer, today)
    keep_promises(customer, today)
    for invoice in customer.invoices.values():
        if invoice.open == 0:
            invoice.owed = {}
    for invoice in customer.first_seen_today:
        onboard(world, customer, invoice, today)
    customer.first_seen_today = []


def book_money(world: World, customer: Customer, today: date) -> None:
    """Credit notes, then payments, by id."""
    arrived = [money for money in customer.money if money.booked_on == today]
    for money in sorted(arrived, key=lambda money: (not money.is_credit, money.id)):
        if money.is_credit:
            take_credit_note(customer, money)
        else:
            take_payment(world, customer, money)


def onboard(world: World, customer: Customer, invoice: Invoice, today: date) -> None:
    """Pass over what an invoice first seen past due had reached (R5.7), after the day's bookings."""
    if not invoice.is_past_due(today):
        return
    if today == customer.first_day:
        customer.onboarded_past_due = True
    passed = world.rules.steps(invoice.days_past_due(today))
    mode = world.rules.dunning.get("onboarding", "silent")
    keep = {"silent": len(passed), "latest": len(passed) - 1, "full": 0}[mode]
    invoice.done |= {step.key for step in passed[: max(keep, 0)]}


def take_in(world: World, customer: Customer, invoice: Invoice, today: date) -> None:
    customer.invoices[invoice.id] = invoice
    if today >= world.first and customer.first_day is None:
        customer.first_day = today
    if invoice.disputed_in_file:
        invoice.disputed = invoice.disputed_in_file
        invoice.ever_disputed = True
    apply_waiting(world.rules, customer, invoice)
    if today >= world.first:
        customer.first_seen_today.append(invoice)


def book_deliveries(world: World, customer: Customer, today: date) -> None:
    """Deliveries from the column, then from facts; the first of both counts."""
    for invoice in customer.invoices.values():
        if not invoice.delivered and invoice.delivered_on and invoice.delivered_on <= today:
            deliver(world, invoice, today)
    for fact in customer.facts:
        if fact["on"] == today and fact["kind"] == "delivery":
            delivered = customer.invoices.get(fact["invoice_id"])
            if delivered and not delivered.delivered:
                deliver(world, delivered, today)


def deliver(world: World, invoice: Invoice, today: date) -> None:
    """The first delivery moves the effective due date where the policy says so (R5.5)."""
    invoice.delivered = True
    if world.rules.dunning.get("count_from_delivery", False):
        planned = invoice.delivered_on
        on = today if planned is None or planned > today else planned
        invoice.effective += max((on - invoice.issued).days, 0) * ONE_DAY


def book_fact(world: World, customer: Customer, fact: Fact) -> None:
    invoice = customer.invoices.get(fact.get("invoice_id") or "")
    match fact["kind"]:
        case "dispute" if invoice and invoice.open:
            dispute(invoice, fact)
        case "dispute_resolved" if invoice and fact["outcome"] == "lost":
            invoice.disputed = 0
            invoice.ever_disputed = False
        case "pause" if not fact.get("invoice_id"):
            customer.pauses.append(day(fact["until"]))
        case "pause" if invoice:
            invoice.pauses.append(day(fact["until"]))
        case "extension" if invoice:
            invoice.effective = day(fact["due_on"])
        case "contact":
            customer.contacts.append(fact)
        case "promise":
            promise(world, customer, fact)
        case "block":
            mark(customer, fact)
        case "block_ended":
            end_marks(customer, fact)


def dispute(invoice: Invoice, fact: Fact) -> None:
    """A dispute covers what it says, or all that is open; a later one takes its place."""
    named = fact.get("amount")
    amount = invoice.open if named is None else minor(named, invoice.currency)
    invoice.disputed = min(amount, invoice.open)
    invoice.ever_disputed = True


def promise(world: World, customer: Customer, fact: Fact) -> None:
    """R6.6; one too many after broken ones needs an approval that nobody gives here."""
    rules, today, currency = world.rules.promises, fact["on"], fact["currency"]
    most, window = rules.get("max_broken"), rules.get("broken_window_days")
    recent = [on for on in customer.broken_on if window is None or (today - on).days <= window]
    if most is not None and len(recent) >= most:
        return
    names = set(fact.get("invoice_ids") or ())
    covered = {
        invoice.id
        for invoice in customer.invoices.values()
        if invoice.currency == currency
        and (invoice.id in names if names else invoice.is_past_due(today))
    }
    ends_on = day(fact["by"]) + rules.get("grace_days", 0) * ONE_DAY
    amount = minor(fact["amount"], currency)
    made = PromiseToPay(amount, today, ends_on, covered, len(customer.allocations))
    customer.promises.append(made)


def mark(customer: Customer, fact: Fact) -> None:
    """A legal stop, or invoices that are in a plan (R5.5); `until` is its last day."""
    until, names = fact.get("until"), fact.get("invoice_ids")
    last = day(until) if until else None
    customer.marks.append(Mark(fact["block"], fact["on"], last, set(names) if names else None))


def end_marks(customer: Customer, fact: Fact) -> None:
    """The end of a block, for the invoices that it names or for all: yesterday was its last day."""
    names = set(fact.get("invoice_ids") or ())
    for here in list(customer.marks):
        if here.block != fact["block"] or here.ended_on:
            continue
        if names and here.invoice_ids:
            over = here.invoice_ids & names
            here.invoice_ids -= over
            customer.marks.append(Mark(here.block, here.since, here.until, over, fact["on"]))
        else:
            here.ended_on = fact["on"]


def break_promises(customer: Customer, today: date) -> None:
    for made in customer.promises:
        if made.active and today > made.ends_on:
            made.active, made.broken = False, True
            customer.broken_on.append(today)


def keep_promises(customer: Customer, today: date) -> None:
    """Kept: the money since then, by value date, is at least what was promised (R6.6).

    Where nothing is open of what it covers any more, it is over and was not broken.
    """
    for made in customer.promises:
        received = sum(
            allocation.amount
            for allocation in customer.allocations[made.allocations_before :]
            if allocation.invoice_id in made.invoice_ids
            and allocation.payment.value_on <= made.ends_on
        )
        covered = (customer.invoices[name] for name in made.invoice_ids)
        owes = any(invoice.open or invoice.open_charges for invoice in covered)
        if made.active and (received >= made.amount or not owes):
            made.active, made.kept_on = False, today
