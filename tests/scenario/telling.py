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

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.agreements import Frequency, PlanTerms
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
    BlockEnded,
    BlockSet,
    ChargeReinstated,
    ChargeWaived,
    Contact,
    CreditNote,
    Delivery,
    DisputeOpened,
    DisputeResolved,
    Extension,
    Fact,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    NoticeCounted,
    Pause,
    Payment,
    PaymentReversed,
    PromiseMade,
    day_order,
)
from chalicelib.core.facts_collections import (
    DisputeReassigned,
    PlanApproved,
    PlanCancelled,
    PlanMade,
    PromiseApproved,
    PromiseWithdrawn,
    TaskCompleted,
)
from chalicelib.core.facts_details import DetailsChanged
from chalicelib.core.facts_placements import PlacementAct, PlacementProposed
from chalicelib.core.money import format_amount, parse_amount
from chalicelib.core.placement_moves import MOVES, Move
from chalicelib.core.placements import placement_id
from chalicelib.core.policy import Policy

ONE_DAY = timedelta(days=1)
DAY = date.fromisoformat
FREQUENCIES: dict[str, Frequency] = {
    "weekly": "weekly", "two_weeks": "two_weeks", "monthly": "monthly",
}  # fmt: skip
PLACEMENT_KINDS = frozenset({PlacementMoved.kind, PlacementBalance.kind, PlacedInvoiceEnded.kind})
AGREEMENT_KINDS = frozenset({PromiseEnded.kind, PlanMoved.kind, InstalmentMissed.kind})


@dataclass
class Words:
    """The words of one event; what is asked for by name is taken out."""

    on: date
    words: list[str]

    def after(self, name: str) -> str | None:
        if name not in self.words:
            return None
        at = self.words.index(name)
        _, found = self.words[at : at + 2]
        del self.words[at : at + 2]
        return found

    def day(self, name: str) -> date:
        found = self.after(name)
        assert found is not None, f"{name} is missing"
        return DAY(found)

    def says(self, name: str) -> bool:
        if name not in self.words:
            return False
        self.words.remove(name)
        return True

    def amount(self) -> int:
        return parse_amount(self.words.pop(0), 2)

    def name(self) -> str:
        return self.words.pop(0)


def invoice(w: Words) -> Fact:
    due = w.day("due")
    issued = DAY(w.after("issued") or w.on.isoformat())
    delivered, disputed = (None if w.says("undelivered") else issued), w.says("disputed")
    name, amount = w.name(), w.amount()
    return InvoiceIssued(
        w.on, name, "USD", amount, amount, issued, due, max(issued, w.on),
        delivered_on=delivered, disputed_minor=amount if disputed else 0,
    )  # fmt: skip


def payment(w: Words) -> Fact:
    received = DAY(w.after("received") or w.on.isoformat())
    number = w.after("as") or f"P-{w.on}"
    return Payment(w.on, number, received, "USD", w.amount(), tuple(w.words))


def credit_note(w: Words) -> Fact:
    return CreditNote(w.on, f"C-{w.on}", "USD", w.amount(), w.words[0] if w.words else None)


def dispute(w: Words) -> Fact:
    reason, owner, by = w.after("for") or "other", w.after("owner") or "", w.after("by")
    reference, name = w.after("ref") or "", w.name()
    amount = w.amount() if w.words else None
    return DisputeOpened(
        w.on, name, amount, reason, owner, DAY(by) if by else None, reference, "anna"
    )


def reassignment(w: Words) -> Fact:
    to, by, since = w.after("to") or "", w.after("by"), w.day("since")
    identity = f"dsp_{w.name()}_{since}"
    return DisputeReassigned(w.on, identity, to, DAY(by) if by else None)


def pause(w: Words) -> Fact:
    until, name = w.day("until"), w.name()
    return Pause(w.on, until, None if name == "account" else name)


def promise(w: Words) -> Fact:
    by = w.day("by")
    return PromiseMade(w.on, "USD", w.amount(), by, tuple(w.words))


