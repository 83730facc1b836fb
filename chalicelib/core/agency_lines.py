"""What an agency is told of its placements, as lines for its feed (R10.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.effects_placements import (
    PlacedInvoiceEnded,
    PlacementBalance,
    PlacementMoved,
)
from chalicelib.core.placements import Placement

DOSSIER_CHANGED = "placement.dossier_changed"
BALANCE_CHANGED = "placement.balance_changed"
INVOICE_WITHDRAWN = "placement.invoice_withdrawn"
OF_MOVES = {
    "approve": "placement.offered",
    "accept": "placement.accepted",
    "reject": "placement.closed",
    "expire": "placement.closed",
    "withdraw": "placement.closed",
    "suspend": "placement.suspended",
    "resume": "placement.resumed",
    "recall": "placement.recall_requested",
    "object": "placement.recall_objected",
    "move_recall": "placement.recall_moved",
    "cancel_recall": "placement.recall_cancelled",
    "recalled": "placement.recalled",
    "return": "placement.returned",
    "paid": "placement.paid",
    "settled": "placement.settled",
    "close": "placement.closed",
    "settlement_agreed": "settlement.agreed",
    "settlement_declined": "settlement.declined",
    "settlement_lapsed": "settlement.lapsed",
}  # the other moves are nobody's business outside the house
OF_REPORTS = ("report.applied", "report.refused")
OF_REMITTANCES = ("remittance.confirmed", "remittance.declined")
TYPES = tuple(
    dict.fromkeys(
        (
            *OF_MOVES.values(),
            BALANCE_CHANGED,
            INVOICE_WITHDRAWN,
            DOSSIER_CHANGED,
            *OF_REPORTS,
            *OF_REMITTANCES,
        )
    )
)


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """One change that an agency is told of; without personal data (R10.5). Amounts: minor units.

    `id` stays the same however often it is delivered. `ref`: the payment, invoice, report,
    settlement proposal or remittance that it is about; `effective_on` and `because` as in the effect.
    """

    id: str
    type: str
    agency: str
    placement_id: str
    account_id: str
    on: date
    state: str = ""
    outcome: str = ""
    because: str = ""
    ref: str = ""
    amount_minor: int | None = None
    balance_minor: int | None = None
    commission_minor: int | None = None
    currency: str = ""
    effective_on: date | None = None


def agency_lines(
    before: Account, after: Account, effects: Sequence[Any], version: int
) -> tuple[AgencyLine, ...]:
    """Return what agencies are told of one change of an account, which leaves it at `version`.

    In the order of the effects; then what changed of the dossiers of placements that go on.
    """
    found = [
        _line(effect, f"{effect.id}.{version}.{place}", (before, after))
        for place, effect in enumerate(effects)
        if isinstance(effect, PlacementMoved | PlacementBalance | PlacedInvoiceEnded)
        and effect.agency
        and not (isinstance(effect, PlacementMoved) and effect.move not in OF_MOVES)
    ]
    found.extend(_of_dossiers(before, after, version, {line.placement_id for line in found}))
    return tuple(found)


def _line(
    effect: PlacementMoved | PlacementBalance | PlacedInvoiceEnded,
    line_id: str,
    around: tuple[Account, Account],
) -> AgencyLine:
    start = (line_id, "", effect.agency, effect.id, effect.account_id, effect.on)
    if isinstance(effect, PlacementBalance):
        return AgencyLine(
            line_id,
            BALANCE_CHANGED,
            *start[2:],
            because=effect.because,
            ref=effect.ref,
            amount_minor=effect.amount_minor,
            balance_minor=effect.balance_minor,
            commission_minor=effect.commission_minor,
            currency=effect.currency,
        )
    if isinstance(effect, PlacedInvoiceEnded):
        return AgencyLine(line_id, INVOICE_WITHDRAWN, *start[2:], ref=effect.invoice_id)
    is_settlement = effect.move.startswith("settlement")
    return AgencyLine(
        line_id,
        OF_MOVES[effect.move],
        *start[2:],
        state=effect.state,
        outcome=effect.outcome,
        because=effect.reason,
        ref=_proposal_of(effect, around) if is_settlement else "",
        amount_minor=effect.amount_minor if is_settlement else None,
        balance_minor=None if is_settlement else effect.amount_minor,
        currency=effect.currency,
        effective_on=effect.effective_on,
    )


def _proposal_of(effect: PlacementMoved, around: tuple[Account, Account]) -> str:
    """Return the id of the settlement that a move is about: one was there before, or is after it."""
    before, after = around
    for account in (after, before) if effect.move == "settlement_agreed" else (before, after):
        placement = account.placements.get(effect.id)
        if placement is not None and placement.settlement is not None:
            return placement.settlement.id
    return ""


def _of_dossiers(
    before: Account, after: Account, version: int, told: set[str]
) -> Iterator[AgencyLine]:
    """Yield what is told of who the customer is, what is disputed of what is placed, why it rests."""
    decided_on = after.last_decided_on or before.last_decided_on
    people = (before.details, before.contact_people) != (after.details, after.contact_people)
    for one in after.placements.values():
        if not one.is_with_agency or one.id in told:
            continue
        was = before.placements.get(one.id)
        moved = was is not None and _shown(was) != _shown(one)
        if people or moved or _seen(before, one.invoice_ids) != _seen(after, one.invoice_ids):
            line_id = f"{one.id}.{version}.dossier"
            # An account may be placed by hand before its first decision.
            on = decided_on or one.made_on
            yield AgencyLine(line_id, DOSSIER_CHANGED, one.agency, one.id, after.id, on)


def _shown(placement: Placement) -> tuple[Any, ...]:
    """Return what a dossier tells of a placement's life that no other line tells of."""
    return (placement.suspended_for, placement.settlement, placement.recall)


def _seen(account: Account, names: frozenset[str]) -> list[tuple[Any, ...]]:
    """Return what a dossier tells of invoices, beside what is open of them."""
    if not account.invoices:
        return []
    return [
        (one.id, one.disputed_minor, one.effective_due_on, one.po_number)
        for one in account.invoices.values()
        if one.id in names
    ]
