"""Tasks of people (R6.1, R6.2)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.shapes.base import Answer, Day, Listed, ListQuery, MoneyAnswer

TaskKind = Literal[
    "call",
    "confirm_payment",
    "find_contact",
    "send_invoice",
    "send_letter",
    "review_account",
    "review_notice",
    "approve_release",
    "consult_owner",
]
NOBODY = "nobody"


class WorklistQuery(ListQuery):
    """Whose list, and what of it."""

    assignee: Annotated[
        str,
        Field(
            min_length=1,
            max_length=250,
            description="A person's id as the policy's tiers name it; `me`: whoever asks; "
            "`nobody`: the tasks that nobody owns.",
        ),
    ] = "me"
    kind: Annotated[
        TaskKind | None,
        Field(description="Only tasks of this kind; all when left out.", examples=["call"]),
    ] = None
    due_by: Annotated[
        Day | None,
        Field(
            description="The last day on which a task may be due; today when left out, for a call "
            "of a later day is not work of today.",
            examples=["2024-03-18"],
        ),
    ] = None


class TaskAnswer(Answer):
    """Something that a person must do by a date.

    `part`: of a call, the half of the day; `at_time`: the time that the customer asked for.
    `subject`: what it is about, such as the id of a promise, plan or dispute. `invoice_ids`: the
    first 20 of the invoices that it is about.
    """

    task_id: str
    kind: TaskKind
    due_on: date
    part: Literal["am", "pm"] | None
    at_time: str | None
    subject: str | None
    invoice_ids: list[str]
    invoice_count: int
    opened_on: date | None


class RankReasonAnswer(Answer):
    """One thing that a rank rests on. `code` is stable."""

    code: Literal[
        "appointment",
        "later_today",
        "later_day",
        "tier",
        "expected_loss",
        "past_due",
        "nothing_past_due",
    ]
    detail: str


class WorklistRow(Answer):
    """A task in its place, with the account as it stands today.

    `why`: the task's own reason, then what else to know now. `reasons`: what the rank rests on,
    the weightiest first. `assignee`: who owns the task when all are in, null for nobody;
    `passed_to`: who has it today instead, because its owner is away. `nobody_in`: everyone of the
    line is away, and the last of it has the task. `tier` counts from 1, and is null when the policy
    has none. `expected_loss`: risk score x past-due total, null without a score; in the currency in
    which the account is ranked.
    """

    rank: int
    account_id: str
    account_name: str
    task: TaskAnswer
    why: list[str]
    reasons: list[RankReasonAnswer]
    overdue_days: int
    assignee: str | None
    passed_to: str | None
    nobody_in: bool
    past_due: list[MoneyAnswer]
    oldest_days_past_due: int
    credit_status: Literal["open", "on_hold", "prepaid"]
    case_number: str | None
    risk_score: int | None
    tier: int | None
    expected_loss: MoneyAnswer | None


class WarningAnswer(Answer):
    """Something to know of a list as a whole. `code` is stable."""

    code: Literal["too_many_tasks", "nobody_in", "invalid_rates"]
    detail: str


class WorklistAnswer(Listed[WorklistRow]):
    """A part of someone's worklist, ranked as of a half of a day.

    `assignee`: null for what nobody owns; `is_away`: whether they are out of office today.
    `waiting`: how many tasks the whole list has.
    """

    as_of: date
    part: Literal["am", "pm"]
    assignee: str | None
    is_away: bool
    waiting: int
    warnings: list[WarningAnswer]
