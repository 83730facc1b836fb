"""What a day brings to placements: offers expire, recalls take effect, blocks suspend (R10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.policy import Policy


def judge_placements(book: Book, policy: Policy, today: date) -> None:
    """Make the moves that time brings; before the day's blocks are taken, like plans (R5.10)."""


def judge_candidates(book: Book, policy: Policy, found: Survey) -> None:
    """Propose what the checklist lets be placed, and ask its owner (R10.1, R10.2)."""


def placement_days(book: Book, policy: Policy) -> Iterator[date]:
    """Yield the days on which time alone moves a placement, for the wake list."""
    return iter(())
