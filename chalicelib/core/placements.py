"""What was handed to an external agency, as values (R10). Amounts are minor units of its currency."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal, get_args

PlacementState = Literal[
    "draft",
    "pending_approval",
    "offered",
    "active",
    "suspended",
    "recall_pending",
    "closing",
    "closed",
]
Outcome = Literal["", "rejected", "expired", "withdrawn", "recalled", "returned", "paid", "settled"]

DRAFT: Final = "draft"
PENDING: Final = "pending_approval"
OFFERED: Final = "offered"
ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
RECALL_PENDING: Final = "recall_pending"
CLOSING: Final = "closing"
CLOSED: Final = "closed"
STATES: tuple[PlacementState, ...] = get_args(PlacementState)
WITH_AGENCY = frozenset({OFFERED, ACTIVE, SUSPENDED, RECALL_PENDING})  # dunning rests (R10.3)
WORKED = frozenset({ACTIVE, SUSPENDED, RECALL_PENDING})  # accepted and not ended
PROPOSED = frozenset({DRAFT, PENDING})  # inside the house only
ENDED = frozenset({CLOSING, CLOSED})
CANCEL_DAYS = 7  # after the request, in which a recall may be taken back
RULE = "rule"  # who makes what a decision proposes
AGENCY: Final = "agency"  # who received money
DIRECT: Final = "direct"


@dataclass(frozen=True, slots=True)
class PlacementTerms:
    """What was agreed when it was offered, and stays: the commission's rate and what earns it (R10.6).

    `settlement_floor`: the share of the balance from which a settlement needs no approval; None:
    each needs one (R10.7).
    """

    commission: Decimal = Decimal(0)
    commission_on_direct: bool = False
    settlement_floor: Decimal | None = None
    auto_recall_on: date | None = None


@dataclass(frozen=True, slots=True)
class Recall:
    """A recall that was asked for: it takes effect on `effective_on`, whatever the agency objects."""

    requested_on: date
    reason: str
    effective_on: date
    requested_by: str = ""
    objection: str = ""
    objected_on: date | None = None

    @property
    def cancel_by(self) -> date:
        """The last day on which it may be taken back (R10.4)."""
        return self.requested_on + timedelta(days=CANCEL_DAYS)


@dataclass(frozen=True, slots=True)
class SettlementOffer:
    """A settlement for less: with `amount_minor` more paid by `pay_by`, the rest is given up (R10.7).

    `paid_minor` of it came in since it was proposed. `state`: `pending` (for an approval), `agreed`.
    `counted`: by which payments, by their keys.
    """

    id: str
    amount_minor: int
    proposed_on: date
    pay_by: date
    state: Literal["pending", "agreed"] = "pending"
    paid_minor: int = 0
    counted: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Taking:
    """Money for what is placed: who received it, and what commission it earns (R10.6).

    `amount_minor` of `direct` money is what it took off the balance while the agency worked it.
    `remittance_id`: the confirmed remittance that it is in. Of money that bounced nothing is earned.
    """

    payment_id: str
    by: Literal["agency", "direct"]
    received_on: date
    amount_minor: int
    commission_minor: int = 0
    remittance_id: str = ""
    bounced: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """Past-due invoices of an account in one currency, handed to one agency (R10).

    `placed_minor` was their balance (open principal and charges) when it was offered,
    `balance_minor` what the agency was told last. `withdrawn_ids`: those of which nothing was open
    any more. `suspended_for`: why it rests, by codes of blocks, and `creditor` for a person's word.
    `ended_on`: the agency's work ended then; `closed_on`: and its money was settled. `fee_minor`:
    the collection fee that was posted.
    """

    id: str
    currency: str
    state: PlacementState
    made_on: date
    made_by: str
    invoice_ids: frozenset[str]
    agency: str = ""
    submitted_on: date | None = None
    submitted_by: str = ""
    approved_by: str = ""
    offered_on: date | None = None
    offered_until: date | None = None
    accepted_on: date | None = None
    ended_on: date | None = None
    closed_on: date | None = None
    outcome: Outcome = ""
    reason: str = ""
    agency_reference: str = ""
    placed_minor: int = 0
    balance_minor: int = 0
    withdrawn_ids: frozenset[str] = frozenset()
    terms: PlacementTerms | None = None
    suspended_for: frozenset[str] = frozenset()
    recall: Recall | None = None
    settlement: SettlementOffer | None = None
    takings: tuple[Taking, ...] = ()
    fee_minor: int = 0

    @property
    def is_with_agency(self) -> bool:
        """Whether its invoices are `placed`: offered and not ended (R5.5, R10.3)."""
        return self.state in WITH_AGENCY

    @property
    def is_worked(self) -> bool:
        """Whether the agency accepted it and its work has not ended."""
        return self.state in WORKED

    @property
    def is_ended(self) -> bool:
        """Whether the agency's work ended: it sees no personal data any more."""
        return self.state in ENDED

    @property
    def fee_id(self) -> str:
        """The id of its collection fee (R4.2)."""
        return f"{self.id}:collection_fee:{self.currency}"

    @property
    def unremitted_minor(self) -> int:
        """What the agency received and no confirmed remittance holds."""
        return sum(
            one.amount_minor
            for one in self.takings
            if one.by == AGENCY and not one.remittance_id and not one.bounced
        )


def placement_id(account_id: str, currency: str, made_on: date, number: int) -> str:
    """Return the id of the account's placement of a currency with a number of a day, from 1.

    One for the whole deployment, because an agency has them side by side; nothing of the account
    can be read from it.
    """
    meaning = f"{account_id}\n{currency}\n{made_on.isoformat()}\n{number}"
    return f"plc_{hashlib.sha256(meaning.encode()).hexdigest()[:20]}"
