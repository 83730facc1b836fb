"""Charges: late fees and the like, with what became of each (R4)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from chalicelib.api.shapes.base import Answer, Listed, ListQuery, MoneyAnswer


class ChargeAnswer(Answer):
    """A charge of an invoice. What was waived stays visible; `reinstated` is owed again as another.

    `capped_by` names the last cap that lowered the amount, `basis` is how it was worked out.
    """

    charge_id: str
    invoice_id: str
    status: Literal["open", "closed"]
    stage: str
    kind: str
    posted_on: date
    amount: MoneyAnswer
    open: MoneyAnswer
    waived: MoneyAnswer
    reinstated: MoneyAnswer
    reversed: MoneyAnswer
    capped_by: str | None
    basis: str


class ChargeQuery(ListQuery):
    """Which charges: those of which something is open, or all that ever were."""

    status: Literal["open", "all"] = "open"


ChargeList = Listed[ChargeAnswer]
