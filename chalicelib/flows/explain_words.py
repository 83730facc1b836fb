"""Effects in words: what happened or will, and from which figures (R13.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.core.blocks import BLOCKS
from chalicelib.core.effects import (
    CaseClosed,
    CaseOpened,
    ChargePosted,
    ChargeReversed,
    ChargeStopped,
    Effect,
    HoldEnded,
    HoldPlaced,
    InstalmentMissed,
    NoticeCreated,
    PlanMoved,
    PromiseEnded,
    Skipped,
    StageApplied,
    StatementCreated,
    TaskEnded,
    TaskMade,
)
from chalicelib.flows.currencies import amount_in_words as _amount
from chalicelib.flows.placement_words import PLACEMENT_WORDS


def in_words(effect: Effect) -> str:
    """Return an effect as one sentence for a person in finance."""
    say: Callable[[Any], str] = _WORDS[effect.kind]
    return say(effect)


def figures_of(effect: Effect) -> dict[str, Any]:
    """Return what an effect holds beside its day, account and kind, as plain values."""
    found = {name: getattr(effect, name) for name in effect.__dataclass_fields__}
    for name in ("on", "account_id"):
        found.pop(name, None)
    return {name: list(v) if isinstance(v, tuple) else v for name, v in found.items()}


def _stage(effect: StageApplied) -> str:
    return (
        f"Invoice {effect.invoice_id} reaches stage {effect.stage} at {effect.days} days past due."
    )


def _charge(effect: ChargePosted) -> str:
    amount = _amount(effect.amount_minor, effect.currency)
    said = f"A charge ({effect.charge}) of {amount} on invoice {effect.invoice_id}"
    said += f": {effect.basis}" if effect.basis else ""
    return said + (f"; the cap {effect.capped_by} lowered it." if effect.capped_by else ".")


def _charge_stopped(effect: ChargeStopped) -> str:
    return (
        f"The charge ({effect.charge}) of stage {effect.stage} on invoice {effect.invoice_id} is not "
        f"posted: {effect.detail}."
    )


def _notice(effect: NoticeCreated) -> str:
    if not effect.invoice_ids:
        return f"A letter ({effect.notice}) goes out."
    asked = _amount(effect.past_due_minor, effect.currency)
    count = len(effect.invoice_ids)
    said = f"A notice ({effect.notice}) about {count} invoice{'' if count == 1 else 's'}"
    return f"{said} asks for {asked}." if effect.past_due_minor else f"{said} asks for nothing."


def _hold_placed(effect: HoldPlaced) -> str:
    said = f"The account is held ({effect.reason})"
    return f"{said}: {effect.evidence}" if effect.evidence else f"{said}."


def _hold_ended(effect: HoldEnded) -> str:
    return f"The hold {effect.reason} ends."


def _charge_reversed(effect: ChargeReversed) -> str:
    amount = _amount(effect.amount_minor, effect.currency)
    return f"{amount} of charge {effect.id} is taken back: the money had come in by value date."


def _skipped(effect: Skipped) -> str:
    block = BLOCKS.get(effect.block)
    why = block.sentence if block is not None else effect.block
    return f"Stage {effect.stage} of invoice {effect.invoice_id} does not happen. {why}"


def _task(effect: TaskMade) -> str:
    who = f" for {effect.assignee}" if effect.assignee else ""
    part = f" ({effect.part})" if effect.part else ""
    return f"A task ({effect.task}){who} falls due on {effect.due_on}{part}."


def _task_closed(effect: TaskEnded) -> str:
    because = _TASK_ENDS.get(effect.because, effect.because.replace("_", " "))
    return f"The task {effect.task} is closed: {because}."


_TASK_ENDS = {  # those whose code alone says too little; the others are a person's outcome
    "blocked": "all that is past due is blocked",
    "nothing_to_ask": "nothing is left to ask for",
    "arrived": "the letter arrived after all",
    "too_many_attempts": "too many calls reached nobody",
    "brought_forward": "a new one falls due earlier",
    "no_money_came": "no money came in",
    "money_came": "money came in",
    "replaced": "another took its place",
    "approved": "it was approved",
    "declined": "it was declined",
    "lapsed": "it lapsed",
    "moved": "it was moved to another day",
}


def _promise(effect: PromiseEnded) -> str:
    promised = _amount(effect.amount_minor, effect.currency)
    received = _amount(effect.received_minor, effect.currency)
    how = _PROMISE_ENDS.get(effect.outcome, effect.outcome)
    return f"The promise to pay {promised} {how}; {received} of it came in."


_PROMISE_ENDS = {
    "kept": "is kept",
    "broken": "is broken",
    "withdrawn": "is taken back",
    "nothing_open": "is over, as nothing is open of what it covers",
    "not_approved": "has lapsed, as nobody approved it",
}


def _case_opened(effect: CaseOpened) -> str:
    return f"Case {effect.id} is opened."


def _case_closed(effect: CaseClosed) -> str:
    return f"Case {effect.id} is closed: nothing is past due."


def _plan(effect: PlanMoved) -> str:
    left = _amount(effect.amount_minor, effect.currency)
    return f"Payment plan {effect.id} is {effect.state.replace('_', ' ')}; {left} of it is open."


def _instalment_missed(effect: InstalmentMissed) -> str:
    left = _amount(effect.amount_minor, effect.currency)
    return (
        f"Instalment {effect.number} of payment plan {effect.id}, due on {effect.due_on}, "
        f"was missed: {left} of it is open."
    )


def _statement(effect: StatementCreated) -> str:
    open_now = _amount(effect.open_minor, effect.currency)
    past_due = _amount(effect.past_due_minor, effect.currency)
    return f"A statement tells of {open_now} that is open; {past_due} of it is past due."


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "stage": _stage,
    "charge": _charge,
    "notice": _notice,
    "hold_placed": _hold_placed,
    "hold_released": _hold_ended,
    "charge_reversed": _charge_reversed,
    "charge_stopped": _charge_stopped,
    "skip": _skipped,
    "task": _task,
    "task_closed": _task_closed,
    "promise": _promise,
    "case_opened": _case_opened,
    "case_closed": _case_closed,
    "plan": _plan,
    "instalment_missed": _instalment_missed,
    "statement": _statement,
    **PLACEMENT_WORDS,
}
