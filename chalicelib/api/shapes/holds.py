"""Hold look-ups (R8.7)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from chalicelib.api.shapes.base import Answer, MoneyAnswer


class HoldReason(Answer):
    """One hold: its reason, evidence, since when, and what would release it."""

    reason: str
    since: date
    placed_by: str
    evidence: str
    invoice_ids: list[str]
    released_when: str


class HoldAnswer(Answer):
    """May this account be shipped to, and what that rests on."""

    account_id: str
    as_of: date
    may_ship: bool
    credit_status: Literal["open", "on_hold", "prepaid"]
    holds: list[HoldReason]
    past_due: list[MoneyAnswer]
    oldest_days_past_due: int
    temporary_release: Any
    collector: str
