"""Hold rules, as the second opinion judges them (R8.1, R8.3, R5.7). Imports no `chalicelib`."""

from __future__ import annotations

from datetime import date

from tests.second_opinion.reading import Invoice
from tests.second_opinion.rules import Customer, World, blocks_of, demandable


def judge_holds(world: World, customer: Customer, blocks: dict[str, set[str]], today: date) -> None:
    rules = world.rules.holds
    if customer.account_class in rules.get("never_by_rule", []):
        return
    free = [currency for currency in blocks if not blocks[currency]]
    asked = [
        invoice
        for invoice in customer.invoices.values()
        if invoice.currency in free
        and invoice.is_past_due(today)
        and invoice.undisputed > 0
        and not blocks_of(customer, invoice, today)
    ]
    by_condition = rules.get("release_when", "nothing_past_due") == "condition_cleared"
    first_seen_late = today == customer.first_day and customer.onboarded_past_due
    for reason, true in sorted(conditions(world, customer, free, asked, today).items()):
        if not true:
            customer.under_review.discard(reason)
        elif first_seen_late and rules.get("onboarding", "review") != "place":
            customer.under_review.add(reason)
        keeps = true if by_condition else bool(asked)
        if reason in customer.holds:
            if not keeps and rules.get("release") == "auto":
                customer.holds.discard(reason)
                world.emit(today, customer, "hold_released", reason=reason)
        elif true and keeps and reason not in customer.under_review:
            customer.holds.add(reason)
            world.emit(today, customer, "hold_placed", reason=reason)


def conditions(
    world: World, customer: Customer, free: list[str], asked: list[Invoice], today: date
) -> dict[str, bool]:
    """Which rules are in the policy, and whether each is true today."""
    rules, found = world.rules.holds, {}
    if "oldest_days_past_due" in rules:
        limit = rules["oldest_days_past_due"]
        found["oldest_days_past_due"] = any(i.days_past_due(today) >= limit for i in asked)
    if "past_due_total" in rules:
        limits = {c: world.rules.bound(rules["past_due_total"], c) for c in free}
        found["past_due_total"] = any(
            limit is not None and demandable(customer, currency, today) >= limit
            for currency, limit in limits.items()
        )
    if "late_of_last" in rules:
        found["late_of_last"] = bool(asked) and were_late(customer, *rules["late_of_last"])
    if rules.get("unanswered_final_demand"):
        found["unanswered_final_demand"] = any(is_unanswered(customer, i, today) for i in asked)
    return found


def were_late(customer: Customer, late_at_least: int, of_last: int) -> bool:
    settled = []
    for invoice in customer.invoices.values():
        paid = any(entry.what == "payment" for entry in invoice.entries)
        if invoice.open == 0 and paid and not invoice.ever_disputed:
            on = max(entry.value_on for entry in invoice.entries)
            settled.append((on, invoice.effective, invoice.id))
    return sum(on > due for on, due, _ in sorted(settled)[-of_last:]) >= late_at_least


def is_unanswered(customer: Customer, invoice: Invoice, today: date) -> bool:
    """A final demand is unanswered when its days have passed and nobody got in touch since."""
    inbound = [c["on"] for c in customer.contacts if c["direction"] in ("in", "inbound")]
    return any(
        (today - listing.on).days > days and not any(on > listing.on for on in inbound)
        for listing in invoice.listings
        for days in listing.answer_days
    )
