"""What agencies report of a placement, and what becomes of it (api.md, Agencies)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import (
    Answer,
    Day,
    Identity,
    Name,
    OwnId,
    PositiveMoney,
    ReasonCode,
    Shape,
    text,
)
from chalicelib.api.shapes.contacts import Email, Phone
from chalicelib.api.shapes.disputes import DisputeReason
from chalicelib.flows.agency_side_reads import FINANCES_OWN
from chalicelib.flows.ports_agency import ReportKind

# What an agency reports; `confirmation` is the house's own.
REPORT_KINDS = tuple(kind for kind in get_args(ReportKind) if kind != FINANCES_OWN)
INVOICES_MAX = 200
LINES_MAX = 10  # of an address
AnyNote = Annotated[str, text(2_000)]
ActivityCode = Literal[
    "contact_attempt",
    "contacted",
    "letter_sent",
    "promise",
    "plan_proposed",
    "dispute_raised",
    "address_updated",
    "skip_trace",
    "legal_review",
    "suit_filed",
    "judgment",
    "bankruptcy",
    "deceased_or_dissolved",
    "note",
]
CloseCode = Literal[
    "paid_direct",
    "paid_agency",
    "settled",
    "recalled",
    "refused",
    "expired",
    "uncollectible",
    "not_found",
    "bankrupt",
    "disputed_upheld",
    "out_of_statute",
    "duplicate",
    "creditor_error",
]
Kind = Annotated[str, Field(description=f"One of {', '.join(REPORT_KINDS)}.")]
Happened = Annotated[
    Day | None, Field(description="The day it happened; left out: the day it is reported.")
]
InvoiceIds = Annotated[
    list[Identity],
    Field(max_length=INVOICES_MAX, description="Invoices of the placement; none: all of them."),
]


def shown(*examples: dict[str, Any]) -> ConfigDict:
    """Return the manner of a body with its examples."""
    return ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        json_schema_extra={"examples": list(examples)},
    )


class AcceptBody(Shape):
    """The agency takes it on, under a reference of its own."""

    model_config = shown({"id": "acc-99812", "agency_reference": "A-99812"})

    id: OwnId
    agency_reference: Annotated[str, text(100, 1)]


class RejectBody(Shape):
    """The agency does not take it on."""

    model_config = shown({"id": "rej-99812", "reason_code": "conflict_of_interest"})

    id: OwnId
    reason_code: ReasonCode
    note: AnyNote = ""


class AgencyActivityBody(Shape):
    """Something that the agency did or heard."""

    model_config = shown(
        {
            "id": "act-1",
            "code": "contact_attempt",
            "on": "2024-03-18",
            "channel": "call",
            "note": "Nobody there.",
        },
        {"id": "act-2", "code": "note"},
    )

    id: OwnId
    code: ActivityCode
    on: Happened = None
    channel: Literal["", "call", "email", "letter", "sms", "visit", "other"] = ""
    contact_id: Annotated[
        Identity | None, Field(description="A contact of the dossier; left out: not known.")
    ] = None
    note: AnyNote = ""


class AgencyPromiseBody(Shape):
    """The debtor promised the agency to pay."""

    model_config = shown(
        {
            "id": "ptp-1",
            "amount": {"amount_minor": 50000, "currency": "USD"},
            "pay_by": "2024-04-02",
        }
    )

    id: OwnId
    amount: PositiveMoney
    pay_by: Annotated[Day, Field(description="The promised date.")]
    invoice_ids: InvoiceIds = Field(default_factory=list)
    note: AnyNote = ""


class AgencyDisputeBody(Shape):
    """The debtor told the agency what they object to. While it is open the placement rests."""

    model_config = shown(
        {"id": "dsp-1", "reason_code": "quality", "note": "Half of it came broken."}
    )

    id: OwnId
    reason_code: DisputeReason
    note: Annotated[str, text(2_000, 1), Field(description="What the debtor said.")]
    invoice_ids: InvoiceIds = Field(default_factory=list)
    amount: Annotated[
        PositiveMoney | None,
        Field(description="The disputed part, of one invoice; left out: all that is open."),
    ] = None


class ContactProposalBody(Shape):
    """What the agency learned of whom to reach: a proposal until finance takes it."""

    model_config = shown({"id": "con-1", "name": "Jo Park", "phone": "+44 20 7946 0000"})

    id: OwnId
    contact_id: Annotated[
        Identity | None, Field(description="A contact of the dossier; left out: a new one.")
    ] = None
    name: Name = ""
    email: Email = ""
    phone: Phone = ""
    address: Annotated[list[Annotated[str, text(200, 1)]], Field(max_length=LINES_MAX)] = Field(
        default_factory=list
    )
    note: AnyNote = ""


class AgencyPaymentBody(Shape):
    """Money that the agency took. `id`: the payment's, in remittances too."""

    model_config = shown(
        {
            "id": "P-2024-118",
            "received_on": "2024-03-18",
            "amount": {"amount_minor": 50000, "currency": "USD"},
        }
    )

    id: OwnId
    received_on: Annotated[Day, Field(description="When the agency had it.")]
    amount: PositiveMoney
    invoice_ids: Annotated[
        list[Identity],
        Field(
            max_length=INVOICES_MAX,
            description="Invoices of the placement that it pays first; none: by the waterfall.",
        ),
    ] = Field(default_factory=list)
    reference: Annotated[str, text(500), Field(description="The payer's own words.")] = ""


class ReversalBody(Shape):
    """Money that the agency took has bounced: its commission is taken back (R10.6)."""

    model_config = shown({"id": "P-2024-118-R", "reason_code": "returned_debit"})

    id: OwnId
    reason_code: ReasonCode
    on: Happened = None
    note: AnyNote = ""


class SettlementProposalBody(Shape):
    """With so much more paid by a day, the rest is to be given up (R10.7)."""

    model_config = shown(
        {
            "id": "set-1",
            "amount": {"amount_minor": 80000, "currency": "USD"},
            "pay_by": "2024-04-15",
        }
    )

    id: OwnId
    amount: PositiveMoney
    pay_by: Annotated[Day, Field(description="By when it is to be paid.")]
    note: AnyNote = ""


class RecallResponseBody(Shape):
    """What the agency says to a recall. An objection needs a reason; the recall stands meanwhile."""

    model_config = shown(
        {"id": "rec-1", "answer": "confirm"},
        {"id": "rec-2", "answer": "object", "reason_code": "payment_pending"},
    )

    id: OwnId
    answer: Literal["confirm", "object"]
    reason_code: Annotated[
        ReasonCode | None, Field(description="With `object`, and only then: why.")
    ] = None
    note: AnyNote = ""


class ReturnBody(Shape):
    """The agency gives it back."""

    model_config = shown({"id": "ret-1", "close_code": "not_found"})

    id: OwnId
    close_code: CloseCode
    note: AnyNote = ""


class ReportTaken(Answer):
    """A report was taken, and is applied within a minute; its place tells what became of it."""

    id: str
    kind: Kind
    status: Literal["received"]
    placement_id: str | None


class ReportAnswer(Answer):
    """What became of a report. `code` and `detail`: why it was refused, null else."""

    id: str
    kind: Kind
    status: Literal["received", "applied", "refused"]
    placement_id: str | None
    received_at: datetime
    applied_at: datetime | None
    code: str | None
    detail: str | None
