"""Calls: what their outcomes lead to, and when they stop (R6.2, R6.3)."""

from __future__ import annotations

from chalicelib.core.book import Book
from chalicelib.core.facts_collections import TaskCompleted
from chalicelib.core.policy import Policy


def complete_task(book: Book, fact: TaskCompleted, policy: Policy) -> None:
    """Complete a task; its outcome makes the next act (R6.2)."""
    book.close_task(fact.task_id, fact.on, fact.outcome)
