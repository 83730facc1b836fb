"""Laws of payment plans: they add up, they follow the money, and nothing they cover is dunned (R9)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.agreements import Frequency, Instalment, Plan, PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.book import Book
from chalicelib.core.calendar import Calendar
from chalicelib.core.decide import decide
from chalicelib.core.effects import NoticeCreated
from chalicelib.core.facts import (
    CashApplied,
    ChargeReinstated,
    ChargeWaived,
    CreditNote,
    ExternalOpen,
    Fact,
    InvoiceIssued,
    InvoiceVoided,
    NoticeCounted,
    Payment,
    PaymentReversed,
    day_order,
)
from chalicelib.core.facts_collections import PlanApproved, PlanCancelled, PlanMade
from chalicelib.core.plan_money import balance_of
from chalicelib.core.plan_schedule import faults_of_amounts, faults_of_terms, schedule_of
from chalicelib.core.policy import PlanRules
from chalicelib.flows.policies import load
from chalicelib.flows.simulate import simulate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.property.stories import CURRENCIES, FIRST_DAY, LAST_DAY, Story, stories
from tests.property.test_dunning import dunned
from tests.property.walk import carry_on, effects_of, walk

FREQUENCIES: tuple[Frequency, ...] = ("weekly", "two_weeks", "monthly")
WEEK = Calendar(business_days=frozenset(range(5)), holidays=frozenset({date(2024, 5, 1)}))
SOON = st.integers(0, 20)
LADDER = b"""
id = "laws"
currencies = ["USD"]
[dunning]
onboarding = "full"
catch_up = "jump"
[[stages]]
id = "reminder"
days = 5
notice = "reminder"
announces = true
[[stages]]
id = "fee"
days = 15
notice = "late_fee"
charges = [ { kind = "percent", rate = "0.015" } ]
[[stages]]
id = "fee_2"
days = 40
notice = "late_fee"
charges = [ { kind = "flat", amount = { USD = "7.00" } } ]
"""


def examples(count: int) -> settings:
    """So many examples; that a busy machine draws them slowly is no fault of theirs."""
    return settings(max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def terms(
    draw: st.DrawFn, on: date, currency: str = "USD", names: tuple[str, ...] = ()
) -> PlanTerms:
    first_on = on + timedelta(days=draw(SOON))
    down = draw(st.sampled_from([0, 0, 100, 900]))
    by_count = draw(st.booleans())
    return PlanTerms(
        currency,
        draw(st.sampled_from(FREQUENCIES)),
        first_on,
        count=draw(st.integers(1, 8)) if by_count else None,
        instalment_minor=None if by_count else draw(st.integers(1_500, 90_000)),
        down_payment_minor=down,
        down_payment_on=first_on if down and draw(st.booleans()) else None,
        invoice_ids=names,
    )


@st.composite
def plan_stories(draw: st.DrawFn) -> Story:
    """A history of one account with plans in it, and with the facts that move what they cover."""
    story = draw(stories())
    rules = PlanRules(
        max_days=draw(st.sampled_from([None, None, 60])),
        grace_days=draw(st.sampled_from([0, 3, 60])),
        max_missed=draw(st.integers(1, 3)),
        holds=draw(st.sampled_from(["keep", "release"])),
    )
    holds = replace(story.policy.holds, broken_plan=draw(st.booleans()))
    everything = [fact for fact in story.facts if isinstance(fact, InvoiceIssued)]
    issued = [fact for fact in everything if fact.open_minor > 1_000] or everything
    facts: list[Fact] = []
    for _ in range(draw(st.integers(1, 2))):
        one = draw(st.sampled_from(issued))
        on = one.issued_on + timedelta(days=draw(st.integers(0, 30)))
        same = tuple(fact.invoice_id for fact in issued if fact.currency == one.currency)
        named = draw(st.sampled_from([(), (one.invoice_id,), (one.invoice_id,), same]))
        facts.append(PlanMade(on, draw(terms(on, one.currency, named))))
        if draw(st.integers(0, 2)) == 0:
            facts.append(PlanApproved(on + timedelta(days=draw(SOON)), f"pln_{on}_01"))
        if draw(st.integers(0, 5)) == 0:
            facts.append(PlanCancelled(on + timedelta(days=draw(SOON)), f"pln_{on}_01"))
        facts += draw(moves(on, one))
    known = [fact for fact in (*story.facts, *facts) if fact.on <= LAST_DAY]
    policy = replace(story.policy, plans=rules, holds=holds)
    return Story(policy, tuple(sorted(known, key=day_order)))


@st.composite
def moves(draw: st.DrawFn, made_on: date, issued: InvoiceIssued) -> list[Fact]:
    """A few facts after the day of a plan that move the balance of what it covers."""
    found: list[Fact] = []
    currency, name = issued.currency, issued.invoice_id
    for number in range(draw(st.integers(0, 4))):
        on, amount = (
            made_on + timedelta(days=draw(st.integers(0, 60))),
            draw(st.integers(1, 99_000)),
        )
        payment = Payment(on, f"Q{made_on}{number}", on, currency, amount)
        facts: list[list[Fact]] = [
            [payment],
            [payment, PaymentReversed(on + timedelta(days=draw(SOON)), payment.payment_id)],
            [CashApplied(on, currency)],
            [CreditNote(on, f"D{made_on}{number}", currency, amount, name)],
            [InvoiceVoided(on, name)],
            [ExternalOpen(on, name, amount)],
            [ChargeWaived(on, name, f"{name}:s0:percent", "goodwill")],
            [ChargeReinstated(on, name, f"{name}:s0:percent", "mistake")],
        ]
        found += draw(st.sampled_from(facts))
    return found


@examples(40)
@given(st.data(), st.integers(1, 10**9))
def test_a_schedule_adds_up_exactly_and_ascends(data: st.DataObject, covered_minor: int) -> None:
    made_on = date(2024, 1, 31)
    asked = data.draw(terms(made_on))
    faults = [*faults_of_terms(asked, made_on), *faults_of_amounts(asked, covered_minor)]
    assume(not faults)

    found = schedule_of(asked, covered_minor, WEEK, made_on)

    assert sum(one.amount_minor for one in found) == covered_minor
    assert all(one.amount_minor > 0 and WEEK.is_business_day(one.due_on) for one in found)
    assert all(one.due_on <= after.due_on for one, after in pairwise(found))
    assert [one.number for one in found] == list(range(found[0].number, found[-1].number + 1))
    assert (found[0].number == 0) == (asked.down_payment_minor > 0)
    if asked.count is not None:
        shares = [one.amount_minor for one in found if one.number]
        assert len(shares) == asked.count
        assert shares == sorted(shares, reverse=True)
        assert shares[0] - shares[-1] <= 1


def check(account: Account) -> None:
    """What is open of an active plan is what is open of what it covers; the oldest are filled first."""
    active = [plan for plan in account.plans.values() if plan.is_active]
    for plan in active:
        assert plan.open_minor == balance_of(Book(account), plan) > 0
        assert is_filled_from_the_first(plan.instalments)
    covered = [name for plan in active for name in plan.invoice_ids]
    assert len(covered) == len(set(covered))


def is_filled_from_the_first(instalments: tuple[Instalment, ...]) -> bool:
    for one, after in pairwise(instalments):
        if one.open_minor and after.paid_minor:
            return False
    return all(0 <= one.paid_minor <= one.amount_minor for one in instalments)


@examples(40)
@given(plan_stories())
def test_whatever_happens_the_instalments_are_the_balance_of_what_they_cover(story: Story) -> None:
    for seen in walk(story):
        check(seen.after)


@examples(25)
@given(plan_stories())
def test_nothing_that_an_active_plan_covers_is_staged_charged_or_noticed(story: Story) -> None:
    for seen in walk(story):
        if seen.fact is None:
            covered = {
                name
                for plan in seen.after.plans.values()
                if plan.is_active
                for name in plan.invoice_ids
            }
            letters = [e for e in seen.effects if isinstance(e, NoticeCreated) and not e.stage]
            about_plans = replace(seen, effects=tuple(e for e in seen.effects if e not in letters))
            assert not covered & dunned(about_plans)


@examples(25)
@given(plan_stories())
def test_with_plans_deciding_only_on_the_days_of_the_wake_list_loses_nothing(story: Story) -> None:
    accounts = {"A": (AccountDetails(), story.facts)}
    woken, daily = (
        simulate(accounts, story.policy, FIRST_DAY, LAST_DAY, every_day=every)
        for every in (False, True)
    )

    assert woken.effects == daily.effects


@examples(15)
@given(plan_stories())
def test_with_plans_deciding_a_day_again_brings_nothing(story: Story) -> None:
    assert effects_of(walk(story, twice=True)) == effects_of(walk(story))


@examples(25)
@given(plan_stories(), st.integers(1, 400_000), st.sampled_from(CURRENCIES))
def test_a_payment_that_bounces_leaves_every_plan_as_it_was(
    story: Story, amount: int, currency: str
) -> None:
    """Also one that it completed. An instalment that it un-filled had not been filled before."""
    before, _ = carry_on(Account("A"), story, story.days[:90])
    today = story.days[90]
    paid = Payment(today, "LAST", today, currency, amount)

    after = apply_all(before, [paid, PaymentReversed(today, "LAST")], story.policy).account

    assert [untold(plan) for plan in after.plans.values()] == [
        untold(plan) for plan in before.plans.values()
    ]


def untold(plan: Plan) -> Plan:
    return replace(plan, letters_owed=())


@examples(20)
@given(st.data(), st.lists(st.integers(1_000, 90_000), min_size=1, max_size=4))
def test_a_plan_kept_to_the_end_is_as_if_each_instalment_were_an_ordinary_payment(
    data: st.DataObject, amounts: list[int]
) -> None:
    """The account ends as without a plan, but for the charges that the plan suspended."""
    policy, today = load(LADDER), FIRST_DAY + timedelta(days=data.draw(st.integers(1, 35)))
    facts: list[Fact] = [
        InvoiceIssued(
            FIRST_DAY, f"I{n}", "USD", amount, amount, FIRST_DAY - timedelta(days=30),
            FIRST_DAY - timedelta(days=3 * n), FIRST_DAY, delivered_on=FIRST_DAY,
        )
        for n, amount in enumerate(amounts)
    ]  # fmt: skip
    opening = Story(policy, tuple(facts))
    days = [FIRST_DAY + timedelta(days=n) for n in range((today - FIRST_DAY).days)]
    before, _ = carry_on(Account("A"), opening, days)
    planned = apply_all(before, [PlanMade(today, data.draw(terms(today)))], policy).account
    assume(planned.plans)
    (plan,) = planned.plans.values()
    payments = [
        Payment(one.due_on, f"P{one.number}", one.due_on, "USD", one.amount_minor)
        for one in plan.instalments
    ]

    kept = planned
    for payment in payments:
        kept = decided(apply_all(kept, [payment], policy).account, payment.on)

    assert kept.plans[plan.id].state == "completed"
    assert money_of(kept) == money_of(apply_all(before, payments, policy).account)


def decided(account: Account, today: date) -> Account:
    decision = decide(account, load(LADDER), today)
    counted = [NoticeCounted(today, notice.id) for notice in decision.notices]
    return apply_all(decision.account, counted, load(LADDER)).account


def money_of(account: Account) -> tuple[object, ...]:
    invoices = {**account.closed, **account.invoices}
    parts = {name: (one.open_minor, one.reductions, one.charges) for name, one in invoices.items()}
    return parts, account.money, account.totals, account.settlements, +Counter(account.unapplied)
