"""Letters about payment plans: agreed, missed, broken, completed, cancelled (R9.4, R11)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.account import Notice
from chalicelib.core.book import Book
from chalicelib.core.policy import Policy


def create_plan_letters(book: Book, policy: Policy, today: date) -> list[Notice]:
    """Create the letters that plans owe, on a business day; return them (R5.4, R9.4)."""
    return []
