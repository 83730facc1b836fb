"""Which rules an effect follows: their numbers, for explanations and timelines (R13.3)."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.effects import (
    ChargePosted,
    Effect,
    HoldEnded,
    HoldPlaced,
    NoticeCreated,
    TaskEnded,
    TaskMade,
)
from chalicelib.core.effects_placements import PlacementBalance, PlacementMoved
from chalicelib.core.placement_steps import HOLD_REASON

RULES: Mapping[str, tuple[str, ...]] = {
    "stage": ("R5.2",),
    "charge": ("R4.1", "R4.5"),
    "charge_stopped": ("R4.4",),
    "notice": ("R5.3",),
    "hold_placed": ("R8.1",),
    "hold_released": ("R8.3",),
    "charge_reversed": ("R4.9",),
    "skip": ("R5.5",),
    "task": ("R6.2",),
    "task_closed": ("R6.2",),
    "promise": ("R6.6",),
    "case_opened": ("R6.5",),
    "case_closed": ("R6.5",),
    "plan": ("R9.1", "R9.4"),
    "instalment_missed": ("R9.4",),
    "statement": ("R5.1",),
    "placement": ("R10.4",),
    "placement_balance": ("R10.4", "R10.5"),
    "placement_invoice": ("R10.5",),
}
CHARGE_RULES: Mapping[str, tuple[str, ...]] = {  # of a kind of charge, where they are others
    "interest": ("R4.1", "R4.3", "R4.5"),
    "compensation": ("R4.1", "R4.6"),
    "collection_fee": ("R4.1", "R10.3"),
}
TASK_RULES: Mapping[str, tuple[str, ...]] = {
    "call": ("R6.2",),
    "find_contact": ("R6.3",),
    "confirm_payment": ("R6.6",),
    "send_invoice": ("R5.5",),
    "send_letter": ("R11.2",),
    "review_notice": ("R11.3",),
    "approve_release": ("R8.5",),
    "consult_owner": ("R10.2",),
}
# A review is asked for by many rules: the part of its id after its kind says by which.
_REVIEWS: Mapping[str, tuple[str, ...]] = {
    "cash_covers": ("R5.8",),
    "dispute": ("R5.5",),
    "promise": ("R6.6",),
    "plan": ("R9.2",),
    "placement_ended": ("R10.4",),
    "recall_objected": ("R10.4",),
    "contact_proposal": ("R10.5",),
    "not_remitted": ("R10.6",),
    "settlement": ("R10.7",),
}
_MOVES: Mapping[str, tuple[str, ...]] = {  # of placements, where they follow more than R10.4
    "propose": ("R10.1", "R10.2"),
    "submit": ("R10.2",),
    "decline": ("R10.2",),
    "approve": ("R10.2", "R10.3"),
    "accept": ("R10.3", "R10.4"),
    "settled": ("R10.4", "R10.7"),
    "settlement_proposed": ("R10.7",),
    "settlement_agreed": ("R10.7",),
    "settlement_declined": ("R10.7",),
    "settlement_lapsed": ("R10.7",),
}
_OF_AGENCY = ("R10.5", "R10.6")  # money that an agency received, or earns a commission by
_PLACED = ("R10.3",)
_HOLD_REVIEW = ("R5.7",)
_PLAN_LETTER = ("R9.4", "R11.1")
_ACCOUNT_LETTERS: Mapping[str, tuple[str, ...]] = {
    "promise_made": ("R6.6", "R11.1"),
    "hold_placed": ("R8.2", "R11.1"),
    "hold_released": ("R8.2", "R11.1"),
    "thank_you": ("R6.5", "R11.1"),
}
_PAID = ":confirm_payment:paid"


def rules_of(effect: Effect) -> tuple[str, ...]:
    """Return the numbers of the rules that an effect follows."""
    match effect:
        case TaskMade() | TaskEnded():
            return _of_task(effect)
        case ChargePosted():
            found = CHARGE_RULES.get(effect.charge)
        case PlacementMoved():
            found = _MOVES.get(effect.move)
        case PlacementBalance():
            is_agencys = effect.commission_minor or effect.because == "payment_agency"
            found = _OF_AGENCY if is_agencys else None
        case HoldPlaced() | HoldEnded():
            found = _PLACED if effect.reason == HOLD_REASON else None
        case NoticeCreated():
            is_plans = effect.notice.startswith("plan_")
            found = _PLAN_LETTER if is_plans else _ACCOUNT_LETTERS.get(effect.notice)
        case _:
            found = None
    return found or RULES[effect.kind]


def _of_task(effect: TaskMade | TaskEnded) -> tuple[str, ...]:
    if effect.task == "review_account":
        asked = effect.id.removeprefix(f"{effect.account_id}:review_account:")
        return _REVIEWS.get(asked.partition(":")[0], _HOLD_REVIEW)
    if effect.id.endswith(_PAID):
        return ("R6.2",)
    return TASK_RULES.get(effect.task, RULES[effect.kind])
