"""The collection fee: posted when an agency accepts, waived if the placement was an error (R10.3)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.book import Book
from chalicelib.core.placements import Placement
from chalicelib.core.policy import Policy


def post_fees(book: Book, placement: Placement, policy: Policy, on: date) -> None:
    """Post the policy's collection fee for what was accepted, once (R4.1, R4.2)."""


def waive_fees(book: Book, placement: Placement, on: date, policy: Policy) -> None:
    """Waive what is open of the fee of a placement that should not have been (R10.3)."""
