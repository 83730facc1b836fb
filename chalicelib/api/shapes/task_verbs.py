"""Open tasks of an account, and what is said when one is done (R6.2, R6.3)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from chalicelib.api.shapes.base import (
    TIME_PATTERN,
    Answer,
    Day,
    Identity,
    ListQuery,
    PositiveMoney,
    Shape,
    text,
)
from chalicelib.api.shapes.disputes import DisputeReason
from chalicelib.api.shapes.tasks import TaskKind

INVOICES_MAX = 500
AnyNote = Annotated[str, text(2_000)]
InvoiceIds = Annotated[
    list[Identity], Field(default_factory=list, max_length=INVOICES_MAX, description="Invoices.")
]
Outcome = Literal[
    "no_answer", "voicemail", "busy", "not_available", "promised", "disputed", "paid",
    "wrong_contact", "other", "confirmed", "not_received", "sent", "not_sent", "done",
]  # fmt: skip
_PROMISE: dict[str, Any] = {
    "amount": {"amount_minor": 100_000, "currency": "USD"},
    "by": "2024-03-25",
}
_DISPUTE: dict[str, Any] = {"invoice_id": "R-2024-0043", "reason_code": "pricing"}
_EXAMPLES: list[dict[str, Any]] = [
    {"outcome": "no_answer"},
    {"outcome": "not_available", "call_back": {"on": "2024-03-20", "time": "14:30"}},
    {"outcome": "promised", "note": "Pays with the next batch.", "promise": _PROMISE},
    {"outcome": "disputed", "note": "Says 4.20 was agreed.", "dispute": _DISPUTE},
]


def _shown(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": list(examples)}
    )


class CallBackBody(Shape):
    """When the customer asked to be called: a business day, at most 92 days ahead."""

    on: Day
    part: Annotated[
        Literal["am", "pm"] | None, Field(description="The half of the day; that of `time`.")
    ] = None
    time: Annotated[
        Annotated[str, StringConstraints(pattern=TIME_PATTERN)] | None,
        Field(description="In the seller's time zone, such as 14:30."),
    ] = None


class PromisedBody(Shape):
    """What was promised. Without `invoice_ids`: all that is past due in the currency."""

    amount: PositiveMoney
    by: Annotated[Day, Field(description="Today, or within 366 days.")]
    invoice_ids: InvoiceIds


class DisputedBody(Shape):
    """What was disputed: an open invoice, or a part of it. The note says why."""

    invoice_id: Identity
    amount: Annotated[
        PositiveMoney | None, Field(description="The disputed part; left out: all that is open.")
    ] = None
    reason_code: DisputeReason
    reference: Annotated[
        Annotated[str, text(100)],
        Field(description="What it is known by; of returned goods, the number of the return."),
    ] = ""


class CompletionBody(Shape):
    """How a task came out.

    A call: `no_answer`, `voicemail`, `busy`, `not_available` (with `call_back`, if the customer said
    when), `promised` (with `promise`), `disputed` (with `dispute`), `paid`, `wrong_contact`, `other`
    (with a note). `confirm_payment`: `confirmed`, `not_received`. `send_invoice`: `sent` (all of
    the task's invoices, or `invoice_ids`; today, or on `posted_on`), `not_sent`. `send_letter`:
    `sent` (with `posted_on`), `not_sent`. All others: `done`. `done` and `not_sent` need a note.
    """

    model_config = _shown(*_EXAMPLES)

    outcome: Outcome
    due_on: Annotated[
        Day | None,
        Field(
            description="When the task was due as you read it. With it, a call that somebody else "
            "has made meanwhile is not taken for the next one, which has the same id."
        ),
    ] = None
    note: AnyNote = ""
    contact_id: Annotated[
        Identity | None, Field(description="Which contact of the account was called.")
    ] = None
    call_back: CallBackBody | None = None
    promise: PromisedBody | None = None
    dispute: DisputedBody | None = None
    invoice_ids: InvoiceIds
    posted_on: Annotated[
        Day | None, Field(description="When the letter or the invoices were sent.")
    ] = None


class AccountTasksQuery(ListQuery):
    """Which of the account's open tasks."""

    kind: Annotated[
        TaskKind | None,
        Field(description="Only tasks of this kind; all when left out.", examples=["call"]),
    ] = None


class AccountTask(Answer):
    """Something that a person must do by a date.

    `part`: of a call, the half of the day; `at_time`: the time that the customer asked for.
    `subject`: the id of the promise, plan or dispute that it is about; `call_back` of a call that
    the customer asked for; of a `find_contact`, why calls have stopped. `assignee`: who owns it when
    all are in. `invoice_ids`: the first 100. `outcomes`: what completes it; none where
    `answered_at` says which call does.
    """

    task_id: str
    account_id: str
    kind: TaskKind
    due_on: date
    overdue_days: int
    part: Literal["am", "pm"] | None
    at_time: str | None
    why: str
    assignee: str | None
    subject: str | None
    invoice_ids: list[str]
    invoice_count: int
    opened_on: date | None
    outcomes: list[str]
    answered_at: str | None


class CompletedTask(AccountTask):
    """A task that is done."""

    outcome: str
    completed_on: date


class Made(Answer):
    """What came of it besides tasks. A promise that needs approval blocks nothing until then."""

    promise_id: str | None
    promise_needs_approval: bool | None
    dispute_id: str | None
    delivered_invoice_ids: list[str]
    counted_notice_id: str | None
    cancelled_notice_id: str | None


class CompletionAnswer(Answer):
    """The task as it was done, the tasks that are next, and what was made.

    `unreached_calls`: how many calls have reached nobody since the case opened, or since somebody
    was reached.
    """

    task: CompletedTask
    next_tasks: list[AccountTask]
    made: Made
    unreached_calls: int
