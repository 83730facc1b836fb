"""Dated stories as text: a day, what happens, and every effect it has.

A story is a table of `day | events | effects`, both separated by `;`. The account is decided on
every day from the first row to the last; an effect that the table does not name, or a named one
that does not happen, fails the story. Amounts are US dollars. Events:

    invoice I1 100.00 due 2024-02-01 [issued DAY] [undelivered] [disputed]
    pay 100.00 [I1 I2] [received DAY] [as P1]    credit 20.00 [I1]      bounce P1
    dispute I1 [40.00]    won I1    lost I1      deliver I1             extend I1 to DAY
    pause I1|account until DAY                   promise 50.00 by DAY [I1]
    call [OUTCOME]   answer   outage until DAY   waive CHARGE           void I1
    reinstate CHARGE                             write-off I1           sales-owner NAME
    did TASK OUTCOME [back DAY] [at 14:30]       (a task, such as `call`, is completed)
    dispute I1 [40.00] [for REASON] [owner NAME] [by DAY] [ref RMA-7]     partly I1 10.00
    reassign I1 since DAY [to NAME] [by DAY]     (since: when its dispute was opened)
    plan 3 monthly|weekly|two_weeks from DAY [down 50.00 [on DAY]] [I1 I2]
    plan each 40.00 weekly from DAY ...          approve-plan ID        cancel-plan ID
    approve PROMISE                              withdraw PROMISE
    block CODE [I1] [until DAY]                  unblock CODE
    propose [I1 I2] by NAME                      (a placement of dollars, as a draft)
    placement DAY MOVE [by NAME] [for REASON] [effective DAY]        (DAY: when it was made)
    agency-pay 100.00 [I1] for DAY [as P1]       (for the placement that was made then)

The effects are those of dunning (`DUNNING_KINDS`). With `people=True` a table tells the others too:
tasks, promises, plans and cases.
With `agreements=True` it tells of promises and plans, and of no tasks and cases.
With `placements=True` it tells of dunning and of placements.
With `statements=True` it tells of statements and of nothing else: what is open, what is past due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.effects import (
    DUNNING_KINDS,
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
from chalicelib.core.effects_placements import (
    PlacedInvoiceEnded,
    PlacementBalance,
    PlacementMoved,
)
from chalicelib.core.facts import (
    Fact,
    NoticeCounted,
    day_order,
)
from chalicelib.core.money import format_amount
from chalicelib.core.policy import Policy
from tests.scenario.events import DAY, EVENTS, Words

ONE_DAY = timedelta(days=1)
PLACEMENT_KINDS = frozenset({PlacementMoved.kind, PlacementBalance.kind, PlacedInvoiceEnded.kind})
AGREEMENT_KINDS = frozenset({PromiseEnded.kind, PlanMoved.kind, InstalmentMissed.kind})


@dataclass
class Story:
    """A table, read."""

    facts: list[Fact] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    outage: set[date] = field(default_factory=set)
    first: date = date.max
    last: date = date.min


def read(table: str) -> Story:
    story = Story()
    for row in filter(None, (line.strip() for line in table.splitlines())):
        day_text, events, effects = (cell.strip() for cell in row.split("|"))
        day = DAY(day_text)
        story.first, story.last = min(story.first, day), max(story.last, day)
        for event in filter(None, (event.strip() for event in events.split(";"))):
            word, *rest = event.split()
            words = Words(day, rest)
            if word == "outage":
                days = (words.day("until") - day).days + 1
                story.outage |= {day + timedelta(days=n) for n in range(days)}
            else:
                story.facts.append(EVENTS[word](words))
        expected = (effect.strip() for effect in effects.split(";"))
        story.expected += [f"{day} {effect}" for effect in expected if effect]
    story.facts.sort(key=day_order)
    return story


def told(effect: Effect) -> str:
    """Say an effect in the words of the tables."""
    return f"{effect.on} {_told(effect)}"


def _told(effect: Effect) -> str:  # noqa: C901, PLR0911, PLR0912 - one flat table
    match effect:
        case PlacementMoved():
            return f"placement {effect.move} {effect.state} {effect.reason}".strip()
        case PlacementBalance():
            left = format_amount(effect.balance_minor, 2)
            moved = f"{format_amount(effect.amount_minor, 2)} left {left}"
            return f"placed {effect.because} {moved}"
        case PlacedInvoiceEnded():
            return f"placed {effect.invoice_id} ended"
        case StageApplied():
            return f"stage {effect.invoice_id} {effect.stage}"
        case ChargePosted():
            capped = f" capped by {effect.capped_by}" if effect.capped_by else ""
            return f"charge {effect.id} {format_amount(effect.amount_minor, 2)}{capped}"
        case ChargeStopped():
            return f"stopped {effect.id} {effect.because}"
        case NoticeCreated():
            names = " ".join(effect.invoice_ids)
            amount = format_amount(effect.past_due_minor, 2)
            return f"notice {effect.stage or effect.notice} {names} {amount}"
        case ChargeReversed():
            return f"reverse {effect.id} {format_amount(effect.amount_minor, 2)}"
        case HoldPlaced():
            return f"hold {effect.reason}"
        case HoldEnded():
            return f"release {effect.reason}"
        case Skipped():
            return f"skip {effect.invoice_id} {effect.stage} {effect.block}"
        case TaskMade():
            who = f" for {effect.assignee}" if effect.assignee else ""
            part = f" {effect.part}" if effect.part else ""
            return f"task {effect.task} by {effect.due_on}{part}{who}"
        case TaskEnded():
            return f"done {effect.task} {effect.because}"
        case PromiseEnded():
            received = format_amount(effect.received_minor, 2)
            return f"promise {effect.outcome} {received} of {format_amount(effect.amount_minor, 2)}"
        case CaseOpened():
            return f"case {effect.id}"
        case CaseClosed():
            return f"closed {effect.id}"
        case PlanMoved():
            return f"plan {effect.state} {format_amount(effect.amount_minor, 2)}"
        case StatementCreated():
            past_due = format_amount(effect.past_due_minor, 2)
            return f"statement {format_amount(effect.open_minor, 2)} past due {past_due}"
        case InstalmentMissed():
            return f"missed {effect.number} {format_amount(effect.amount_minor, 2)}"


def run(
    story: Story,
    policy: Policy,
    *,
    people: bool = False,
    agreements: bool = False,
    placements: bool = False,
    statements: bool = False,
) -> list[str]:
    """Decide an account on every day but those of an outage; return its effects, told."""
    account, effects = Account("A"), list[Effect]()

    def book(facts: Sequence[Fact]) -> None:
        nonlocal account
        booking = apply_all(account, facts, policy)
        account = booking.account
        effects.extend(booking.effects)

    day = story.first
    while day <= story.last:
        book([fact for fact in story.facts if fact.on == day])
        while day not in story.outage:
            decision = decide(account, policy, day)
            account = decision.account
            effects.extend(decision.effects)
            if not decision.notices:
                break
            book([NoticeCounted(day, notice.id) for notice in decision.notices])
        day += ONE_DAY
    kinds = DUNNING_KINDS | AGREEMENT_KINDS if agreements else DUNNING_KINDS
    kinds |= PLACEMENT_KINDS if placements else frozenset()
    if statements:
        kinds = frozenset({StatementCreated.kind})
    return [told(effect) for effect in effects if people or effect.kind in kinds]


def assert_told(
    table: str,
    policy: Policy,
    *,
    people: bool = False,
    agreements: bool = False,
    placements: bool = False,
    statements: bool = False,
) -> None:
    """The story happens exactly as its table says."""
    story = read(table)

    happened = run(
        story,
        policy,
        people=people,
        agreements=agreements,
        placements=placements,
        statements=statements,
    )
    assert happened == story.expected
