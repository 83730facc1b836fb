"""Payment plans (R9)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import (
    Answer,
    Currency,
    Day,
    Identity,
    ListQuery,
    MoneyAnswer,
    PositiveMoney,
    Query,
    Shape,
    text,
)

INVOICES_MAX = 200  # that one plan names
Frequency = Literal["weekly", "two_weeks", "monthly"]
State = Literal["pending_approval", "active", "completed", "broken", "cancelled"]
Words = Annotated[str, text(2_000), Field(description="What was agreed, in words.")]


class PlanBody(Shape):
    """What a customer agrees to pay, and when: so many instalments, or of so much each."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "currency": "USD",
                    "frequency": "monthly",
                    "count": 3,
                    "first_on": "2024-03-31",
                    "invoice_ids": ["R-2024-0043"],
                    "note": "Agreed with Jo on the phone.",
                },
                {
                    "currency": "USD",
                    "frequency": "weekly",
                    "instalment": {"amount_minor": 10000, "currency": "USD"},
                    "first_on": "2024-03-29",
                    "down_payment": {"amount_minor": 5000, "currency": "USD"},
                    "down_payment_on": "2024-03-20",
                    "interest_due": True,
                },
            ]
        },
    )  # fmt: skip

    currency: Currency
    frequency: Frequency
    first_on: Annotated[
        Day, Field(description="The date of instalment 1, within 366 days; months count from it.")
    ]
    count: Annotated[
        int | None,
        Field(ge=1, le=366, description="How many instalments, the down payment not counted."),
    ] = None
    instalment: Annotated[
        PositiveMoney | None, Field(description="How much each; the last is the rest.")
    ] = None
    down_payment: Annotated[
        PositiveMoney | None, Field(description="What is paid first, as instalment 0.")
    ] = None
    down_payment_on: Annotated[
        Day | None, Field(description="When; left out: on the day on which the plan is made.")
    ] = None
    invoice_ids: Annotated[
        list[Identity],
        Field(
            max_length=INVOICES_MAX,
            description="The invoices that it covers; none: all that is past due in the currency "
            "and can be covered.",
        ),
    ] = Field(default_factory=list)
    interest_due: Annotated[
        bool,
        Field(description="Whether interest that rests is due after all if the plan is broken."),
    ] = False
    note: Words = ""


class PlanQuery(Query):
    """Whether to make it."""

    preview: Annotated[
        Literal["true", "false"],
        Field(description="`true`: answers what would be, and changes nothing."),
    ] = "false"


class PlansQuery(ListQuery):
    """Which plans."""

    state: Annotated[
        State | None, Field(description="Only plans that stand so.", examples=["active"])
    ] = None


class InstalmentAnswer(Answer):
    """One instalment; number 0 is the down payment. `last_on`: the last day before it is missed."""

    number: int
    state: Literal["open", "part_paid", "paid", "missed"]
    due_on: date
    last_on: date
    amount: MoneyAnswer
    paid: MoneyAnswer
    open: MoneyAnswer
    paid_on: date | None
    missed_on: date | None


class PlanAnswer(Answer):
    """A payment plan, or (with no `plan_id`) the preview of one.

    `covered`: the balance that it was made for; `paid` and `open` are of its instalments, which
    follow that balance. `approval_reasons` say why it waits. `ended_because`: of a plan that was
    cancelled or declined. `invoice_ids`: the first 100 of `invoices`.
    """

    account_id: str
    plan_id: str | None
    state: State
    covered: MoneyAnswer
    paid: MoneyAnswer
    open: MoneyAnswer
    frequency: Frequency | None
    invoice_ids: list[str]
    invoices: int
    interest_due: bool
    made_on: date
    made_by: str | None
    started_on: date | None
    ended_on: date | None
    ended_because: str | None
    approval_reasons: list[
        Literal["too_long", "instalment_too_small", "down_payment_too_small", "after_broken_plan"]
    ]
    instalments: list[InstalmentAnswer]
    task_ids: list[str]
    allowed_actions: list[str]
