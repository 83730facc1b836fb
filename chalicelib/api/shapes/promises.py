"""Promises to pay (R6.6)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import (
    Answer,
    Day,
    Identity,
    ListQuery,
    MoneyAnswer,
    PositiveMoney,
    Shape,
    text,
)

INVOICES_MAX = 200  # that one promise names
State = Literal[
    "pending_approval", "in_force", "kept", "broken", "withdrawn", "not_approved", "nothing_open"
]
Words = Annotated[str, text(2_000), Field(description="What the customer said.")]


class PromiseBody(Shape):
    """What a customer promises to pay, by when, and on which invoices."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "amount": {"amount_minor": 50000, "currency": "USD"},
                    "by": "2024-03-27",
                    "invoice_ids": ["R-2024-0042"],
                    "note": "Pays with Wednesday's run.",
                },
                {"amount": {"amount_minor": 50000, "currency": "USD"}, "by": "2024-04-03"},
            ]
        },
    )  # fmt: skip

    amount: PositiveMoney
    by: Annotated[Day, Field(description="The promised date, within 366 days.")]
    invoice_ids: Annotated[
        list[Identity],
        Field(
            max_length=INVOICES_MAX,
            description="The invoices that it covers; none: all that is past due in the currency.",
        ),
    ] = Field(default_factory=list)
    note: Words = ""


class PromisesQuery(ListQuery):
    """Which promises."""

    state: Annotated[
        State | None, Field(description="Only promises that stand so.", examples=["in_force"])
    ] = None


class PromiseAnswer(Answer):
    """A promise to pay.

    Where the policy says so (`[promises].waives_fees`), no interest counts while it lasts, and none
    of those days if it is kept; if it is broken, they count after all (R6.6).

    `received`: what counts of the money that came in. `last_on`: the last day on which money keeps
    it, the days of grace included; it is broken the day after. `ended_on`: when it was kept, broken
    or withdrawn. `nothing_open`: nothing was owed any more of what it covers; `not_approved`: its
    last day passed before anybody approved it. `invoice_ids`: the first 100 of `invoices`.
    """

    account_id: str
    promise_id: str
    state: State
    amount: MoneyAnswer
    received: MoneyAnswer
    by: date
    last_on: date
    invoice_ids: list[str]
    invoices: int
    made_on: date
    made_by: str | None
    ended_on: date | None
    approval_reasons: list[str]
    task_ids: list[str]
    allowed_actions: list[str]
