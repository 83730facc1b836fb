"""Money between agency and seller: payments, remittances, and what both believe (R10.6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.shapes.agency_placements import PlacementStatus
from chalicelib.api.shapes.agency_reports import shown
from chalicelib.api.shapes.base import (
    Answer,
    Currency,
    Day,
    Key,
    Money,
    MoneyAnswer,
    OwnId,
    Shape,
)
from chalicelib.flows.reconciliations import RECONCILED_MAX
from chalicelib.flows.remittances import LINES_MAX

# The agency's own, or one made of a placement and the seller's payment, which may be long.


class AgencyPaymentAnswer(Answer):
    """Money for what is placed, and who received it; what bounced earns nothing.

    `payment_id` is the agency's own. What reached the seller directly is here where it earns a
    commission: under an id of ours, and with `amount` 0, because the agency has nothing of it.
    """

    payment_id: str
    placement_id: str
    received_on: date
    amount: MoneyAnswer
    commission: MoneyAnswer
    received_by: Literal["agency", "direct"]
    remittance_id: str | None
    bounced: bool


class RemittanceLineBody(Shape):
    """One payment that is handed over, as it was reported, with the commission as it was told.

    Of money that reached the seller directly and earns a commission the amount is 0, and the id is
    `direct:<placement_id>:<ref>`, as the list of payments has it.
    """

    placement_id: Key
    payment_id: Key
    amount: Money
    commission: Money


class RemittanceTotals(Shape):
    """What the lines add up to. `paid`: what reaches the seller, in net without the commission."""

    count: Annotated[int, Field(ge=1, le=LINES_MAX)]
    collected: Money
    commission: Money
    paid: Money


class RemittanceBody(Shape):
    """What the agency hands over for a period, in one currency, as agreed: `net` or `gross`."""

    model_config = shown(
        {
            "id": "R-2024-03",
            "kind": "gross",
            "period_from": "2024-03-01",
            "period_until": "2024-03-31",
            "currency": "USD",
            "lines": [
                {
                    "placement_id": "plc_0123456789abcdef0123",
                    "payment_id": "P-2024-118",
                    "amount": {"amount_minor": 50000, "currency": "USD"},
                    "commission": {"amount_minor": 7500, "currency": "USD"},
                }
            ],
            "totals": {
                "count": 1,
                "collected": {"amount_minor": 50000, "currency": "USD"},
                "commission": {"amount_minor": 7500, "currency": "USD"},
                "paid": {"amount_minor": 50000, "currency": "USD"},
            },
        }
    )

    id: OwnId
    kind: Literal["net", "gross"]
    period_from: Day
    period_until: Day
    currency: Currency
    lines: Annotated[list[RemittanceLineBody], Field(min_length=1, max_length=LINES_MAX)]
    totals: RemittanceTotals


class RemittanceLineAnswer(Answer):
    """One payment of a remittance."""

    placement_id: str
    payment_id: str
    amount: MoneyAnswer
    commission: MoneyAnswer


class RemittanceSummary(Answer):
    """A remittance in a list. `status`: finance has not looked at it yet, has it, or declines it."""

    id: str
    kind: Literal["net", "gross"]
    period_from: date
    period_until: date
    count: int
    collected: MoneyAnswer
    commission: MoneyAnswer
    paid: MoneyAnswer
    status: Literal["received", "confirmed", "declined"]
    received_at: datetime
    answered_at: datetime | None


class RemittanceAnswer(RemittanceSummary):
    """A remittance with its lines."""

    lines: list[RemittanceLineAnswer]


class BelievedBody(Shape):
    """A placement as the agency has it."""

    placement_id: Key
    status: PlacementStatus
    balance: Money


class ReconciliationBody(Shape):
    """What the agency has. `is_complete`: all of it, so that what is missing is told too."""

    model_config = shown(
        {
            "placements": [
                {
                    "placement_id": "plc_0123456789abcdef0123",
                    "status": "active",
                    "balance": {"amount_minor": 125450, "currency": "USD"},
                }
            ]
        }
    )

    placements: Annotated[list[BelievedBody], Field(max_length=RECONCILED_MAX)]
    is_complete: bool = True


class MismatchAnswer(Answer):
    """What differs of one placement: the codes, and how it is here. Unknown: nothing but the code."""

    placement_id: str
    codes: list[str]
    status: str | None
    balance: MoneyAnswer | None


class ReconciliationAnswer(Answer):
    """What differs, none when both have the same."""

    compared: int
    data: list[MismatchAnswer]
