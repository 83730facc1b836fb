"""What worklists read: the open tasks of all accounts, by who owns them (R6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from chalicelib.core.account import Task

# What a person can be asked to do (domain.md, Words).
TASK_KINDS = (
    "call", "confirm_payment", "find_contact", "send_invoice", "send_letter", "review_account",
    "review_notice", "approve_release", "consult_owner",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open task, and the account that it belongs to."""

    account_id: str
    task: Task


class TaskReads(Protocol):
    """Reads of open tasks over all accounts.

    What was opened or completed within about a second may not show yet.
    """

    def of_assignee(self, assignee: str, due_by: date, most: int) -> Sequence[OpenTask]:
        """Return what someone owns and is due by a day, first due first, then by id; `most` at most.

        Out-of-office is no matter here. One request for each megabyte, about 3,000 tasks.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...

    def unassigned(self, kind: str, due_by: date, most: int) -> Sequence[OpenTask]:
        """Return the tasks of a kind that nobody owns, as `of_assignee` does.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...
