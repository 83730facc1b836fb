"""Settlements for less, and remittances that finance confirms (R10.6, R10.7)."""

from __future__ import annotations

from chalicelib.core.book import Book
from chalicelib.core.facts_placements import (
    RemittanceConfirmed,
    SettlementAnswered,
    SettlementProposed,
)
from chalicelib.core.policy import Policy


def propose_settlement(book: Book, fact: SettlementProposed, policy: Policy) -> None:
    """Agree to a settlement within the floor, else let a person answer it (R10.7)."""


def answer_settlement(book: Book, fact: SettlementAnswered, policy: Policy) -> None:
    """Agree to a settlement that waits, or decline it (R10.7)."""


def confirm_remittance(book: Book, fact: RemittanceConfirmed) -> None:
    """Note that money the agency took has reached the seller (R10.6)."""
