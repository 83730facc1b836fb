"""The steps that every placement takes: a move of its life, what it ends, and who is asked (R10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.core.account import Task
from chalicelib.core.assignees import sales_owner_for
from chalicelib.core.book import Book
from chalicelib.core.effects import HoldEnded
from chalicelib.core.effects_placements import PlacementMoved
from chalicelib.core.placement_moves import OUTCOMES, Move, next_state
from chalicelib.core.placements import CLOSED, Placement
from chalicelib.core.policy import Policy

HOLD_REASON = "placed"
HELD_BY = "placement"  # whose hold it is: no rule ends it, and no person needs to (R10.3)
CREDITOR = "creditor"  # a person's word by which a placement rests
ERROR = "creditor_error"
AT_ONCE = frozenset({"paid", "insolvency", "legal", ERROR})  # recalls that take effect at once
COME_BACK = frozenset({"reject", "expire", "return", "recalled"})  # then the owner is asked


def move(
    book: Book, placement: Placement, what: Move, on: date, *, reason: str = "", **changes: Any
) -> Placement:
    """Store a placement after a move that its state allows, and tell of it (R10.4).

    `changes` are of its fields. What ends it ends its hold, its settlement and its tasks.
    """
    state = next_state(placement.state, what)
    assert state is not None, (placement.state, what)
    outcome = OUTCOMES.get(what, placement.outcome)
    moved = replace(placement, state=state, outcome=outcome, **changes)
    if what in OUTCOMES:
        moved = replace(
            moved,
            reason=reason,
            ended_on=on,
            settlement=None,
            suspended_for=frozenset(),
        )
    if state == CLOSED:
        moved = replace(moved, closed_on=on)
    book.put_placement(moved)
    tell(book, moved, what, on, reason=reason)
    if moved.is_ended:
        end_placement_hold(book, on)
        for task_id in (
            task_of(book, moved, "recall_objected"),
            task_of(book, moved, "settlement"),
        ):
            book.close_task(task_id, on, what)
    return moved


def tell(
    book: Book,
    placement: Placement,
    what: str,
    on: date,
    *,
    reason: str = "",
    effective_on: date | None = None,
    amount_minor: int | None = None,
) -> None:
    """Make the effect of a move; `effective_on` and the amount follow from it where none is given."""
    if effective_on is None and what == "approve":
        effective_on = placement.offered_until
    is_of_recall = what == "object" or "recall" in what
    if effective_on is None and placement.recall is not None and is_of_recall:
        effective_on = placement.recall.effective_on
    book.effects.append(
        PlacementMoved(
            on,
            book.account_id,
            placement.id,
            placement.agency,
            what,
            placement.state,
            placement.balance_minor if amount_minor is None else amount_minor,
            placement.currency,
            placement.outcome,
            reason,
            effective_on,
        )
    )


def balance_of(book: Book, placement: Placement) -> int:
    """Return what is open of what is placed, principal and charges, in minor units."""
    found = (book.invoices.get(name) for name in placement.invoice_ids)
    return sum(
        one.open_minor + one.open_charges_minor
        for one in found
        if one is not None and one.currency == placement.currency
    )


def task_of(book: Book, placement: Placement, about: str) -> str:
    """Return the id of the task about something of a placement."""
    return f"{book.account_id}:review_account:{about}:{placement.id}"


def consult_task(book: Book, currency: str) -> str:
    """Return the id of the task to consult the owner about a candidate of a currency (R10.2)."""
    return f"{book.account_id}:consult_owner:{currency}"


def ask_owner(
    book: Book, placement: Placement, policy: Policy, on: date, about: str, why: str
) -> None:
    """Open the owner's task about something of a placement."""
    task = Task(
        task_of(book, placement, about),
        "review_account",
        policy.calendar.business_day_from(on),
        why,
        sales_owner_for(book, policy, on),
        tuple(sorted(placement.invoice_ids)),
        subject=placement.id,
    )
    book.open_task(task, on)


def end_placement_hold(book: Book, on: date) -> None:
    """End the hold of placements when none is with an agency any more (R10.3)."""
    hold = book.holds.get(HOLD_REASON)
    if hold is None or hold.by != HELD_BY:
        return
    if any(one.is_with_agency for one in book.placements.values()):
        return
    del book.holds[HOLD_REASON]
    book.effects.append(HoldEnded(on, book.account_id, HOLD_REASON))
