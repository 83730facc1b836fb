"""Invoices: what an ERP sends, and what is answered (R3.5, R5.7, R5.9)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import (
    Answer,
    Day,
    Listed,
    ListQuery,
    Money,
    MoneyAnswer,
    Note,
    PositiveMoney,
    ReasonCode,
    Shape,
    text,
)
from chalicelib.api.shapes.charges import ChargeAnswer
from chalicelib.core.terms import KNOWN_TERMS, TERMS_TEXT_MAX
from chalicelib.flows.invoice_posting import Part, Posted

TermsText = Annotated[str, text(TERMS_TEXT_MAX, 1)]
PoNumber = Annotated[str, text(500)]
EXAMPLE: dict[str, Any] = {
    "amount": {"amount_minor": 123450, "currency": "USD"},
    "issued_on": "2024-02-02",
    "terms": "net 30",
    "po_number": "PO-7731",
}


class InvoiceBody(Shape):
    """An invoice as its source says it is."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]}
    )

    amount: PositiveMoney
    issued_on: Annotated[Day, Field(description="Not after today.")]
    due_on: Annotated[
        Day | None,
        Field(
            description="When it is due; this wins over `terms`. One of them is needed, unless the "
            "account's policy has terms."
        ),
    ] = None
    terms: Annotated[
        TermsText | None, Field(description=f"Payment terms, one of: {KNOWN_TERMS}.")
    ] = None
    delivered_on: Annotated[
        Day | None,
        Field(
            description="When it was sent to the customer; left out: when it was issued; null: not "
            "yet, and it is not dunned until it is."
        ),
    ] = None
    open: Annotated[
        Money | None,
        Field(description="What is open of it when it is first sent; left out: all of it."),
    ] = None
    advanced: Annotated[
        Money | None, Field(description="What a financier has paid out against it.")
    ] = None
    po_number: PoNumber = ""
    extended_due_on: Annotated[
        Day | None, Field(description="A later due date that was agreed with the customer.")
    ] = None

    def said(self, invoice_id: str) -> Posted:
        """Return what is said of an invoice, as the flows take it."""
        is_said = "delivered_on" in self.model_fields_set
        return Posted(
            invoice_id,
            self.amount.currency,
            self.amount.amount_minor,
            self.issued_on,
            self.due_on,
            self.terms or "",
            self.delivered_on if is_said else self.issued_on,
            part_of(self.open),
            part_of(self.advanced),
            self.po_number,
            self.extended_due_on,
        )


class DeliveryBody(Shape):
    """When an invoice was sent to the customer."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"delivered_on": "2024-03-15"}]},
    )  # fmt: skip

    delivered_on: Annotated[
        Day, Field(description="Not after today, nor before the invoice's issue.")
    ]


class ExtensionBody(Shape):
    """A later due date, and why it is given."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"due_on": "2024-04-30", "reason_code": "goodwill", "note": "Agreed by phone."}
            ]
        },
    )

    due_on: Annotated[
        Day, Field(description="After the present due date, by 366 days from then or now at most.")
    ]
    reason_code: ReasonCode
    note: Note


class StageAnswer(Answer):
    """A stage of dunning that was applied."""

    stage: str
    days: int
    applied_on: date


class NoticeOwedAnswer(Answer):
    """A stage that was applied and whose notice has not been made yet."""

    stage: str
    days: int


class InvoiceAnswer(Answer):
    """An invoice. `days_past_due` and `bucket` are null when no principal is open.

    `status` is `open` while principal or a charge is. `advanced` and `disputed` are parts of
    `open`. `dispute` is `customer_won` until the credit note comes.
    """

    account_id: str
    invoice_id: str
    status: Literal["open", "closed", "voided"]
    amount: MoneyAnswer
    open: MoneyAnswer
    advanced: MoneyAnswer
    disputed: MoneyAnswer
    dispute: Literal["none", "open", "customer_won"]
    dispute_id: str | None
    open_charges: MoneyAnswer
    issued_on: date
    due_on: date
    extended_due_on: date | None
    effective_due_on: date
    delivered_on: date | None
    first_seen_on: date
    days_past_due: int | None
    bucket: str | None
    po_number: str
    stages: list[StageAnswer]
    notices_owed: list[NoticeOwedAnswer]
    noticed_on: date | None
    charges: list[ChargeAnswer]


class InvoiceQuery(ListQuery):
    """Which invoices: `closed` ones are settled or voided; `all` gives the open ones first."""

    status: Literal["open", "closed", "all"] = "open"


InvoiceList = Listed[InvoiceAnswer]


def part_of(money: Money | PositiveMoney | None) -> Part | None:
    """Return an amount as the flows take it."""
    return None if money is None else Part(money.amount_minor, money.currency)
