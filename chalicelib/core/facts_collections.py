"""Facts about collections work: promises, payment plans, and tasks that people complete (R6, R9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.core.agreements import PlanTerms


@dataclass(frozen=True, slots=True)
class PromiseWithdrawn:
    """A promise is taken back before it ended: it blocks nothing any more, and is not broken."""

    on: date
    promise_id: str


@dataclass(frozen=True, slots=True)
class PromiseApproved:
    """A promise that needed approval has it, and blocks its invoices from now on (R6.6)."""

    on: date
    promise_id: str


@dataclass(frozen=True, slots=True)
class PlanMade:
    """A payment plan is agreed (R9.1); outside the policy's bounds it waits for an approval (R9.2)."""

    on: date
    terms: PlanTerms
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class PlanApproved:
    """A plan that waited for an approval has it, and is active from now on (R9.2)."""

    on: date
    plan_id: str


@dataclass(frozen=True, slots=True)
class PlanCancelled:
    """A plan is ended by a person, or was not approved: dunning resumes (R9, R5.6)."""

    on: date
    plan_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TaskCompleted:
    """A person did what a task asks, and says how it came out: that makes the next act (R6.2).

    `call_back_on` and `call_back_time` ("14:30"): when a customer who was not reached asked to be
    called; None and "": the next business day, in the other half of the day.
    """

    on: date
    task_id: str
    outcome: str
    call_back_on: date | None = None
    call_back_part: str = ""
    call_back_time: str = ""


@dataclass(frozen=True, slots=True)
class DisputeReassigned:
    """An open dispute gets another owner (a person, `collector` or `sales_owner`) or due date.

    "" and None: as it was.
    """

    on: date
    dispute_id: str
    owner: str = ""
    due_on: date | None = None


CollectionsFact = (
    PromiseWithdrawn
    | PromiseApproved
    | PlanMade
    | PlanApproved
    | PlanCancelled
    | TaskCompleted
    | DisputeReassigned
)
