"""Reports (R3)."""

from __future__ import annotations

from datetime import date

from chalicelib.api.shapes.base import Answer, Day, Query


class AgingQuery(Query):
    """Which day's aging."""

    as_of: Day | None = None


class AgingLine(Answer):
    """The buckets of one currency, of all accounts or of one."""

    account_id: str | None = None
    currency: str
    buckets_minor: list[int]
    principal_minor: int
    charges_minor: int
    unapplied_minor: int


class AgingAnswer(Answer):
    """What is open, by age."""

    as_of: date
    buckets: list[str]
    totals: list[AgingLine]
    accounts: list[AgingLine]
