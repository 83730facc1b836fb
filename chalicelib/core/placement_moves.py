"""The life of a placement: every move from every state; all others are refused (R10.4).

The table of `notes/practice.md` 3.2, read with R10.4: `rejected` is one outcome, a recall of what is
only offered withdraws it, one of what is closing is refused. Two moves are ours: `lapse`, by which
what nobody approved ends when nothing of it is left to place, and `paid` also from `suspended` and
`recall_pending`: an agency that calls a customer who has paid is what must never be.
"""

from __future__ import annotations

from typing import Literal, get_args

from chalicelib.core.placements import (
    ACTIVE,
    CLOSED,
    CLOSING,
    DRAFT,
    OFFERED,
    PENDING,
    RECALL_PENDING,
    SUSPENDED,
    Outcome,
    PlacementState,
)

Move = Literal[
    "submit",
    "lapse",
    "approve",
    "decline",
    "accept",
    "reject",
    "expire",
    "withdraw",
    "suspend",
    "resume",
    "recall",
    "object",
    "move_recall",
    "cancel_recall",
    "recalled",
    "return",
    "paid",
    "settled",
    "close",
]
MOVES: tuple[Move, ...] = get_args(Move)

NEXT: dict[tuple[PlacementState, Move], PlacementState] = {
    (DRAFT, "submit"): PENDING,
    (DRAFT, "lapse"): CLOSED,
    (PENDING, "approve"): OFFERED,
    (PENDING, "decline"): DRAFT,
    (PENDING, "lapse"): CLOSED,
    (OFFERED, "accept"): ACTIVE,
    (OFFERED, "reject"): CLOSED,
    (OFFERED, "expire"): CLOSED,
    (OFFERED, "withdraw"): CLOSED,
    (ACTIVE, "suspend"): SUSPENDED,
    (SUSPENDED, "resume"): ACTIVE,
    (ACTIVE, "recall"): RECALL_PENDING,
    (SUSPENDED, "recall"): RECALL_PENDING,
    (RECALL_PENDING, "object"): RECALL_PENDING,
    (RECALL_PENDING, "move_recall"): RECALL_PENDING,
    (RECALL_PENDING, "cancel_recall"): ACTIVE,
    (RECALL_PENDING, "recalled"): CLOSING,
    (ACTIVE, "return"): CLOSING,
    (ACTIVE, "paid"): CLOSING,
    (SUSPENDED, "paid"): CLOSING,
    (RECALL_PENDING, "paid"): CLOSING,
    (ACTIVE, "settled"): CLOSING,
    (SUSPENDED, "settled"): CLOSING,
    (RECALL_PENDING, "settled"): CLOSING,
    (CLOSING, "close"): CLOSED,
}

OUTCOMES: dict[Move, Outcome] = {
    "lapse": "withdrawn",
    "reject": "rejected",
    "expire": "expired",
    "withdraw": "withdrawn",
    "recalled": "recalled",
    "return": "returned",
    "paid": "paid",
    "settled": "settled",
}


def next_state(state: PlacementState, move: Move) -> PlacementState | None:
    """Return the state to which a move leads, None where it is refused (R10.4)."""
    return NEXT.get((state, move))


def moves_from(state: PlacementState) -> tuple[Move, ...]:
    """Return the moves that a state allows, in the order of `MOVES`."""
    return tuple(move for move in MOVES if (state, move) in NEXT)
