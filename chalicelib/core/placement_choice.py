"""Which agency gets a placement, and on what terms (R10.2, R10.6)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from chalicelib.core.book import Book
from chalicelib.core.placements import Placement, PlacementTerms
from chalicelib.core.policy import Policy
from chalicelib.core.policy_agencies import AgencyRule, CommissionBand

CAME_BACK = frozenset({"rejected", "expired", "returned", "recalled"})  # the agency got no further


def choose_agency(book: Book, placement: Placement, policy: Policy) -> str:
    """Return the agency that the policy's rules choose for a placement, "" if none fits (R10.2).

    The first rule that fits decides. If it has a share, all that fit and have one are weighed by the
    placement's id: each gets its part in the long run, and the same placement the same agency. Those
    from which an earlier placement of the currency came back are passed over, unless none is left.
    """
    found = fitting_rules(book, policy, placement.currency, placement.balance_minor)
    came_back = {
        one.agency
        for one in book.placements.values()
        if one.currency == placement.currency and one.outcome in CAME_BACK
    }
    found = [rule for rule in found if rule.agency not in came_back] or found
    if not found:
        return ""
    if found[0].share is None:
        return found[0].agency
    return _by_share([rule for rule in found if rule.share is not None], placement.id)


def fitting_rules(
    book: Book, policy: Policy, currency: str, balance_minor: int
) -> list[AgencyRule]:
    """Return the rules that fit the account's country, the currency and the balance (R10.2)."""
    return [
        rule
        for rule in policy.escalation.agencies
        if (not rule.countries or book.details.country in rule.countries)
        and (not rule.currencies or currency in rule.currencies)
        and balance_minor >= rule.at_least.get(currency, 0)
        and (currency not in rule.below or balance_minor < rule.below[currency])
    ]


def terms_of(
    book: Book, placement: Placement, policy: Policy, on: date, balance_minor: int
) -> PlacementTerms:
    """Return the terms on which it is offered today, by its age and balance (R10.6).

    The age is the days past due of its oldest invoice; the first band that it fits sets the rate.
    """
    rules = policy.escalation
    found = (book.find(name) for name in placement.invoice_ids)
    age = max((one.days_past_due(on) for one in found if one is not None), default=0)
    rates = (
        band.percent
        for band in rules.commission
        if _fits(band, age, placement.currency, balance_minor)
    )
    return PlacementTerms(
        next(rates, Decimal(0)), rules.commission_on_direct, rules.settlement_floor
    )


def _fits(band: CommissionBand, age_days: int, currency: str, balance_minor: int) -> bool:
    if band.below_days is not None and age_days >= band.below_days:
        return False
    return currency not in band.below or balance_minor < band.below[currency]


def _by_share(rules: Sequence[AgencyRule], placement_id: str) -> str:
    """Return the agency on whose part of the shares the hash of an id falls."""
    whole = sum(rule.share or 0 for rule in rules)
    if whole <= 0:
        return rules[0].agency
    place = int.from_bytes(hashlib.sha256(placement_id.encode()).digest()[:8], "big") % whole
    for rule in rules:
        place -= rule.share or 0
        if place < 0:
            return rule.agency
    return rules[-1].agency
