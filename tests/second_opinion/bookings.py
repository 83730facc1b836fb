"""What a day brings in, before anything is decided (R5.10, R5.5-R5.9). Imports no `chalicelib`."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.second_opinion.bounce import bounce
from tests.second_opinion.cash import apply_waiting, take_credit_note, take_payment
from tests.second_opinion.reading import ONE_DAY, Invoice, PrincipalEntry, day, minor
from tests.second_opinion.rules import Customer, Mark, PromiseToPay, Rules, World
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
            invoice.dropped |= invoice.owed
            invoice.owed, invoice.guard_written = {}, False
    for invoice in customer.first_seen_today:
        onboard(world, customer, invoice, today)
    customer.first_seen_today = []


def book_money(world: World, customer: Customer, today: date) -> None:
    """Credit notes, then payments, then those that bounce, by id."""
    arrived = [money for money in customer.money if money.booked_on == today]
    for money in sorted(arrived, key=lambda money: (not money.is_credit, money.id)):
        if money.is_credit:
            take_credit_note(customer, money)
        else:
            take_payment(world, customer, money)
    told = [f for f in customer.facts if f["on"] == today and f["kind"] == "payment_reversed"]
    for payment_id in sorted(fact["payment_id"] for fact in told):
        bounce(world, customer, payment_id, today)


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
    name = fact.get("invoice_id")
    if not name:
        book_fact_of_account(world.rules, customer, fact)
    elif name in customer.invoices:
        book_fact_of_invoice(customer.invoices[name], fact)


def book_fact_of_invoice(invoice: Invoice, fact: Fact) -> None:
    match fact["kind"]:
        case "dispute" if invoice.open:
            dispute(invoice, fact)
        case "dispute_resolved" if fact["outcome"] == "lost":
            invoice.disputed = 0
            invoice.ever_disputed = False
            forget_dispute(invoice)
        case "pause":
            invoice.pauses.append(day(fact["until"]))
        case "extension":
            invoice.effective = day(fact["due_on"])
        case "waiver":
            waive(invoice, fact["charge_id"])
        case "write_off" if invoice.open:
            write_off(invoice, fact["on"])


def book_fact_of_account(rules: Rules, customer: Customer, fact: Fact) -> None:
    match fact["kind"]:
        case "pause":
            customer.pauses.append(day(fact["until"]))
        case "contact":
            customer.contacts.append(fact)
        case "promise":
            promise(rules.promises, customer, fact)
        case "promise_approved" | "promise_withdrawn":
            change_promise(customer, fact)
        case "block":
            mark(customer, fact)
        case "block_ended":
            end_marks(customer, fact)


def waive(invoice: Invoice, charge_id: str) -> None:
    """What is open of a charge is cancelled (R4.7)."""
    for charge in invoice.charges:
        if charge.id == charge_id:
            charge.waived += charge.open


def write_off(invoice: Invoice, today: date) -> None:
    """The open principal is given up (R7.5)."""
    entry = PrincipalEntry(today, invoice.open, "write_off", invoice.disputed)
    invoice.entries.append(entry)
    invoice.open = invoice.advanced = invoice.disputed = 0


def forget_dispute(invoice: Invoice) -> None:
    """Let no bounce bring back what a payment took of a dispute that is over."""
    for entry in invoice.entries:
        entry.conceded = 0


def dispute(invoice: Invoice, fact: Fact) -> None:
    """A dispute covers what it says, or all that is open; a later one takes its place."""
    forget_dispute(invoice)
    named = fact.get("amount")
    amount = invoice.open if named is None else minor(named, invoice.currency)
    invoice.disputed = min(amount, invoice.open)
    invoice.ever_disputed = True


def promise(rules: dict[str, Any], customer: Customer, fact: Fact) -> None:
    """R6.6; one too many after broken ones waits for an approval, and blocks nothing till then."""
    today, currency = fact["on"], fact["currency"]
    most, window = rules.get("max_broken"), rules.get("broken_window_days")
    recent = [on for on in customer.broken_on if window is None or (today - on).days <= window]
    waits = most is not None and len(recent) >= most
    names = set(fact.get("invoice_ids") or ())
    covered = {
        invoice.id
        for invoice in customer.invoices.values()
        if invoice.currency == currency
        and (invoice.id in names if names else invoice.is_past_due(today))
    }
    ends_on = day(fact["by"]) + rules.get("grace_days", 0) * ONE_DAY
    amount = minor(fact["amount"], currency)
    name, since = f"ptp_{today.isoformat()}_01", None if waits else today
    before = len(customer.allocations)
    made = PromiseToPay(name, amount, since, ends_on, ends_on, covered, before)
    customer.promises.append(made)


def change_promise(customer: Customer, fact: Fact) -> None:
    """One that waits is approved; one that is not over is withdrawn: yesterday was its last day."""
    for made in customer.promises:
        if made.id != fact["promise_id"] or not made.active:
            continue
        if fact["kind"] == "promise_approved":
            made.since = made.since or fact["on"]
        else:
            made.active, made.last = False, fact["on"] - ONE_DAY


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
            if made.since:
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
            made.active, made.last = False, today
