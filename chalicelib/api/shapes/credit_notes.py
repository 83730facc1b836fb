"""Credit notes (R7.4)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import (
    Answer,
    Day,
    Identity,
    Key,
    MoneyAnswer,
    PositiveMoney,
    Shape,
    text,
)
from chalicelib.api.shapes.payments import Allocations, Names


class CreditNoteBody(Shape):
    """A credit note. Without an invoice it becomes unapplied credit."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "credit_note_id": "crn_2024_0008",
                    "issued_on": "2024-03-15",
                    "amount": {"amount_minor": 5000, "currency": "USD"},
                    "invoice_id": "R-2024-0042",
                    "reason": "Two boxes arrived damaged.",
                }
            ]
        },
    )  # fmt: skip

    credit_note_id: Annotated[Key, Field(description="The caller's own id: recorded once.")]
    issued_on: Annotated[
        Day | None, Field(description="Its own date, from which it counts; else today.")
    ] = None
    amount: PositiveMoney
    invoice_id: Annotated[Identity | None, Field(description="The invoice it reduces.")] = None
    reason: Annotated[str, text(500, 1), Field(description="Why, in the words of who gave it.")]


class CreditNoteAnswer(Answer):
    """A credit note with what it was applied to."""

    account_id: str
    credit_note_id: str
    issued_on: date
    booked_on: date
    amount: MoneyAnswer
    reason: str
    invoice_id: str | None
    unapplied: MoneyAnswer
    allocations: Allocations
    waits_for: Annotated[Names, Field(description="The named invoice, if it is not there yet.")]
