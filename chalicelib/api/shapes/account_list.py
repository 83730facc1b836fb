"""The list of accounts as a run saw them, and an account's risk score."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.api.shapes.base import (
    AmountMinor,
    Answer,
    Currency,
    ListQuery,
    MoneyAnswer,
)
from chalicelib.api.shapes.reports import AsOf

Word = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^[^\u0000-\u001f\u007f-\u009f]*$")
]


class AccountListQuery(ListQuery):
    """Which accounts; what is left out filters nothing. Filters add up: all must hold."""

    as_of: AsOf = None
    account_class: Annotated[Word | None, Field(examples=["key"])] = None
    credit_status: Literal["open", "on_hold", "prepaid"] | None = None
    collector: Annotated[Word | None, Field(examples=["senior"])] = None
    past_due_over_minor: Annotated[
        AmountMinor | None,
        Field(
            description="Past-due total above this, in `currency`, which is then needed.",
            examples=[100_000],
        ),
    ] = None
    currency: Annotated[
        Currency | None, Field(description="That of `past_due_over_minor`.", examples=["USD"])
    ] = None
    bucket: Annotated[
        Word | None,
        Field(description="The oldest bucket with something open.", examples=["31-60"]),
    ] = None
    stage: Annotated[
        Word | None,
        Field(description="The highest stage applied to what is open.", examples=["reminder"]),
    ] = None


class AccountRow(Answer):
    """An account as the run saw it; totals are one for each currency with something."""

    account_id: str
    name: str
    account_class: str
    debtor_kind: Literal["company", "natural_person"]
    credit_status: str
    collector: str
    policy_id: str
    past_due: list[MoneyAnswer]
    open: list[MoneyAnswer]
    unapplied: list[MoneyAnswer]
    oldest_days_past_due: int
    bucket: str | None
    stage: str | None
    risk_score: int | None


class AccountListAnswer(Answer):
    """A part of the list, as of a run's snapshot."""

    as_of: date
    data: list[AccountRow]
    next_cursor: str | None


class RiskPartAnswer(Answer):
    """One part of a score: `measure` from 0 to 1, null without a history; `points` of the score."""

    code: str
    weight: int
    measure: str | None
    points: str
    figures: dict[str, int]


class RiskAnswer(Answer):
    """A risk score from 0 to 100 and what it is made of; null when the policy gives no weights."""

    account_id: str
    as_of: date
    policy_id: str
    policy_version: str
    score: int | None
    parts: list[RiskPartAnswer]
