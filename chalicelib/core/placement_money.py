"""How money moves a placement: balance, commission, and what ends with it (R10.4-R10.6)."""

from __future__ import annotations

from chalicelib.core.book import Book
from chalicelib.core.facts import Fact
from chalicelib.core.policy import Policy


def follow_placements(book: Book, fact: Fact, policy: Policy) -> None:
    """Let placements follow what a fact did to the balance of what is placed (R10.4, R10.5)."""
