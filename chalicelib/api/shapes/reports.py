"""Reports over all accounts (R3), in the shapes they are asked for and answered in."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.shapes.base import Answer, Currency, Day, ListQuery, MoneyAnswer, Query

AsOf = Annotated[
    Day | None,
    Field(
        description="The day whose snapshot is reported; the newest when left out.",
        examples=["2024-03-18"],
    ),
]
OneCurrency = Annotated[
    Currency | None,
    Field(description="Only this currency; all when left out.", examples=["USD"]),
]


class AgingQuery(ListQuery):
    """Which aging: of which day, by what, from which date."""

    as_of: AsOf = None
    by: Annotated[
        Literal["currency", "account", "collector", "class"],
        Field(description="What a row is of, beside its currency."),
    ] = "currency"
    base: Annotated[
        Literal["due_date", "invoice_date"] | None,
        Field(description="From which date invoices age; the default policy's when left out."),
    ] = None
    currency: OneCurrency = None


class BucketAnswer(Answer):
    """The open principal of one bucket."""

    bucket: str
    amount_minor: int
    currency: str


class AgingRow(Answer):
    """What is open in one currency; of one account, collector or class where it is by that."""

    account_id: str | None = None
    collector: str | None = None
    account_class: str | None = None
    currency: str
    buckets: list[BucketAnswer]
    principal: MoneyAnswer
    charges: MoneyAnswer
    unapplied: MoneyAnswer


class RateAnswer(Answer):
    """What one unit of a currency was worth in the reporting currency, from a day on."""

    currency: str
    on: date
    rate: str


class ReportingAnswer(Answer):
    """The totals once more in the reporting currency, by the rates of the snapshot's day (R3.3).

    `missing`: currencies without a rate, and then there is no total. `fault`: what was wrong with
    the seller's rates when the snapshot was made.
    """

    currency: str | None
    rates: list[RateAnswer]
    missing: list[str]
    total: AgingRow | None
    fault: str | None


class AgingAnswer(Answer):
    """What is open, by age, as of a run. `principal` is the sum of the buckets.

    `reporting` is there by currency, and null when the seller states no exchange rates.
    """

    as_of: date
    by: str
    base: str
    buckets: list[str]
    reporting: ReportingAnswer | None = None
    data: list[AgingRow]
    next_cursor: str | None


class PeriodQuery(Query):
    """From one day's snapshot to another's."""

    from_on: Annotated[
        Day,
        Field(
            alias="from",
            description="The period begins when this day's snapshot was made.",
            examples=["2024-02-29"],
        ),
    ]
    to_on: Annotated[
        Day,
        Field(
            alias="to",
            description="The period ends when this day's snapshot was made.",
            examples=["2024-03-18"],
        ),
    ]


class CollectionsQuery(PeriodQuery):
    """Which period, and in which currency."""

    currency: OneCurrency = None


class ChargesAnswer(Answer):
    """What became of charges in the period, and what was open of them at its end.

    `collected`: what is gone from what was billed and was neither waived, reversed nor voided. It
    is below 0 when more bounced than came in.
    """

    billed: MoneyAnswer
    collected: MoneyAnswer
    waived: MoneyAnswer
    reversed: MoneyAnswer
    voided: MoneyAnswer
    closing_open: MoneyAnswer


class CollectionsRow(Answer):
    """One currency's figures (R3.4): decimals as texts, null where there is nothing to divide by."""

    currency: str
    opening_receivables: MoneyAnswer
    sales: MoneyAnswer
    closing_receivables: MoneyAnswer
    closing_current: MoneyAnswer
    days_sales_outstanding: str | None
    best_possible_days_sales_outstanding: str | None
    average_days_delinquent: str | None
    collection_effectiveness_percent: str | None
    promises_ended: int
    promises_kept: int
    promise_kept_rate: str | None
    charges: ChargesAnswer


class CollectionsAnswer(Answer):
    """How collecting went in a period, and from which snapshots it was told."""

    from_on: date
    to_on: date
    opening_snapshot_on: date
    closing_snapshot_on: date
    days: int
    data: list[CollectionsRow]


class NoticesRow(Answer):
    """One kind of notice: what became of it in the period, and how many were left in which state.

    `counted`: those that counted as sent (R11.3), less those that bounced after all (R11.4).
    The states are those at the period's end.
    """

    notice: str
    created: int
    counted: int
    cancelled: int
    pending: int
    sending: int
    sent: int
    unknown: int
    failed: int


class NoticesAnswer(Answer):
    """What became of notices in a period, and from which snapshots it was told."""

    from_on: date
    to_on: date
    opening_snapshot_on: date
    closing_snapshot_on: date
    days: int
    data: list[NoticesRow]
