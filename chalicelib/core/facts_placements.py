"""Facts about what is handed to agencies (R10), as people, agencies and decisions say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.core.placement_moves import Move


@dataclass(frozen=True, slots=True)
class PlacementProposed:
    """Past-due invoices of a currency are to be placed: a draft (R10.1).

    No `invoice_ids`: all that may be. No `agency`: the policy chooses. A draft of the currency that
    is there is replaced.
    """

    on: date
    currency: str
    made_by: str
    invoice_ids: tuple[str, ...] = ()
    agency: str = ""


@dataclass(frozen=True, slots=True)
class PlacementAct:
    """A placement makes a move of its life (R10.4); one that its state does not allow changes nothing.

    `reason`: why, as a code. `reference`: the agency's own (of `accept`). `effective_on`: of
    `recall` and `move_recall`, None for what policy and reason say.
    """

    on: date
    placement_id: str
    move: Move
    by: str = ""
    reason: str = ""
    reference: str = ""
    effective_on: date | None = None
    agency: str = ""  # of `approve`: instead of the one that the policy chose


@dataclass(frozen=True, slots=True)
class SettlementProposed:
    """The agency proposes that with so much more paid by a day the rest is given up (R10.7)."""

    on: date
    placement_id: str
    proposal_id: str
    amount_minor: int
    pay_by: date


@dataclass(frozen=True, slots=True)
class SettlementAnswered:
    """A person agrees to a settlement that waits, or declines it (R10.7)."""

    on: date
    placement_id: str
    proposal_id: str
    is_agreed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RemittanceConfirmed:
    """Finance has what the agency remitted: these payments of a placement are settled (R10.6)."""

    on: date
    placement_id: str
    remittance_id: str
    payment_ids: tuple[str, ...]


PlacementFact = (
    PlacementProposed | PlacementAct | SettlementProposed | SettlementAnswered | RemittanceConfirmed
)
