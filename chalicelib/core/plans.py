"""Payment plans: what they cover, their instalments, and how they end (R9)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.book import Book
from chalicelib.core.facts_collections import PlanApproved, PlanCancelled, PlanMade
from chalicelib.core.policy import Policy


def make_plan(book: Book, fact: PlanMade, policy: Policy) -> None:
    """Make a plan (R9.1)."""


def approve_plan(book: Book, fact: PlanApproved) -> None:
    """Approve a plan (R9.2)."""


def cancel_plan(book: Book, fact: PlanCancelled) -> None:
    """Cancel a plan."""


def judge_plans(book: Book, policy: Policy, today: date) -> None:
    """Find missed instalments and broken plans (R9.4)."""
