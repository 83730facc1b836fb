"""What an agency may report of a placement in each state of its life (R10.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from chalicelib.core.errors import BlockedError, Blocker
from chalicelib.core.placements import (
    ACTIVE,
    ENDED,
    OFFERED,
    RECALL_PENDING,
    SUSPENDED,
    Placement,
    PlacementState,
)
from chalicelib.flows.ports_agency import ReportKind

MONEY: tuple[ReportKind, ...] = ("payment", "payment_reversal")
LEARNED: tuple[ReportKind, ...] = ("activity", "promise", "dispute", "contact")
# While it rests the agency contacts nobody, but what it hears then it may tell.
BY_STATE: Mapping[PlacementState, tuple[ReportKind, ...]] = MappingProxyType(
    {
        OFFERED: ("accept", "reject"),
        ACTIVE: (*LEARNED, *MONEY, "settlement_proposal", "return"),
        SUSPENDED: (*LEARNED, *MONEY, "settlement_proposal"),
        RECALL_PENDING: (*LEARNED, *MONEY, "settlement_proposal", "recall_response"),
    }
)
ACTIONS: Mapping[ReportKind, str] = MappingProxyType(
    {
        "accept": "accept",
        "reject": "reject",
        "activity": "log_activity",
        "promise": "report_promise",
        "dispute": "report_dispute",
        "contact": "propose_contact",
        "payment": "report_payment",
        "payment_reversal": "reverse_payment",
        "settlement_proposal": "propose_settlement",
        "recall_response": "respond_to_recall",
        "return": "return",
    }
)  # what they are called in answers


def allowed_in(
    state: str, *, was_accepted: bool = True, has_settlement: bool = False
) -> tuple[ReportKind, ...]:
    """Return the kinds of reports that a state allows; money is still taken of what has ended.

    Of what the agency never accepted it can have taken none. One settlement at a time (R10.7).
    """
    if state in ENDED:
        return MONEY if was_accepted else ()
    found = next((kinds for one, kinds in BY_STATE.items() if one == state), ())
    return tuple(kind for kind in found if not (has_settlement and kind == "settlement_proposal"))


def allowed_to_agency(placement: Placement) -> tuple[ReportKind, ...]:
    """Return the kinds of reports that a placement allows now."""
    return allowed_in(
        placement.state,
        was_accepted=placement.accepted_on is not None,
        has_settlement=placement.settlement is not None,
    )


def actions_of(kinds: Iterable[ReportKind]) -> list[str]:
    """Return what kinds of reports are called in answers, as `allowed_actions`."""
    return [ACTIONS[kind] for kind in kinds]


def check_allowed(placement: Placement, kind: ReportKind) -> None:
    """Refuse a report that the placement's state does not allow.

    Raises:
        BlockedError: with the state, and what is allowed instead.
    """
    allowed = allowed_to_agency(placement)
    if kind in allowed:
        return
    code: str = placement.state
    said = f"it is {placement.state.replace('_', ' ')}"
    if kind == "settlement_proposal" and placement.settlement is not None:
        code, said = "settlement_open", f"settlement {placement.settlement.id} is not answered yet"
        if placement.settlement.state == "agreed":
            said = f"settlement {placement.settlement.id} is agreed"
    raise BlockedError(
        f"placement {placement.id} takes no {kind.replace('_', ' ')} now",
        [Blocker(code, said)],
        actions_of(allowed),
    )
