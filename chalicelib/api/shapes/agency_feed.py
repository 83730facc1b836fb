"""The feed: what changed, in order, at least once (R10.5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from chalicelib.api.shapes.agency_reports import shown
from chalicelib.api.shapes.base import Answer, MoneyAnswer, Shape


class FeedEventAnswer(Answer):
    """One change. `id` stays the same however often it comes: take each one once.

    `because` and `ref`: why, and the payment, invoice, report or remittance that it is about.
    `amount` went up or down to `balance`; `commission`: what the agency earns by it.
    `effective_on`: of an offer its last day, of a recall when it takes effect, of a settlement by
    when it is to be paid. What does not apply is null.
    """

    id: str
    sequence: int
    type: str
    at: datetime
    on: date
    placement_id: str | None
    status: str | None
    outcome: str | None
    because: str | None
    ref: str | None
    amount: MoneyAnswer | None
    balance: MoneyAnswer | None
    commission: MoneyAnswer | None
    effective_on: date | None


class FeedAnswer(Answer):
    """Changes in order. `next_cursor` is there also when nothing is: ask with it next time.

    `has_more`: there may be more already.
    """

    data: list[FeedEventAnswer]
    next_cursor: str
    has_more: bool


class AckBody(Shape):
    """All up to a cursor has arrived and is kept. It goes forward only."""

    model_config = shown({"cursor": "next_cursor of the last answer"})

    cursor: Annotated[
        str, Field(min_length=1, max_length=2_000, description="`next_cursor` of an answer.")
    ]


class AckAnswer(Answer):
    """How far the feed is, and how far it is acknowledged, by `sequence`."""

    last: int
    acknowledged: int
    acknowledged_at: datetime | None
