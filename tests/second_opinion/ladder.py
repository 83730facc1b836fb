"""Stages and their charges, as the second opinion takes them (R5.2, R4). Imports no `chalicelib`."""

from __future__ import annotations

from datetime import date

from tests.second_opinion.charges import charge_for_stage
from tests.second_opinion.reading import Invoice, Step
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
        charge_for_stage(world, customer, invoice, step, rule, today)
    if step.stage.get("notice"):
        invoice.owed[step.key] = step
