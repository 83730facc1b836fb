"""Tasks for the owners of disputes (section 1)."""

from __future__ import annotations

from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.policy import Policy


def ask_owners(book: Book, policy: Policy, found: Survey) -> None:
    """Ask the owner of each open dispute, once, to resolve it by its due date."""