def plan(w: Words) -> Fact:
    each, down, down_on = w.after("each"), w.after("down"), w.after("on")
    first_on = w.day("from")
    count = None if each else int(w.name())
    frequency = FREQUENCIES[w.name()]
    terms = PlanTerms(
        "USD", frequency, first_on, count, parse_amount(each, 2) if each else None,
        parse_amount(down or "0", 2), DAY(down_on) if down_on else None, tuple(w.words),
    )  # fmt: skip
    return PlanMade(w.on, terms)


def completed(w: Words) -> Fact:
    back, time = w.after("back"), w.after("at") or ""
    task, outcome = w.words
    on = None if back is None else DAY(back)
    return TaskCompleted(w.on, f"A:{task}", outcome, on, call_back_time=time)


def block(w: Words) -> Fact:
    until = w.after("until")
    return BlockSet(w.on, w.name(), tuple(w.words), until=DAY(until) if until else None)


def sales_owner(w: Words) -> Fact:
    return DetailsChanged(w.on, AccountDetails(sales_owner=w.name()))


def waiver(w: Words) -> Fact:
    charge = w.name()
    return ChargeWaived(w.on, charge.partition(":")[0], charge, "goodwill")


def reinstatement(w: Words) -> Fact:
    charge = w.name()
    return ChargeReinstated(w.on, charge.partition(":")[0], charge, "mistake")


def proposal(w: Words) -> Fact:
    by = w.after("by") or "anna"
    return PlacementProposed(w.on, "USD", by, tuple(w.words))


def placement(w: Words) -> Fact:
    by, reason, effective = w.after("by") or "", w.after("for") or "", w.after("effective")
    made_on, move = DAY(w.name()), w.name()
    moves: dict[str, Move] = {one: one for one in MOVES}
    effective_on = None if effective is None else DAY(effective)
    identity = placement_id("A", "USD", made_on, 1)
    return PlacementAct(w.on, identity, moves[move], by, reason, effective_on=effective_on)


def agency_payment(w: Words) -> Fact:
    identity, number = placement_id("A", "USD", w.day("for"), 1), w.after("as") or f"T-{w.on}"
    return Payment(
        w.on, number, w.on, "USD", w.amount(), tuple(w.words), placement_id=identity
    )  # fmt: skip


EVENTS: dict[str, Callable[[Words], Fact]] = {
    "invoice": invoice,
    "pay": payment,
    "credit": credit_note,
    "bounce": lambda w: PaymentReversed(w.on, w.name()),
    "dispute": dispute,
    "won": lambda w: DisputeResolved(w.on, w.name(), "won"),
    "partly": lambda w: DisputeResolved(w.on, w.name(), "partly", w.amount()),
    "reassign": reassignment,
    "lost": lambda w: DisputeResolved(w.on, w.name(), "lost"),
    "deliver": lambda w: Delivery(w.on, w.name()),
    "extend": lambda w: Extension(w.on, w.name(), w.day("to")),
    "pause": pause,
    "promise": promise,
    "approve": lambda w: PromiseApproved(w.on, w.name()),
    "withdraw": lambda w: PromiseWithdrawn(w.on, w.name()),
    "plan": plan,
    "approve-plan": lambda w: PlanApproved(w.on, w.name()),
    "cancel-plan": lambda w: PlanCancelled(w.on, w.name()),
    "call": lambda w: Contact(w.on, "out", "call", " ".join(w.words)),
    "did": completed,
    "sales-owner": sales_owner,
    "answer": lambda w: Contact(w.on, "in", "email"),
    "block": block,
    "unblock": lambda w: BlockEnded(w.on, w.name()),
    "waive": waiver,
    "reinstate": reinstatement,
    "void": lambda w: InvoiceVoided(w.on, w.name()),
    "propose": proposal,
    "placement": placement,
    "agency-pay": agency_payment,
    "write-off": lambda w: InvoiceWrittenOff(w.on, w.name(), "bad_debt"),
}


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
            amount, left = effect.amount_minor, effect.balance_minor
            moved = f"{format_amount(amount, 2)} left {format_amount(left, 2)}"
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
