"""What happens to placements, as effects: for the timeline and for the agency's feed (R10.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PlacementMoved:
    """A placement made a move of its life (R10.4), or its settlement did (R10.7).

    `move`: `propose`, one of `placement_moves.Move`, or `settlement_proposed`, `settlement_agreed`,
    `settlement_declined`, `settlement_lapsed`. `amount_minor`: its balance, of a settlement the
    amount. `effective_on`: of an offer its last day, of a recall when it takes effect, of a
    settlement by when it is to be paid.
    """

    kind: ClassVar[str] = "placement"
    on: date
    account_id: str
    id: str
    agency: str
    move: str
    state: str
    amount_minor: int
    currency: str
    outcome: str = ""
    reason: str = ""
    effective_on: date | None = None


@dataclass(frozen=True, slots=True)
class PlacementBalance:
    """What is open of what is placed went up or down by `amount_minor`, to `balance_minor` (R10.4).

    `because`: `payment_direct`, `payment_agency`, `payment_reversed`, `credit_note`, `fee`,
    `charge`, `waiver`, `void`, `write_off`, `external`, `correction`. `ref`: the payment or credit
    note. `commission_minor`: what the agency earns by it.
    """

    kind: ClassVar[str] = "placement_balance"
    on: date
    account_id: str
    id: str
    agency: str
    because: str
    ref: str
    amount_minor: int
    balance_minor: int
    currency: str
    commission_minor: int = 0


@dataclass(frozen=True, slots=True)
class PlacedInvoiceEnded:
    """Nothing is open any more of an invoice that is placed: the agency asks for it no more."""

    kind: ClassVar[str] = "placement_invoice"
    on: date
    account_id: str
    id: str
    agency: str
    invoice_id: str


PlacementEffect = PlacementMoved | PlacementBalance | PlacedInvoiceEnded
