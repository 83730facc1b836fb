"""Payments, their reversals, and unapplied cash that is applied (R7)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from chalicelib.api.shapes.base import (
    Answer,
    Currency,
    Day,
    Identity,
    Key,
    MoneyAnswer,
    PositiveMoney,
    Shape,
    text,
)

INVOICES_MAX = 3_000

InvoiceIds = Annotated[
    list[Identity],
    Field(
        max_length=INVOICES_MAX,
        description=(
            "The invoices it pays, in this order; without them it goes down the policy's waterfall."
        ),
    ),
]
PaymentId = Annotated[Key, Field(description="The caller's own id: a payment is recorded once.")]


EXAMPLE: JsonDict = {
    "payment_id": "pay_2024_000816",
    "received_on": "2024-03-15",
    "amount": {"amount_minor": 123450, "currency": "USD"},
    "invoice_ids": ["R-2024-0042"],
    "reference": "Transfer of 15 March",
}


class PaymentBody(Shape):
    """A payment. In another currency than an invoice's it is never applied to it (R7.2)."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]}
    )

    payment_id: PaymentId
    received_on: Annotated[Day, Field(description="When the money came, not in the future.")]
    amount: PositiveMoney
    invoice_ids: InvoiceIds = Field(default_factory=list)
    reference: Annotated[str, text(500), Field(description="The payer's own words.")] = ""


class ApplyCashBody(Shape):
    """What is applied, and where; all of it by the waterfall where nothing is named."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [{}, {"payment_id": "pay_2024_000815", "invoice_ids": ["R-2024-0043"]}]
        },
    )  # fmt: skip

    currency: Annotated[
        Currency | None, Field(description="Only this currency's cash; else each to its own.")
    ] = None
    payment_id: Annotated[Key | None, Field(description="Only this payment's rest.")] = None
    credit_note_id: Annotated[Key | None, Field(description="Only this note's rest.")] = None
    invoice_ids: InvoiceIds = Field(default_factory=list)


class AllocationAnswer(Answer):
    """Where a part went: an invoice's principal, or, with its id, one of the invoice's charges."""

    invoice_id: str
    charge_id: str | None
    amount: MoneyAnswer


class Allocations(Answer):
    """How many rows there are, and the first of them."""

    count: int
    first: list[AllocationAnswer]


class Names(Answer):
    """How many invoices there are, and the first of them."""

    count: int
    first: list[str]


class PaymentAnswer(Answer):
    """A payment. While its allocation is pending, what was allocated is left out."""

    account_id: str
    payment_id: str
    state: Literal["booked", "reversed"]
    received_on: date
    booked_on: date
    amount: MoneyAnswer
    reference: str
    named: Annotated[Names, Field(description="The invoices that it named.")]
    allocation: Annotated[
        Literal["done", "pending"],
        Field(description="`pending`: it is booked for certain, and allocated within a minute."),
    ]
    unapplied: MoneyAnswer | None = None
    allocations: Allocations | None = None
    waits_for: Annotated[
        Names | None, Field(description="Named invoices that are not there yet (R7.1).")
    ] = None
    written_off: Annotated[
        Allocations | None, Field(description="Short payments that it led to (R7.3).")
    ] = None
    reversed_charges: Annotated[
        Allocations | None, Field(description="Charges it took back by value date (R4.9).")
    ] = None


class UsedMoney(Answer):
    """A payment or credit note that was applied, and what is left of it."""

    kind: Literal["payment", "credit_note"]
    id: str
    unapplied: MoneyAnswer


class UsedPart(Answer):
    """How many payments and credit notes were used, and the first of them."""

    count: int
    first: list[UsedMoney]


class CashAppliedAnswer(Answer):
    """What was applied, what is left on the account, and what was used for it."""

    account_id: str
    applied: list[MoneyAnswer]
    unapplied: list[MoneyAnswer]
    used: UsedPart
    allocation: Literal["done", "pending"]
