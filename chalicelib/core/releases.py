"""What belongs to credit holds, as values: evidence, releases, requests, and news of them (R8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

EVIDENCE_MAX = 20  # invoices that a hold names; of the others it has the count
OPEN_REQUESTS_MAX = 20  # of one account
ANSWERED_REQUESTS_MAX = 20  # that stay with the account; older ones are in its timeline
PERSONS_HOLDS_MAX = 10  # of one account; the rules have theirs beside these
RELEASE_DAYS_MAX = 92  # how far ahead a temporary release may end

RequestState = Literal["open", "approved", "declined"]
NewsState = Literal["pending", "sending", "sent", "unknown", "failed", "dropped"]


@dataclass(frozen=True, slots=True)
class HeldInvoice:
    """An invoice as it was when a hold was placed on its account (R8.1). `currency` "": settled."""

    invoice_id: str
    due_on: date  # the effective due date
    open_minor: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class TemporaryRelease:
    """A hold does not count until a day, that day included (R8.4). `by` is a principal's id."""

    until: date
    granted_on: date
    by: str
    reason_code: str = ""

    def is_in_force(self, today: date) -> bool:
        """Return whether it still lifts the hold today; after its last day nobody need act."""
        return today <= self.until


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """Someone asks that one order be let through (R8.5). It is answered once.

    `by` is the principal who asked, `person` the one who answers for that (four-eyes). `past_due`
    and `undelivered` are as they were when it was asked: totals in minor units per currency (R3.2),
    the past-due invoices that were never sent (20 at most, `undelivered_count` of all).
    """

    id: str
    asked_on: date
    asked_at: datetime
    by: str
    person: str
    amount_minor: int
    currency: str
    reference: str
    note: str = ""
    assignee: str = ""
    past_due: dict[str, int] = field(default_factory=dict)
    undelivered: tuple[str, ...] = ()
    undelivered_count: int = 0
    state: RequestState = "open"
    answered_by: str = ""
    answered_at: datetime | None = None
    until: date | None = None
    reason_code: str = ""
    answer_note: str = ""


@dataclass(frozen=True, slots=True)
class CreditNews:
    """Something that customer service is told once: a change of credit status, or a release (R8.6).

    `status` is what it became, `status_before` what it was. `reasons` are the holds then in place
    with the day since when, `until` the last day of a new temporary release, `released` its holds.
    It leaves the account when it was told or given up.
    """

    id: str
    on: date
    status: str
    status_before: str
    reasons: tuple[tuple[str, date], ...] = ()
    released: tuple[str, ...] = ()
    until: date | None = None
    may_ship: bool = True
    state: NewsState = "pending"
    attempt: int = 0
    lease_until: datetime | None = None


def release_task_id(account_id: str, request_id: str) -> str:
    """Return the id of the task that asks for an answer to a release request."""
    return f"{account_id}:approve_release:{request_id}"
