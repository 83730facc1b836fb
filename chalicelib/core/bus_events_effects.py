"""Events of effects: what a decision or a booking brought about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.bus_events_types import PLACEMENT_MOVES, TOLD_TIMELINE, UNTOLD_EFFECTS
from chalicelib.core.bus_events_values import (
    Data,
    Telling,
    amount,
    code,
    day,
    invoices,
    person,
    told,
)
from chalicelib.core.effects import (
    CaseClosed,
    CaseOpened,
    ChargeStopped,
    Effect,
    Event,
    InstalmentMissed,
    NoticeCreated,
    PlanMoved,
    PromiseEnded,
    StageApplied,
    StatementCreated,
    TaskEnded,
    TaskMade,
)
from chalicelib.core.effects_placements import (
    PlacedInvoiceEnded,
    PlacementBalance,
    PlacementMoved,
)

_PLANS = {
    "pending_approval": "payment_plan.proposed",
    "active": "payment_plan.started",
    "completed": "payment_plan.completed",
    "broken": "payment_plan.broken",
    "cancelled": "payment_plan.cancelled",
}
_PROMISES = {
    "kept": "promise.kept",
    "broken": "promise.broken",
    "withdrawn": "promise.withdrawn",
}  # all other outcomes: it lapsed


def effect_tellings(
    before: Account, after: Account, effects: Sequence[Effect]
) -> Iterator[Telling]:
    """Yield what is told of a change's effects, in their order."""
    for effect in effects:
        if effect.kind in UNTOLD_EFFECTS:
            continue
        name, data = _told_of(effect, (before, after))
        yield Telling(name, data, effect.on)


def timeline_tellings(events: Sequence[Event]) -> Iterator[Telling]:
    """Yield what is told of a timeline's lines: contacts; all else is told by what it changed."""
    for event in events:
        if event.kind in TOLD_TIMELINE:
            said: Mapping[str, str] = event.figures
            data = told(
                channel=code(said.get("channel", "")),
                direction=code(said.get("direction", "")),
                outcome=code(said.get("outcome", "")),
                effective_on=said.get("on", "") or day(event.on),
                contact_id=event.subject,
            )
            yield Telling("activity.recorded", data, event.on)


def _told_of(effect: Effect, around: tuple[Account, Account]) -> tuple[str, Data]:  # noqa: C901, PLR0911 - one flat table of effects
    match effect:
        case StageApplied():
            return "stage.applied", told(invoice_id=effect.invoice_id, stage=effect.stage)
        case ChargeStopped():
            return "charge.stopped", told(
                charge_id=effect.id,
                invoice_id=effect.invoice_id,
                stage=effect.stage,
                charge=code(effect.charge),
                reason_code=code(effect.because),
            )
        case NoticeCreated():
            return "notice.created", told(
                notice_id=effect.id,
                notice=code(effect.notice),
                stage=effect.stage,
                amount_past_due=amount(effect.past_due_minor, effect.currency),
                **invoices(effect.invoice_ids),
            )
        case StatementCreated():
            return "statement.created", told(
                statement_id=effect.id,
                amount_open=amount(effect.open_minor, effect.currency),
                amount_past_due=amount(effect.past_due_minor, effect.currency),
            )
        case TaskMade():
            return "task.opened", told(
                task_id=effect.id,
                task=code(effect.task),
                due_on=day(effect.due_on),
                assignee=person(effect.assignee),
            )
        case TaskEnded():
            return "task.closed", told(
                task_id=effect.id, task=code(effect.task), reason_code=code(effect.because)
            )
        case CaseOpened():
            return "case.opened", told(case_id=effect.id)
        case CaseClosed():
            return "case.closed", told(case_id=effect.id)
        case PromiseEnded() | PlanMoved() | InstalmentMissed():
            return _of_agreement(effect)
        case PlacementMoved() | PlacementBalance() | PlacedInvoiceEnded():
            return _of_placement(effect, around)
        case _:
            raise ValueError(f"nobody decided whether an effect {effect.kind!r} is told")


def _of_agreement(effect: PromiseEnded | PlanMoved | InstalmentMissed) -> tuple[str, Data]:
    if isinstance(effect, PlanMoved):
        left = amount(effect.amount_minor, effect.currency)
        return _PLANS[effect.state], told(plan_id=effect.id, state=effect.state, amount_open=left)
    if isinstance(effect, InstalmentMissed):
        return "payment_plan.instalment_missed", told(
            plan_id=effect.id,
            instalment=effect.number,
            due_on=day(effect.due_on),
            amount=amount(effect.amount_minor, effect.currency),
        )
    name = _PROMISES.get(effect.outcome, "promise.lapsed")
    return name, told(
        promise_id=effect.id,
        amount=amount(effect.amount_minor, effect.currency),
        amount_received=amount(effect.received_minor, effect.currency),
        reason_code="" if effect.outcome in _PROMISES else code(effect.outcome),
    )


def _of_placement(
    effect: PlacementMoved | PlacementBalance | PlacedInvoiceEnded,
    around: tuple[Account, Account],
) -> tuple[str, Data]:
    start: dict[str, Any] = {"placement_id": effect.id, "agency_id": effect.agency}
    if isinstance(effect, PlacedInvoiceEnded):
        return "placement.invoice_withdrawn", told(**start, invoice_id=effect.invoice_id)
    if isinstance(effect, PlacementBalance):
        earned = effect.commission_minor
        return "placement.balance_changed", told(
            **start,
            amount=amount(effect.amount_minor, effect.currency),
            balance=amount(effect.balance_minor, effect.currency),
            reason_code=code(effect.because),
            commission=amount(earned, effect.currency) if earned else None,
            ref=effect.ref,
        )
    name = f"placement.{PLACEMENT_MOVES[effect.move][0]}"
    money = amount(effect.amount_minor, effect.currency)
    more = {"effective_on": day(effect.effective_on), "reason_code": code(effect.reason)}
    if effect.move.startswith("settlement"):
        return name, told(**start, amount=money, settlement_id=_proposal(effect, around), **more)
    outcome = code(effect.outcome)
    return name, told(**start, state=effect.state, balance=money, outcome=outcome, **more)


def _proposal(effect: PlacementMoved, around: tuple[Account, Account]) -> str:
    """Return the id of the settlement that a move is about: it is there after it, or was before."""
    for account in reversed(around):
        placement = account.placements.get(effect.id)
        if placement is not None and placement.settlement is not None:
            return placement.settlement.id
    return ""
