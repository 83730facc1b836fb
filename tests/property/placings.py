"""Placements for the made-up histories: policies that come to place soon, and what follows (R10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from chalicelib.core.account import AccountDetails
from chalicelib.core.effects import NoticeCreated
from chalicelib.core.effects_placements import PlacementMoved
from chalicelib.core.facts import (
    BlockSet,
    Contact,
    CreditNote,
    DisputeOpened,
    Fact,
    InvoiceIssued,
    Pause,
    Payment,
    PromiseMade,
)
from chalicelib.core.facts_placements import (
    PlacementAct,
    PlacementProposed,
    RemittanceConfirmed,
    SettlementAnswered,
    SettlementProposed,
)
from chalicelib.core.placement_moves import MOVES, Move
from chalicelib.core.placements import placement_id
from chalicelib.core.policy import Policy
from chalicelib.core.policy_agencies import AgencyRule, CommissionBand, EscalationRules
from chalicelib.flows.simulate import simulate
from hypothesis import strategies as st

AGENCIES = (
    (AgencyRule("north"),),
    (AgencyRule("north", share=1), AgencyRule("south", share=3)),
    (
        AgencyRule("north", currencies=frozenset({"JPY"})),
        AgencyRule("south", below={"USD": 90_000}),
    ),
)
DEMAND = "final_demand"
REASONS = ("", "paid", "legal", "creditor_error", "other")


@st.composite
def placing(draw: st.DrawFn, policy: Policy) -> Policy:
    """The policy with a final demand soon, whose checklist may hold."""
    first, last = replace(policy.stages[0], days=2, final=False), policy.stages[-1]
    first = replace(first, respond_within_days=None, repeat_every_days=None, warn_first=False)
    demand = replace(
        last,
        id="s1",
        days=5,
        notice=DEMAND,
        final=True,
        respond_within_days=draw(st.integers(0, 6)),
        repeat_every_days=None,
        warn_first=False,
    )
    stages = draw(st.sampled_from([(first, demand), (replace(demand, id="s0"),)]))
    attempts = draw(st.sampled_from([0] * 6 + [1, 2]))
    rules = EscalationRules(
        min_attempts=attempts,
        min_channels=min(attempts, draw(st.integers(0, 2))),
        min_placement=draw(st.sampled_from([{}, {"USD": 30_000, "JPY": 5_000}])),
        collection_fee_percent=draw(st.sampled_from([None, Decimal("0.15")])),
        collection_fee_max=draw(st.sampled_from([{}, {"USD": 5_000}])),
        auto_approve_after_days=draw(st.sampled_from([0, 1, 1, 2, 5])),
        agencies=draw(st.sampled_from(AGENCIES)),
        offer_days=draw(st.integers(1, 7)),
        recall_days=draw(st.integers(0, 10)),
        auto_recall_after_days=draw(st.sampled_from([None, 4, 12])),
        closing_days=draw(st.integers(0, 12)),
        commission=draw(st.sampled_from([(), (CommissionBand(Decimal("0.20")),)])),
        commission_on_direct=draw(st.booleans()),
        settlement_floor=draw(st.sampled_from([None, Decimal("0.50")])),
    )
    dunning = replace(policy.dunning, min_days_between_notices=1, catch_up="jump", max_contacts=0)
    return replace(policy, stages=stages, dunning=dunning, escalation=rules)


@st.composite
def with_placements(
    draw: st.DrawFn, policy: Policy, facts: Sequence[Fact], first: date, last: date
) -> list[Fact]:
    """The facts with proposals, and with what becomes of those placements that came of them.

    Which those are is found out by taking the history through its days once.
    """
    issued = [fact for fact in facts if isinstance(fact, InvoiceIssued)]
    found = list(facts)
    span = (last - first).days
    for _ in range(draw(st.integers(0, 2))):
        invoice = draw(st.sampled_from(issued))
        on = first + timedelta(days=draw(st.integers(20, span)))
        names = draw(st.sampled_from([(), (), (invoice.invoice_id,)]))
        found.append(PlacementProposed(on, invoice.currency, "anna", names))
    for _ in range(draw(st.integers(0, 3))):
        on = first + timedelta(days=draw(st.integers(5, span)))
        channel = draw(st.sampled_from(["call", "visit"]))
        found.append(Contact(on, "out", channel, contact_id=draw(st.sampled_from(["c1", "c2"]))))
    so_far = simulate({"A": (AccountDetails(), found)}, policy, first, last)
    for effect in so_far.effects:
        if isinstance(effect, PlacementMoved) and effect.move == "propose":
            found += draw(life(effect, issued))
        elif isinstance(effect, NoticeCreated) and effect.notice == DEMAND:
            found += draw(attempt(effect, policy))
    return found


@st.composite
def attempt(draw: st.DrawFn, demand: NoticeCreated, policy: Policy) -> list[Fact]:
    """Two people who place all they can about the last day for an answer, with something against it."""
    wait = next(one.respond_within_days or 0 for one in policy.stages if one.id == demand.stage)
    on = demand.on + timedelta(days=wait + draw(st.sampled_from([0, 0, 1, 1, 1, 3])))
    currency, name = demand.currency, draw(st.sampled_from(demand.invoice_ids))
    whole = demand.past_due_minor
    against: list[list[Fact]] = [
        [DisputeOpened(on, name, draw(st.sampled_from([None, 1_000])))],
        [PromiseMade(on, currency, whole, on + timedelta(days=3), (name,))],
        [Pause(on, on, draw(st.sampled_from([None, name])))],
        [BlockSet(on, draw(st.sampled_from(["in_plan", "placed"])), (name,))],
        [BlockSet(on, draw(st.sampled_from(["legal_stop", "reply_waiting", "allocating"])))],
        [BlockSet(on, "reply_waiting", currency=draw(st.sampled_from(["USD", "JPY"])), until=on)],
        [CreditNote(on - timedelta(days=1), f"CC{on}", currency, whole, None)],
        [Payment(on - timedelta(days=1), f"PP{on}", on, currency, max(whole - 100, 1), (name,))],
    ]
    facts = draw(st.sampled_from(against)) if draw(st.integers(0, 2)) else []
    identity = placement_id("A", currency, on, 1)
    return [
        PlacementProposed(on, currency, "anna"),
        *(facts if draw(st.booleans()) else []),
        PlacementAct(on, identity, "submit", "anna"),
        *facts,
        PlacementAct(on, identity, "approve", draw(st.sampled_from(["ben"] * 5 + ["anna"]))),
    ]


@st.composite
def life(draw: st.DrawFn, made: PlacementMoved, issued: Sequence[InvoiceIssued]) -> list[Fact]:
    """What people and its agency do with a placement, mostly in an order that gets it somewhere."""
    acts: list[tuple[Move, str]] = [("submit", "anna"), ("approve", "ben"), ("accept", "agency")]
    on, facts = made.on, list[Fact]()
    for move, by in acts[: draw(st.sampled_from([0, 1, 2, 3, 3, 3, 3]))]:
        on += timedelta(days=draw(st.sampled_from([0, 0, 1, 2])))
        facts.append(PlacementAct(on, made.id, move, by, reference="ref"))
    names = tuple(one.invoice_id for one in issued if one.currency == made.currency)
    for number in range(draw(st.integers(0, 5))):
        on += timedelta(days=draw(st.integers(0, 9)))
        facts.append(draw(next_of_life(made, names, on, number)))
    return facts


@st.composite
def next_of_life(
    draw: st.DrawFn, made: PlacementMoved, names: tuple[str, ...], on: date, number: int
) -> Fact:
    later = on + timedelta(days=draw(st.integers(0, 6)))
    part = draw(st.sampled_from([1, made.amount_minor // 3 + 1, made.amount_minor, 250_000]))
    paid = f"agy_north_{made.id[-4:]}_{number}"
    facts: list[Fact] = [
        PlacementAct(on, made.id, draw(st.sampled_from(MOVES)), "carl"),
        PlacementAct(
            on,
            made.id,
            draw(st.sampled_from(["recall", "move_recall", "return", "suspend", "resume"])),
            "carl",
            draw(st.sampled_from(REASONS)),
            effective_on=draw(st.sampled_from([None, later])),
        ),
        Payment(on, paid, on, made.currency, part, placement_id=made.id),
        Payment(on, paid, on, made.currency, part, names[:1], placement_id=made.id),
        Payment(on, f"direct-{paid}", on, made.currency, part, names[:1]),
        DisputeOpened(on, names[0] if names else "GHOST", None),
        SettlementProposed(on, made.id, f"set_{number}", part, later),
        SettlementAnswered(on, made.id, f"set_{max(number - 1, 0)}", draw(st.booleans())),
        RemittanceConfirmed(on, made.id, f"rmt_{number}", (f"agy_north_{made.id[-4:]}_0",)),
    ]
    return draw(st.sampled_from(facts))
