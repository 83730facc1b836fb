"""Disputes of invoices (R5.5)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import Note, PositiveMoney, ReasonCode, Shape

DisputeReason = Literal[
    "returned_goods",
    "awaiting_credit",
    "pricing",
    "not_received",
    "quality",
    "duplicate",
    "other",
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
                }
            ]
        },
    )

    amount: Annotated[
        PositiveMoney | None, Field(description="The disputed part; left out: all that is open.")
    ] = None
    reason_code: DisputeReason
    note: Note


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
                }
            ]
        },
    )

    outcome: Annotated[
        Literal["customer_won", "seller_won"],
        Field(
            description="`customer_won`: the seller owes a credit note, and until it comes the part "
            "is not dunned. `seller_won`: the part is owed, and dunned again."
        ),
    ]
    reason_code: ReasonCode
    note: Note
