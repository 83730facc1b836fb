"""Placements with external agencies, as finance sees them (R10)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import (
    Answer,
    BlockerAnswer,
    Currency,
    Day,
    Identity,
    ListQuery,
    MoneyAnswer,
    Override,
    Shape,
    text,
)

INVOICES_MAX = 200  # that one proposal names
State = Literal[
    "draft",
    "pending_approval",
    "offered",
    "active",
    "suspended",
    "recall_pending",
    "closing",
    "closed",
]
OpenState = Literal[
    "draft", "pending_approval", "offered", "active", "suspended", "recall_pending", "closing"
]
AgencyId = Annotated[
    str,
    Field(pattern=r"^[a-z0-9-]{1,20}$", description="An agency's id.", examples=["northgate"]),
]
Words = Annotated[str, text(2_000), Field(description="Why, in the words of who proposes it.")]


class PlacementBody(Shape):
    """What is to be placed with an agency."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [{"currency": "USD", "note": "No answer to the final demand."}]
        },
    )  # fmt: skip

    currency: Currency
    invoice_ids: Annotated[
        list[Identity],
        Field(
            max_length=INVOICES_MAX,
            description="The invoices to place; none: all that may be placed in the currency.",
        ),
    ] = Field(default_factory=list)
    agency: Annotated[
        AgencyId | None, Field(description="With whom; left out: as the policy's rules choose.")
    ] = None
    submit: Annotated[
        bool, Field(description="Whether it waits for an approval at once; else it is a draft.")
    ] = True
    note: Words = ""


class SubmitBody(Shape):
    """Why a draft is to be placed."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"note": "The owner agrees."}]},
    )  # fmt: skip

    note: Words = ""


class ApprovalBody(Override):
    """Why it is offered, and to whom if not to whom the rules chose."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [{"reason_code": "no_answer", "note": "Checked with the owner."}]
        },
    )  # fmt: skip

    agency: Annotated[
        AgencyId | None, Field(description="Another agency than the one that was chosen.")
    ] = None


class RecallBody(Override):
    """Why a placement is asked for back."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [{"reason_code": "customer_agreed", "note": "They pay by instalments."}]
        },
    )  # fmt: skip

    effective_on: Annotated[
        Day | None,
        Field(
            description="When it takes effect, within 366 days. Left out: as the policy says, and at "
            "once for `paid`, `insolvency`, `legal` and `creditor_error`."
        ),
    ] = None


class MoveRecallBody(Override):
    """Why a recall takes effect on another day."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "effective_on": "2024-04-10",
                    "reason_code": "payment_announced",
                    "note": "They expect money.",
                }
            ]
        },
    )  # fmt: skip

    effective_on: Day


class PlacementsQuery(ListQuery):
    """Which of an account's placements."""

    state: Annotated[
        State | None, Field(description="Only placements that stand so.", examples=["active"])
    ] = None
    currency: Annotated[Currency | None, Field(description="Only of this currency.")] = None


class AllPlacementsQuery(ListQuery):
    """Which placements of all accounts."""

    state: Annotated[
        OpenState,
        Field(
            description="How they stand; left out: those that wait for an approval.",
            examples=["active"],
        ),
    ] = "pending_approval"
    agency: Annotated[AgencyId | None, Field(description="Only with this agency.")] = None
    currency: Annotated[Currency | None, Field(description="Only of this currency.")] = None


class CheckItemAnswer(Answer):
    """One item of the checklist: whether it holds, and what is there or missing."""

    code: str
    holds: bool
    detail: str


class WhyAnswer(Answer):
    """A reason: a stable code, and a sentence."""

    code: str
    sentence: str


class LeftOutAnswer(Answer):
    """A past-due invoice that would not be placed, and every reason why."""

    invoice_id: str
    because: list[WhyAnswer]


class CandidateAnswer(Answer):
    """What could be placed of a currency: all of the checklist must hold, and nobody overrides it.

    `agency`: whom the rules would choose, null for none. `has_ended_before`: an agency gave an
    earlier placement back, so that only a person proposes another. `proposed_placement_id`: a draft,
    or one that waits for an approval. `invoice_ids` and `left_out`: the first 100, all counted.
    """

    currency: str
    holds: bool
    items: list[CheckItemAnswer]
    invoice_ids: list[str]
    invoices: int
    left_out: list[LeftOutAnswer]
    left_out_count: int
    balance: MoneyAnswer
    agency: str | None
    has_ended_before: bool
    proposed_placement_id: str | None


