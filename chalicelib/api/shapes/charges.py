"""Charges: late fees and the like, with what became of each (R4)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from chalicelib.api.shapes.base import Answer, Listed, ListQuery, MoneyAnswer
from chalicelib.api.shapes.interest import WorkingAnswer


class ChargeAnswer(Answer):
    """A charge of an invoice. What was waived stays visible; `reinstated` is owed again as another.

    `capped_by` names the last cap that lowered the amount, `basis` is the arithmetic in one line.
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


class ChargeWorkedOut(ChargeAnswer):
    """A charge with how interest was worked out; `working` is null of the other kinds.

    In a list at most 20 segments are shown of each.
    """

    working: WorkingAnswer | None


class ChargeQuery(ListQuery):
    """Which charges: those of which something is open, or all that ever were."""

    status: Literal["open", "all"] = "open"


ChargeList = Listed[ChargeWorkedOut]
