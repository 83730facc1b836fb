"""Stages and their charges, as the second opinion takes them (R5.2, R4). Imports no `chalicelib`."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.second_opinion.reading import Charge, Invoice, Step, half_up, minor
from tests.second_opinion.rules import Customer, Rules, World


def take_stages(
    world: World, customer: Customer, invoice: Invoice, blocks: set[str], today: date
) -> None:
    """One invoice on one processing day: one step, or with `jump` all that are reached."""
    while invoice.open > 0:
        moved = take_step(world, customer, invoice, blocks, today)
        if not moved or world.rules.by_steps:
            return


def take_step(
    world: World, customer: Customer, invoice: Invoice, blocks: set[str], today: date
) -> bool:
    """Take the first step that is reached and not done; say whether it was taken."""
    rules = world.rules
    reached = [s for s in rules.steps(invoice.days_past_due(today)) if s.key not in invoice.done]
    if not reached or (rules.by_steps and waits_for_a_notice(rules, invoice, today)):
        return False
    step = reached[0]
    warning: Step | None = None
    if step.stage.get("warn_first") and not was_warned(invoice, step, today):
        warning = announcing_before(rules, step)
        if any(listing.announced for listing in invoice.listings):
            return False
        if warning is not None and warning.key in invoice.owed:
            return False
    if blocks:
        for block in blocks - invoice.skipped:
            world.emit(
                today, customer, "skip",
                invoice_id=invoice.id, stage=step.stage["id"], block=block,
            )  # fmt: skip
        invoice.skipped |= blocks
        return False
    if warning is not None:
        invoice.owed[warning.key] = warning
        return False
    apply_step(world, customer, invoice, step, today)
    return True


def waits_for_a_notice(rules: Rules, invoice: Invoice, today: date) -> bool:
    """A step waits while a notice is owed, and for the interval after the last (R5.2)."""
    last = max((listing.on for listing in invoice.listings), default=None)
    return bool(invoice.owed) or (last is not None and (today - last).days < rules.interval)


def was_warned(invoice: Invoice, step: Step, today: date) -> bool:
    """In a simulation a notice counts as sent on the day it was created (R4.8)."""
    return any(
        listing.announced and (today - listing.on).days >= step.stage.get("warn_days", 0)
        for listing in invoice.listings
    )


def announcing_before(rules: Rules, step: Step) -> Step | None:
    earlier = [s for s in rules.steps(step.days) if s.days < step.days and s.stage.get("announces")]
    return earlier[-1] if earlier else None


def apply_step(world: World, customer: Customer, invoice: Invoice, step: Step, today: date) -> None:
    invoice.done.add(step.key)
    world.emit(today, customer, "stage", invoice_id=invoice.id, stage=step.stage["id"])
    for rule in step.stage.get("charges", []):
        post_charge(world, customer, invoice, step, rule, today)
    if step.stage.get("notice"):
        invoice.owed[step.key] = step


def post_charge(
    world: World,
    customer: Customer,
    invoice: Invoice,
    step: Step,
    rule: dict[str, Any],
    today: date,
) -> None:
    """R4.1, R4.2, R4.5."""
    least = world.rules.bound(rule.get("skip_below"), invoice.currency)
    exact = exact_amount(world.rules, invoice, rule)
    if exact is None or (least is not None and invoice.undisputed < least):
        return
    amount, capped_by = cap(world.rules, invoice, rule, half_up(exact), today)
    if amount == 0 and capped_by is None:
        return
    period = f":{step.period}" if step.period > 1 else ""
    charge_id = f"{invoice.id}:{step.stage['id']}:{rule['kind']}{period}"
    if amount:
        invoice.charges.append(Charge(charge_id, invoice, amount, today))
    world.emit(
        today, customer, "charge", id=charge_id, invoice_id=invoice.id, stage=step.stage["id"],
        charge=rule["kind"], amount_minor=amount, currency=invoice.currency, capped_by=capped_by,
    )  # fmt: skip


def exact_amount(rules: Rules, invoice: Invoice, rule: dict[str, Any]) -> Fraction | None:
    """The amount before rounding, raised to `min` if above 0."""
    if rule["kind"] == "flat":
        if invoice.currency not in rule["amount"]:
            return None
        exact = Fraction(minor(rule["amount"][invoice.currency], invoice.currency))
    else:
        exact = invoice.undisputed * Fraction(rule["rate"])
    least = rules.bound(rule.get("min"), invoice.currency)
    return Fraction(least) if least is not None and 0 < exact < least else exact


def cap(
    rules: Rules, invoice: Invoice, rule: dict[str, Any], amount: int, today: date
) -> tuple[int, str | None]:
    """The caps in the order of R4.5: what is left, and the last cap that lowered it."""
    capped_by = None
    most = rules.bound(rule.get("max"), invoice.currency)
    if most is not None and amount > most:
        amount, capped_by = most, "max"
    before = sum(charge.amount for charge in invoice.charges if not charge.reversed)
    for name in ("max_total_percent", "max_annual_rate"):
        rate = rules.caps.get(name, "")
        if rate == "":
            continue
        limit = invoice.amount * Fraction(rate)
        if name == "max_annual_rate":
            limit = limit * invoice.days_past_due(today) / 365
        room = max(0, limit.__floor__() - before)
        if amount > room:
            amount, capped_by = room, name
    return amount, capped_by
