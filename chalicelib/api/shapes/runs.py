"""Runs, the kill switch, and jobs (R13.1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.acts import ActAnswer
from chalicelib.api.shapes.base import Answer, Day, Override, Shape


class RunBody(Shape):
    """The run of a day; with `dry_run` it is only tried and changes nothing."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"as_of": "2024-03-18", "dry_run": True}]},
    )  # fmt: skip

    as_of: Day
    dry_run: bool = False


class RunApproval(Override):
    """An approval names the count of accounts due that it is for."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "accounts_due": 1250,
                    "reason_code": "month_end",
                    "note": "The month's invoices fall due together.",
                }
            ]
        },
    )  # fmt: skip

    accounts_due: Annotated[int, Field(ge=0, le=999_999_999)]


class RunBegun(Answer):
    """A run that was asked for, and where it stands."""

    run_id: str
    as_of: date
    dry_run: bool
    state: Literal["running", "waiting", "refused", "queued", "done", "failed"]


class RunFigures(Answer):
    """How far a run has come. `is_complete` false: all but what is left is of its first 10,000 accounts.

    `left` is of the run's own count; `statements_left` wait for a statement, and may be among them.
    """

    done: int
    failed: int
    left: int
    statements_left: int
    skipped: dict[str, int]
    outcomes: dict[str, int]
    is_complete: bool


class DryRunResult(Answer):
    """What a run would have brought; `effects` has the first 1,000 of them."""

    as_of: date
    accounts_due: int
    is_complete: bool
    would_be_refused_by: str | None
    counts: dict[str, int]
    effects: list[dict[str, Any]]


class RunRow(RunBegun):
    """A run: its state and reason, how many accounts were due, and the count that was approved."""

    reason: str
    accounts_due: int | None
    approved_count: int | None


class RunAnswer(RunRow):
    """A run with its figures and its log; one that was only tried with its result."""

    figures: RunFigures | None = None
    log: list[ActAnswer] | None = None
    dry_run_result: DryRunResult | None = None


class SendingAnswer(Answer):
    """Whether letters go out, and who turned the switch when and why, the last first."""

    sending: Literal["on", "paused"]
    log: list[ActAnswer]


class SendingQuotaAnswer(Answer):
    """What the mail service lets the account send; `recipients_per_day` null: without a limit."""

    recipients_per_second: float
    recipients_per_day: int | None
    sent_last_24_hours: int
    is_enabled: bool
    is_production: bool


class SendingState(SendingAnswer):
    """With how many letters wait, for their time or for their turn, and the account's quota.

    `is_complete` false: there are more than `letters_waiting`. `quota` null: it is not known now.
    """

    letters_waiting: int
    is_complete: bool
    quota: SendingQuotaAnswer | None


class JobFault(Answer):
    """Why a job failed."""

    code: str
    detail: str


class JobAnswer(Answer):
    """A job: where it stands, and what it came to when it is done."""

    job_id: str
    kind: str
    state: Literal["queued", "running", "done", "failed"]
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    progress: dict[str, int]
    fault: JobFault | None
    result: dict[str, Any] | None
