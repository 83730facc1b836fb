"""Disputes of invoices (R5.5)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import (
    Answer,
    Day,
    Key,
    ListQuery,
    MoneyAnswer,
    Note,
    PositiveMoney,
    ReasonCode,
    Shape,
    text,
)

DisputeReason = Literal[
    "returned_goods",
    "awaiting_credit",
    "pricing",
    "not_received",
    "quality",
    "duplicate",
    "other",
]

State = Literal["open", "credit_awaited", "closed"]
Reference = Annotated[str, text(100)]
Owner = Annotated[
    Key | None,
    Field(
        description="Who has to resolve it: a person, `collector` or `sales_owner`; left out: as "
        "the policy says for the reason."
    ),
]
DueOn = Annotated[
    Day | None,
    Field(description="By when, within 366 days; left out: as the policy says."),
]


class DisputeBody(Shape):
    """What a customer objects to: a part of what is open, or (no amount) all of it."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "amount": {"amount_minor": 2500, "currency": "USD"},
                    "reason_code": "pricing",
                    "note": "Says the agreed price was 4.20 each.",
                },
                {
                    "reason_code": "returned_goods",
                    "owner": "sales_owner",
                    "due_on": "2024-04-02",
                    "reference": "RMA-2024-118",
                    "note": "All of it went back.",
                },
            ]
        },
    )

    amount: Annotated[
        PositiveMoney | None, Field(description="The disputed part; left out: all that is open.")
    ] = None
    reason_code: DisputeReason
    note: Note
    owner: Owner = None
    due_on: DueOn = None
    reference: Annotated[
        Reference,
        Field(description="What it is known by; of returned goods, the number of the return."),
    ] = ""


class ResolutionBody(Shape):
    """How a dispute ended, and why."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "outcome": "seller_won",
                    "reason_code": "price_confirmed",
                    "note": "The signed order has the price.",
                },
                {
                    "outcome": "partly",
                    "amount": {"amount_minor": 1000, "currency": "USD"},
                    "reason_code": "split_the_difference",
                    "note": "A credit note over 10.00 follows.",
                },
            ]
        },
    )

    outcome: Annotated[
        Literal["customer_won", "seller_won", "partly"],
        Field(
            description="`customer_won`: the seller owes a credit note, and until it comes the part "
            "is not dunned. `seller_won`: the part is owed, and dunned again. `partly`: the "
            "customer won `amount` of it, and owes the rest."
        ),
    ]
    amount: Annotated[
        PositiveMoney | None,
        Field(description="With `partly`, and only then: what the customer won."),
    ] = None
    reason_code: ReasonCode
    note: Note


class ReassignBody(Shape):
    """Who has to resolve a dispute from now on, or by when: one of them at least."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"owner": "dana", "due_on": "2024-04-05", "note": "She knows the order."}]
        },
    )

    owner: Annotated[
        Key | None,
        Field(description="A person, `collector` or `sales_owner`; left out: as before."),
    ] = None
    due_on: Annotated[Day | None, Field(description="Within 366 days; left out: as before.")] = None
    note: Note


class DisputesQuery(ListQuery):
    """Which disputes."""

    state: Annotated[State | None, Field(description="Only those in this state.")] = None


class DisputeAnswer(Answer):
    """A dispute of an invoice.

    `amount` was disputed when it was opened, `disputed` still is: payments pay the undisputed part
    of an invoice first, credit notes the disputed part. `state` is `credit_awaited` while what the
    customer won (`won`) awaits its credit note. `outcome` is null where nobody said one.
    `closed_because`: `lost` by the customer, `paid`, `credited`, `written_off`, `voided`, or
    `replaced` by another dispute. `owner` is null until the account's next decision if the dispute
    came with a ledger. `task_id`: of the owner's open task.
    """

    account_id: str
    dispute_id: str
    invoice_id: str
    state: State
    reason_code: str
    amount: MoneyAnswer
    disputed: MoneyAnswer
    reference: str
    owner: str | None
    due_on: date | None
    task_id: str | None
    opened_on: date
    opened_by: str | None
    outcome: Literal["customer_won", "seller_won", "partly"] | None
    won: MoneyAnswer | None
    resolved_on: date | None
    closed_on: date | None
    closed_because: Literal["lost", "paid", "credited", "written_off", "voided", "replaced"] | None
    allowed_actions: list[str]
