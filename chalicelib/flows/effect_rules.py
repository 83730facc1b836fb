"""Which rules an effect follows: their numbers, for explanations and timelines (R13.3)."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.effects import ChargePosted, Effect, NoticeCreated, TaskEnded, TaskMade

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
}
# A review is asked for by many rules: the part of its id after its kind says by which.
_REVIEWS: Mapping[str, tuple[str, ...]] = {
    "cash_covers": ("R5.8",),
    "dispute": ("R5.5",),
    "promise": ("R6.6",),
    "plan": ("R9.2",),
}
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
    if isinstance(effect, TaskMade | TaskEnded):
        return _of_task(effect)
    if isinstance(effect, ChargePosted):
        return CHARGE_RULES.get(effect.charge, RULES[effect.kind])
    if isinstance(effect, NoticeCreated) and effect.notice.startswith("plan_"):
        return _PLAN_LETTER
    if isinstance(effect, NoticeCreated) and effect.notice in _ACCOUNT_LETTERS:
        return _ACCOUNT_LETTERS[effect.notice]
    return RULES[effect.kind]


def _of_task(effect: TaskMade | TaskEnded) -> tuple[str, ...]:
    if effect.task == "review_account":
        asked = effect.id.removeprefix(f"{effect.account_id}:review_account:")
        return _REVIEWS.get(asked.partition(":")[0], _HOLD_REVIEW)
    if effect.id.endswith(_PAID):
        return ("R6.2",)
    return TASK_RULES.get(effect.task, RULES[effect.kind])
