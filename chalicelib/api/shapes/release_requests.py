"""Release requests (R8.5)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import (
    Answer,
    Day,
    Instant,
    ListQuery,
    MoneyAnswer,
    Override,
    PositiveMoney,
    Shape,
    text,
)

Reference = Annotated[str, text(100, 1), Field(description="The order, as the caller knows it.")]
Words = Annotated[str, text(2_000), Field(description="What helps whoever answers.")]


class ReleaseRequestBody(Shape):
    """An order that waits: its total and the caller's reference for it."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "order_total": {"amount_minor": 89900, "currency": "USD"},
                    "reference": "SO-10042",
                    "note": "The customer needs it on Thursday.",
                }
            ]
        },
    )  # fmt: skip

    order_total: PositiveMoney
    reference: Reference
    note: Words = ""


class ApproveBody(Override):
    """An approval. Without `until` it ends with this week's Sunday."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {"until": "2024-03-24", "reason_code": "goodwill", "note": "Pays on Friday."},
                {"reason_code": "goodwill", "note": "Pays on Friday."},
            ]
        },
    )  # fmt: skip

    until: Annotated[
        Day | None,
        Field(description="The last day on which to ship, 92 days ahead at most."),
    ] = None


class ReleaseRequestAnswer(Answer):
    """A release request.

    `past_due` is the account's total now, `past_due_when_asked` what it was; `all_delivered` tells
    whether every invoice that was past due then had been sent, else the first 20 that were not.
    """

    request_id: str
    account_id: str
    state: Literal["open", "approved", "declined"]
    order_total: MoneyAnswer
    reference: str
    note: str
    asked_by: str
    asked_at: Instant
    assignee: str
    past_due: list[MoneyAnswer]
    past_due_when_asked: list[MoneyAnswer]
    all_delivered: bool
    undelivered_invoice_ids: list[str]
    undelivered_count: int
    answered_by: str | None
    answered_at: Instant | None
    until: date | None
    reason_code: str | None
    answer_note: str | None
    allowed_actions: list[str]


class ToAnswerQuery(ListQuery):
    """Whose release requests: those that wait for this person's answer."""

    assignee: Annotated[
        str,
        Field(
            max_length=64,
            description="A person's id as the policy's tiers name it; `me`: whoever asks.",
        ),
    ] = "me"
