"""Interest that is posted when the principal is paid: `[interest].post_final` (R4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chalicelib.core.book import Book
from chalicelib.core.policy import Policy


def post_finals(book: Book, invoice_ids: Iterable[str], policy: Policy, today: date) -> None:
    """Post what is left to post of the interest of invoices whose principal is now paid (R4.3)."""
    del book, invoice_ids, policy, today
