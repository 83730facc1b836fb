"""Made-up histories of one account, for laws that hold whatever happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from chalicelib.core.account import Hold
from chalicelib.core.agreements import Frequency, PlanTerms
from chalicelib.core.calendar import WEEKDAYS
from chalicelib.core.calls import CALL_OUTCOMES
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
    HoldReleased,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    Pause,
    Payment,
    PaymentReversed,
    PromiseMade,
    day_order,
)
from chalicelib.core.facts_collections import (
    PlanApproved,
    PlanCancelled,
    PlanMade,
    PromiseApproved,
    PromiseWithdrawn,
    TaskCompleted,
)
from chalicelib.core.facts_holds import HoldOverruled, HoldSet
from chalicelib.core.policy import FINAL_STAGE, ChargeRule, InterestRules, PlanRules, Policy
from chalicelib.core.policy_letters import LetterRules, StatementRules
from chalicelib.flows.policies import load
from hypothesis import strategies as st
from tests.property.placings import placing, with_placements
from tests.second_opinion.chance import Chance
from tests.second_opinion.random_policy import random_policy

FIRST_DAY = date(2024, 1, 15)
STORY_DAYS = 110
LAST_DAY = FIRST_DAY + timedelta(days=STORY_DAYS)
CURRENCIES = ("USD", "JPY")
STAGES_MAX = 5
PAID, FIND = "A:confirm_payment:paid", "A:find_contact"


@dataclass(frozen=True)
class Story:
    """A policy, and the facts of one account in the order of R5.10."""

    policy: Policy
    facts: tuple[Fact, ...]

    @property
    def days(self) -> list[date]:
        return [FIRST_DAY + timedelta(days=n) for n in range(STORY_DAYS + 1)]

    def facts_of(self, day: date) -> list[Fact]:
        return [fact for fact in self.facts if fact.on == day]


def days_from(low: int, high: int) -> st.SearchStrategy[date]:
    return st.integers(low, high).map(lambda n: FIRST_DAY + timedelta(days=n))


AMOUNTS = st.one_of(st.integers(20_000, 200_000), st.integers(1, 200_000))
ANY_DAY = days_from(0, STORY_DAYS)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    seed = draw(st.integers(0, 400))
    policy = load(random_policy(Chance(seed), list(CURRENCIES), seed).encode())
    plans = PlanRules(
        max_days=draw(st.sampled_from([None, 60])),
        grace_days=draw(st.integers(0, 3)),
        max_missed=draw(st.integers(1, 3)),
        holds=draw(st.sampled_from(["keep", "release"])),
    )
    people = replace(policy.people, max_attempts=draw(st.integers(1, 3)))
    statements = StatementRules(
        weekly=draw(st.sampled_from([None, *WEEKDAYS])),
        monthly=draw(st.sampled_from([0, 1, 15, 31])),
    )
    letters = LetterRules(*[draw(st.booleans())] * 3)
    policy = replace(policy, letters=letters, plans=plans, people=people, statements=statements)
    return draw(bearing_interest(policy)) if draw(st.integers(0, 2)) == 0 else policy


@st.composite
def bearing_interest(draw: st.DrawFn, policy: Policy) -> Policy:
    """The policy with much interest on each stage, posted at the end too, and taken back."""
    rules = InterestRules(
        annual_rate=Decimal("0.60"), grace_days=draw(st.sampled_from([0, 0, 10])), post_final=True
    )
    most = draw(st.sampled_from([{}, {}, {"USD": 2_000}]))
    interest = ChargeRule("interest", max=most)
    stages = tuple(
        replace(stage, charges=(interest, *(c for c in stage.charges if c.kind != "interest")))
        for stage in policy.stages
    )
    cash = replace(policy.cash, reverse_on_value_date=True)
    return replace(policy, interest=rules, stages=stages, cash=cash)


@st.composite
def invoices(draw: st.DrawFn, invoice_id: str) -> InvoiceIssued:
    amount = draw(AMOUNTS)
    opened = draw(st.sampled_from([amount, amount, amount, amount // 2, 0]))
    issued = draw(days_from(0, 40))
    delivered = draw(st.sampled_from([issued] * 7 + [None]))
    return InvoiceIssued(
        on=issued,
        invoice_id=invoice_id,
        currency=draw(st.sampled_from(CURRENCIES)),
        amount_minor=amount,
        open_minor=opened,
        issued_on=issued,
        due_on=issued + timedelta(days=draw(st.integers(0, 20))),
        seen_on=issued,
        delivered_on=delivered,
        advanced_minor=draw(st.one_of(st.just(0), st.integers(0, opened))),
        disputed_minor=draw(st.sampled_from([0] * 6 + [opened // 3, opened])),
    )


@st.composite
def sound_invoices(draw: st.DrawFn, invoice_id: str) -> InvoiceIssued:
    """One that was delivered, that nobody disputes, and of which all is open."""
    made = draw(invoices(invoice_id))
    amount = draw(st.integers(20_000, 200_000))
    return replace(
        made,
        amount_minor=amount,
        open_minor=amount,
        advanced_minor=0,
        disputed_minor=0,
        delivered_on=made.issued_on,
    )


@st.composite
def money(draw: st.DrawFn, issued: Sequence[InvoiceIssued], number: int) -> list[Fact]:
    """A payment or credit note, about the size of an invoice; a payment may bounce."""
    invoice = draw(st.sampled_from(issued))
    whole = invoice.open_minor or 1
    amount = draw(st.sampled_from([whole, whole, max(1, whole - 40), whole // 2 + 1, 250_000]))
    booked = draw(ANY_DAY)
    names = draw(st.sampled_from([(invoice.invoice_id,), (), ("GHOST", invoice.invoice_id)]))
    if draw(st.integers(0, 3)) == 0:
        named = names[0] if names else None
        return [CreditNote(booked, f"C{number}", invoice.currency, amount, named)]
    received = booked - timedelta(days=draw(st.integers(0, 80)))
    found: list[Fact] = [Payment(booked, f"P{number}", received, invoice.currency, amount, names)]
    if draw(st.booleans()):
        later = booked + timedelta(days=draw(st.integers(1, 40)))
        found.append(PaymentReversed(later, f"P{number}"))
    return found


@st.composite
def charge_ids(draw: st.DrawFn, name: str) -> str:
    """The id of a charge that there is, or might be."""
    stage = draw(st.sampled_from([*(f"s{n}" for n in range(STAGES_MAX)), FINAL_STAGE]))
    kind = draw(st.sampled_from(["interest", "percent", "flat", "tiered", "compensation"]))
    return f"{name}:{stage}:{kind}"


@st.composite
def said(draw: st.DrawFn, issued: Sequence[InvoiceIssued]) -> Fact:
    """What somebody says about an account or one of its invoices."""
    invoice, on = draw(st.sampled_from(issued)), draw(ANY_DAY)
    name, later = invoice.invoice_id, on + timedelta(days=draw(st.integers(0, 30)))
    part = draw(st.one_of(st.none(), AMOUNTS))
    charge = draw(charge_ids(name))
    outcome: Literal["won", "lost"] = "won" if draw(st.booleans()) else "lost"
    direction: Literal["in", "out"] = "in" if draw(st.booleans()) else "out"
    covered = draw(st.sampled_from([(), (name,)]))
    facts: list[Fact] = [
        Delivery(on, name),
        DisputeOpened(on, name, part),
        DisputeResolved(on, name, outcome),
        DisputeResolved(on, name, "partly", part or 1),
        Pause(on, later, draw(st.sampled_from([name, None]))),
        PromiseMade(on, invoice.currency, part or 1, later, covered),
        Extension(on, name, later),
        Contact(on, direction, "call"),
        BlockSet(on, "in_plan", (name,), until=later),
        BlockSet(on, "legal_stop"),
        BlockSet(on, "legal_stop", until=later),
        BlockEnded(on, "legal_stop"),
        BlockSet(on, "placed", covered, until=draw(st.sampled_from([None, later]))),
        InvoiceVoided(on, name),
        InvoiceWrittenOff(on, name, "settled"),
        ChargeWaived(on, name, charge, "goodwill"),
        ChargeReinstated(later, name, charge, "mistake"),
        HoldReleased(on, "oldest_days_past_due"),
        HoldOverruled(on, "oldest_days_past_due"),
        HoldOverruled(on, "past_due_total"),
        HoldSet(on, Hold("fraud_check", on, "anna")),
    ]
    return draw(st.sampled_from(facts))


@st.composite
def agreed(draw: st.DrawFn, issued: Sequence[InvoiceIssued], number: int) -> list[Fact]:
    """What the people who call and write agree with a customer, and how it goes on."""
    invoice, on = draw(st.sampled_from(issued)), draw(ANY_DAY)
    name, currency = invoice.invoice_id, invoice.currency
    soon = on + timedelta(days=draw(st.integers(0, 12)))
    later = soon + timedelta(days=draw(st.integers(0, 12)))
    whole = invoice.open_minor or 1
    amount = draw(st.sampled_from([1, whole // 2 + 1, whole, 250_000]))
    covered = draw(st.sampled_from([(), (name,), tuple(one.invoice_id for one in issued)]))
    every: Frequency = draw(st.sampled_from(["weekly", "two_weeks", "monthly"]))
    promise = PromiseMade(on, currency, amount, later, covered)
    plan = PlanMade(
        on, PlanTerms(currency, every, soon, draw(st.integers(1, 4)), invoice_ids=covered)
    )
    dispute = DisputeOpened(on, name, draw(st.sampled_from([None, 5_000, amount])), "pricing")
    outcome = draw(st.sampled_from(CALL_OUTCOMES))
    back = draw(st.sampled_from([None, later]))
    lines: list[list[Fact]] = [
        [promise, PromiseMade(soon, currency, amount, later, (name,))],
        [promise, PromiseWithdrawn(soon, f"ptp_{on}_01")],
        [promise, PromiseApproved(soon, f"ptp_{on}_01")],
        [promise, Payment(soon, f"T{number}", soon, currency, amount, covered)],
        [
            plan,
            PlanApproved(soon, f"pln_{on}_01"),
            Payment(soon, f"T{number}", on, currency, amount),
        ],
        [plan, PlanCancelled(later, f"pln_{on}_01", "agreed")],
        [plan, Payment(later, f"T{number}", soon, currency, amount, (name,))],
        [dispute, DisputeResolved(soon, name, "partly", won_minor=amount // 2)],
        [dispute, DisputeResolved(soon, name, "won"), DisputeResolved(later, name, "lost")],
        [TaskCompleted(on, "A:call", outcome, call_back_on=back, call_back_time="14:30")],
        [TaskCompleted(day, "A:call", "no_answer") for day in (on, soon, later)],
        [TaskCompleted(on, "A:call", "paid"), TaskCompleted(soon, PAID, "not_received")],
        [TaskCompleted(on, "A:call", "wrong_contact"), TaskCompleted(soon, FIND, "done")],
        [TaskCompleted(on, "A:send_invoice", "not_sent"), Delivery(soon, name)],
        [TaskCompleted(on, f"A:review_account:dispute:{name}", "done")],
        [
            Contact(on, "in", "mail"),
            BlockSet(on, "reply_waiting"),
            BlockEnded(soon, "reply_waiting"),
        ],
        [BlockSet(on, "reply_waiting", currency=currency, until=later)],
    ]
    return draw(st.sampled_from(lines))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Up to four invoices, with money and words about them."""
    issued = [draw(invoices(f"I{n}")) for n in range(draw(st.integers(1, 4)))]
    facts: list[Fact] = list(issued)
    for number in range(draw(st.integers(1, 6))):
        facts += draw(money(issued, number))
    for _ in range(draw(st.integers(0, 5))):
        facts.append(draw(said(issued)))
    for number in range(draw(st.integers(0, 3))):
        facts += draw(agreed(issued, number))
    policy = draw(policies())
    if draw(st.integers(0, 3)) == 0:
        policy = draw(placing(policy))
        facts = draw(with_placements(policy, facts, FIRST_DAY, LAST_DAY))
    return _story(policy, facts)


@st.composite
def placed_stories(draw: st.DrawFn) -> Story:
    """Invoices that are hardly paid, so that most of them come to be placed (R10)."""
    issued = [draw(sound_invoices(f"I{n}")) for n in range(draw(st.integers(1, 3)))]
    facts: list[Fact] = list(issued)
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        facts += draw(money(issued, number))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        facts.append(draw(said(issued)))
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        facts += draw(agreed(issued, number))
    policy = draw(placing(draw(policies())))
    return _story(policy, draw(with_placements(policy, facts, FIRST_DAY, LAST_DAY)))


def _story(policy: Policy, facts: Sequence[Fact]) -> Story:
    known = [fact for fact in facts if fact.on <= LAST_DAY]
    return Story(policy, tuple(sorted(known, key=day_order)))