class PolicyNamed(Answer):
    """A policy and its version."""

    id: str
    version: str


class CandidatesAnswer(Answer):
    """The checklist of every currency in which the account is past due."""

    account_id: str
    as_of: date
    policy: PolicyNamed
    candidates: list[CandidateAnswer]


class PlacedInvoiceAnswer(Answer):
    """An invoice that is placed, and what is open of it now; of one that is settled, nothing."""

    invoice_id: str
    open: MoneyAnswer
    open_charges: MoneyAnswer
    disputed: MoneyAnswer
    days_past_due: int | None


class TermsAnswer(Answer):
    """What was agreed when it was offered. Rates are shares: 0.25 is a quarter."""

    commission: str
    commission_on_direct: bool
    settlement_floor: str | None
    auto_recall_on: date | None


class FeeAnswer(Answer):
    """The collection fee, and the invoice on which it is charged."""

    charge_id: str
    invoice_id: str
    posted_on: date
    amount: MoneyAnswer
    open: MoneyAnswer
    waived: MoneyAnswer


class TakingAnswer(Answer):
    """Money for what is placed: who received it, its commission, and the remittance that holds it."""

    payment_id: str
    by: Literal["agency", "direct"]
    received_on: date
    amount: MoneyAnswer
    commission: MoneyAnswer
    remittance_id: str | None
    bounced: bool


class RecallAnswer(Answer):
    """A recall that was asked for. `cancel_by`: the last day on which it can be taken back."""

    requested_on: date
    requested_by: str | None
    reason: str
    effective_on: date
    cancel_by: date
    objection: str | None
    objected_on: date | None


class SettlementAnswer(Answer):
    """A settlement for less: with `amount` more paid by `pay_by`, the rest is given up."""

    proposal_id: str
    state: Literal["pending", "agreed"]
    amount: MoneyAnswer
    paid: MoneyAnswer
    proposed_on: date
    pay_by: date


class PlacementAnswer(Answer):
    """A placement: past-due invoices of one currency with one agency.

    `placed`: their balance when it was offered; `balance`: now. `invoice_ids` and `takings`: the
    first, or last, 100, all counted. `unremitted`: what the agency received and no confirmed
    remittance holds. `blockers`: of what is proposed, all that keeps it from being offered today.
    """

    account_id: str
    placement_id: str
    currency: str
    state: State
    outcome: str | None
    reason: str | None
    agency: str | None
    agency_reference: str | None
    invoice_ids: list[str]
    invoices: list[PlacedInvoiceAnswer]
    invoices_count: int
    withdrawn: int
    placed: MoneyAnswer
    balance: MoneyAnswer
    terms: TermsAnswer | None
    collection_fee: FeeAnswer | None
    takings: list[TakingAnswer]
    takings_count: int
    unremitted: MoneyAnswer
    recall: RecallAnswer | None
    settlement: SettlementAnswer | None
    suspended_for: list[WhyAnswer]
    made_on: date
    made_by: str | None
    submitted_on: date | None
    submitted_by: str | None
    approved_by: str | None
    offered_on: date | None
    offered_until: date | None
    accepted_on: date | None
    ended_on: date | None
    closed_on: date | None
    allowed_actions: list[str]
    blockers: list[BlockerAnswer]


class PlacementRow(Answer):
    """A placement in the list over all accounts; its own address tells all of it."""

    account_id: str
    placement_id: str
    currency: str
    state: State
    agency: str | None
    agency_reference: str | None
    invoices_count: int
    placed: MoneyAnswer
    balance: MoneyAnswer
    unremitted: MoneyAnswer
    made_on: date
    submitted_on: date | None
    submitted_by: str | None
    offered_until: date | None
    accepted_on: date | None
    ended_on: date | None
    recall_effective_on: date | None


__all__ = [
    "AllPlacementsQuery", "ApprovalBody", "CandidatesAnswer", "MoveRecallBody",
    "PlacementAnswer", "PlacementBody", "PlacementRow", "PlacementsQuery", "RecallBody",
    "SubmitBody",
]  # fmt: skip
