"""Interest: what a sum comes to, what has accrued on an account, and how it was worked out (R4.3)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.shapes.base import (
    AMOUNT_MAX,
    Answer,
    Currency,
    Day,
    Identity,
    ListQuery,
    MoneyAnswer,
    Query,
    WholeParameter,
)
from chalicelib.api.shapes.explain import PolicyVersion


class InterestQuery(Query):
    """Which sum, from when to when, under which policy."""

    principal_minor: Annotated[
        WholeParameter,
        Field(
            ge=1,
            le=AMOUNT_MAX,
            description="Minor units that fell due: 100000 is 1,000.00 in GBP.",
            examples=[100_000],
        ),
    ]
    currency: Annotated[Currency, Field(description="ISO 4217 code.", examples=["USD"])]
    from_on: Annotated[
        Day,
        Field(
            alias="from",
            description="The due date: interest counts from the day after.",
            examples=["2024-01-01"],
        ),
    ]
    to_on: Annotated[
        Day,
        Field(alias="to", description="The last day that counts.", examples=["2024-02-20"]),
    ]
    policy_id: Annotated[
        Identity | None,
        Field(
            description="A policy in force, else a shipped one; the default policy when left out.",
            examples=["standard"],
        ),
    ] = None
    debtor_kind: Annotated[
        Literal["company", "natural_person"],
        Field(description="Charges for debtors of another kind are left out."),
    ] = "company"


class SegmentAnswer(Answer):
    """Days in a row, both ends included, with one base and one rate a year (0.1275 is 12.75%).

    `days` are counted as the terms say. `unrounded` is what they come to, in major units, cut.
    """

    from_on: date
    through_on: date
    days: int
    base: MoneyAnswer
    annual_rate: str
    source: str
    unrounded: str


class WorkingAnswer(Answer):
    """How an amount of interest was worked out (R4.3).

    `unrounded` is the exact sum of all segments in major units, cut; `running` is that sum, rounded
    once. A charge posts `running` less `posted_before`, within the caps. `more_segments` are left out
    before the last one; where a posted charge itself kept no more, `unrounded` is null.
    """

    segments: list[SegmentAnswer]
    more_segments: int
    year_days: int
    unrounded: str | None
    rounding: str
    running: MoneyAnswer
    posted_before: MoneyAnswer


class RateTableAnswer(Answer):
    """A table of reference rates, and the day through which it is known."""

    id: str
    title: str
    source: str
    retrieved_on: date
    known_through: date


class TermsAnswer(Answer):
    """A policy's terms of interest: a contract's `annual_rate`, or a `table` and a `margin`.

    `stages` are those that charge interest; with none, nothing of it is ever posted. Up to
    `grace_days` past due nothing is charged.
    """

    annual_rate: str | None
    table: RateTableAnswer | None
    margin: str | None
    mode: str | None
    day_count: str
    grace_days: int
    stages: list[str]


class PaidAnswer(Answer):
    """A payment that reduced the principal from the day after."""

    value_on: date
    amount: MoneyAnswer


class InterestWorth(Answer):
    """What interest comes to: `amount` is what `capped_by` left of `accrued`.

    `capped_by` is `skip_below` where so little is not charged at all, and `debtor_kind` where the
    policy charges interest to debtors of the other kind only.
    """

    amount: MoneyAnswer
    accrued: MoneyAnswer
    capped_by: str | None
    line: str
    working: WorkingAnswer


class CompensationAnswer(Answer):
    """A compensation of a stage. `due_on`: when the stage is first reached; `times`: how often it was."""

    stage: str
    due_on: date
    times: int
    each: MoneyAnswer
    amount: MoneyAnswer
    line: str


class CompensationsAnswer(Answer):
    """What compensation comes to by the last day: those of stages to come are shown, not added."""

    amount: MoneyAnswer
    charges: list[CompensationAnswer]


class InterestAnswer(Answer):
    """What a sum comes to under a policy. `policy_in_force` false: it is shipped, and not used here."""

    principal: MoneyAnswer
    from_on: date
    to_on: date
    days: int
    payments: list[PaidAnswer]
    debtor_kind: str
    policy: PolicyVersion
    policy_in_force: bool
    terms: TermsAnswer
    interest: InterestWorth
    compensation: CompensationsAnswer
    total: MoneyAnswer


class AccruedQuery(ListQuery):
    """Through which day."""

    through: Annotated[
        Day | None,
        Field(
            description="From 3,660 days ago to 366 ahead; today when left out.",
            examples=["2024-03-18"],
        ),
    ] = None


class DaysAnswer(Answer):
    """Days in a row, both ends included."""

    from_on: date
    through_on: date


class NotKnownAnswer(Answer):
    """Why nothing can be said of an invoice: `rate_unknown` or `currency_not_in_policy`."""

    code: str
    detail: str


class AccruedRow(Answer):
    """The interest of one invoice through a day.

    `posted` is net of reversals, waived charges included. `not_posted` is what has accrued beyond
    it; it lapses when the principal is paid, unless the policy posts it then. `postable` is what a
    posting on that day would come to within all caps, null of a day that is past; `capped_by` names
    the last cap that lowered it, or `skip_below` or `debtor_kind` where nothing is charged. `rests`
    are days that do not count, the last 20 spans; `rests_now`: the day asked for is one of them.
    With an `error` nothing else is known.
    """

    invoice_id: str
    open: MoneyAnswer
    disputed: MoneyAnswer
    effective_due_on: date
    days_past_due: int | None
    accrued: MoneyAnswer | None
    posted: MoneyAnswer
    not_posted: MoneyAnswer | None
    postable: MoneyAnswer | None
    capped_by: str | None
    rests_now: bool
    rests: list[DaysAnswer]
    line: str | None
    working: WorkingAnswer | None
    error: NotKnownAnswer | None


class AccruedTotal(Answer):
    """The sums of one currency over all invoices; `not_known`: of how many nothing can be said.

    `postable` is null of a day that is past.
    """

    currency: str
    invoices: int
    not_known: int
    accrued: MoneyAnswer
    posted: MoneyAnswer
    not_posted: MoneyAnswer
    postable: MoneyAnswer | None


class AccruedAnswer(Answer):
    """What has accrued on the invoices that are open now, by what is known now.

    `totals` are of all of them, and come with the first page only. `terms` null: the policy states
    none, and nothing accrues.
    """

    account_id: str
    through: date
    debtor_kind: str
    policy: PolicyVersion
    terms: TermsAnswer | None
    totals: list[AccruedTotal] | None
    data: list[AccruedRow]
    next_cursor: str | None
