"""What a stage charges, as the second opinion computes it (R4.1-R4.5). Imports no `chalicelib`."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.second_opinion.interest import exact_interest, posted_interest
from tests.second_opinion.rates import UnknownRateError
from tests.second_opinion.reading import LATE_FEES, Charge, Invoice, Step, half_up, minor
from tests.second_opinion.rules import Customer, Rules, World

Capped = tuple[int, str | None]  # what is left, and the last cap that lowered it


def charge_for_stage(
    world: World,
    customer: Customer,
    invoice: Invoice,
    step: Step,
    rule: dict[str, Any],
    today: date,
) -> None:
    """Post one charge of a stage that was applied, or nothing."""
    rules, kind = world.rules, rule["kind"]
    if not is_for(rule, customer):
        return
    if kind == "interest":
        invoice.interest_rules.append(rule)
    least = rules.bound(rule.get("skip_below"), invoice.currency)
    if least is not None and invoice.undisputed < least:
        return
    try:
        wanted = (
            interest_to_post(rules, customer, invoice, rule, today)
            if kind == "interest"
            else fee_to_post(rules, invoice, rule)
        )
    except UnknownRateError:
        return
    stage_id, period = step.stage["id"], f":{step.period}" if step.period > 1 else ""
    name = (f"{invoice.id}:{stage_id}:{kind}{period}", stage_id, kind)
    post(world, customer, invoice, name, wanted, as_of=today, today=today)


def is_for(rule: dict[str, Any], customer: Customer) -> bool:
    return bool(rule.get("debtor_kind", customer.debtor_kind) == customer.debtor_kind)


def fee_to_post(rules: Rules, invoice: Invoice, rule: dict[str, Any]) -> Capped:
    """Raised to `min` if above 0, rounded, then at most `max`."""
    exact = exact_fee(rules, invoice, rule)
    least = rules.bound(rule.get("min"), invoice.currency)
    if least is not None and 0 < exact < least:
        exact = Fraction(least)
    amount = half_up(exact)
    most = rules.bound(rule.get("max"), invoice.currency)
    return (most, "max") if most is not None and amount > most else (amount, None)


def exact_fee(rules: Rules, invoice: Invoice, rule: dict[str, Any]) -> Fraction:
    currency = invoice.currency
    if rule["kind"] == "flat":
        return Fraction(minor(rule["amount"][currency], currency))
    if rule["kind"] == "percent":
        return invoice.undisputed * Fraction(rule["rate"])
    whole = invoice.undisputed if rule["kind"] == "tiered" else invoice.amount
    for band in rule["bands"]:
        below = rules.bound(band.get("below"), currency)
        if below is None or whole < below:
            fixed = rules.bound(band.get("amount"), currency) or 0
            return fixed + whole * Fraction(band.get("percent", "0"))
    return Fraction(0)


def interest_to_post(
    rules: Rules,
    customer: Customer,
    invoice: Invoice,
    rule: dict[str, Any],
    through: date,
    taken_back: int = 0,
) -> Capped:
    """The rounded running total, at most `max`, less what was posted.

    `taken_back`: what the booking will still take back of what was posted.
    """
    total = half_up(exact_interest(rules, customer, invoice, through))
    posted = posted_interest(invoice) - taken_back
    most = rules.bound(rule.get("max"), invoice.currency)
    wanted = max(0, total - posted)
    if most is not None and total > most and wanted:
        return max(0, most - posted), "max"
    return wanted, None


def post(
    world: World,
    customer: Customer,
    invoice: Invoice,
    name: tuple[str, str, str],
    wanted: Capped,
    *,
    as_of: date,
    today: date,
    taken_back: int = 0,
) -> None:
    """Post what the percentage caps leave; say it when they leave nothing (R4.5).

    `name`: the charge's id, stage and kind. `as_of`: the day by which the caps go. `taken_back`:
    what the booking will take back of what they count.
    """
    charge_id, stage_id, kind = name
    amount, capped_by = wanted
    if kind != "compensation":
        amount, capped_by = cap(world.rules, invoice, wanted, as_of, taken_back)
    if amount == 0 and capped_by is None:
        return
    if amount:
        charge = Charge(charge_id, invoice, kind, amount, today, capped_by=capped_by)
        invoice.charges.append(charge)
    world.emit(
        today, customer, "charge", id=charge_id, invoice_id=invoice.id, stage=stage_id,
        charge=kind, amount_minor=amount, currency=invoice.currency, capped_by=capped_by,
    )  # fmt: skip


def cap(rules: Rules, invoice: Invoice, wanted: Capped, as_of: date, taken_back: int) -> Capped:
    """The percentage caps in the order of R4.5."""
    amount, capped_by = wanted
    before = sum(c.net for c in invoice.charges if c.kind in (*LATE_FEES, "interest"))
    before -= taken_back
    for name in ("max_total_percent", "max_annual_rate"):
        rate = rules.caps.get(name, "")
        if rate == "":
            continue
        limit = invoice.amount * Fraction(rate)
        if name == "max_annual_rate":
            limit = limit * invoice.days_past_due(as_of) / 365
        room = max(0, limit.__floor__() - before)
        if amount > room:
            amount, capped_by = room, name
    return amount, capped_by
