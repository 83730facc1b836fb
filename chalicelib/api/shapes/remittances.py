"""What agencies hand over, as finance sees it (R10.6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from chalicelib.api.shapes.acts import ActAnswer
from chalicelib.api.shapes.base import Answer, ListQuery, MoneyAnswer


class RemittancesQuery(ListQuery):
    """All of the agency's, the newest first."""


class RemittanceLineAnswer(Answer):
    """One payment of a remittance, with its commission."""

    placement_id: str
    payment_id: str
    amount: MoneyAnswer
    commission: MoneyAnswer


class RemittanceRow(Answer):
    """A remittance. `paid`: what is to reach the seller; `reason`: why it was answered so."""

    agency_id: str
    remittance_id: str
    state: Literal["received", "confirmed", "declined"]
    kind: Literal["net", "gross"]
    period_from: date
    period_until: date
    collected: MoneyAnswer
    commission: MoneyAnswer
    paid: MoneyAnswer
    received_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    reason: str | None
    lines_count: int
    allowed_actions: list[str]


class RemittanceAnswer(RemittanceRow):
    """A remittance with its lines: the first 500, all counted."""

    lines: list[RemittanceLineAnswer]


class RemittanceTold(RemittanceAnswer):
    """A remittance with what people did about it, newest first."""

    log: list[ActAnswer]
