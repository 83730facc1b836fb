"""What payment plans do to credit holds, and what broken ones count for (R8.1, R9.3, R12.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from chalicelib.core.account import Account
from chalicelib.core.agreements import Plan, PlanState, PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import Decision, decide
from chalicelib.core.facts import DisputeOpened, Fact
from chalicelib.core.facts_collections import PlanCancelled, PlanMade
from chalicelib.core.holds import end_holds
from chalicelib.core.policy import Policy
from chalicelib.core.risk import risk_of
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

OPEN = [invoice("I1", 30_000, 25), invoice("I2", 20_000, 12), invoice("I3", 9_000, -50)]
TERMS = PlanTerms("USD", "monthly", DAY + days(10), count=2)
MADE = PlanMade(DAY, TERMS)
PLAN = f"pln_{DAY}_01"
OLDEST = '[holds]\nonboarding = "place"\noldest_days_past_due = 10\n'
BROKEN = '[holds]\nonboarding = "place"\nbroken_plan = true\nrelease = "auto"\n'


def held(rules: Policy) -> Account:
    """An account on hold since DAY by the rule of the oldest invoice."""
    here = decide(account(OPEN, rules), rules, DAY).account
    assert list(here.holds) == ["oldest_days_past_due"]
    return here


def next_day(here: Account, rules: Policy, *facts: Fact, after: int = 1) -> Decision:
    return decide(apply_all(here, facts, rules).account, rules, DAY + days(after))


@pytest.mark.parametrize("release", ["auto", "review"])
@pytest.mark.parametrize(("holds", "left"), [("release", []), ("keep", ["oldest_days_past_due"])])
def test_between_two_runs_a_new_plan_frees_the_account_or_does_not(
    release: str, holds: str, left: list[str]
) -> None:
    rules = policy(f'{OLDEST}release = "{release}"\n[plans]\nholds = "{holds}"')
    planned = apply_all(held(rules), [MADE], rules).account

    after, ended = end_holds(planned, rules, DAY)

    assert list(after.holds) == left
    assert len(ended) == 1 - len(left)


def test_between_two_runs_a_plan_frees_no_account_with_anything_else_to_demand() -> None:
    rules = policy(f'{OLDEST}release = "review"\n[plans]\nholds = "release"')
    part = PlanMade(DAY, replace(TERMS, invoice_ids=("I1",)))
    planned = apply_all(held(rules), [part], rules).account

    assert end_holds(planned, rules, DAY) == (planned, ())


def test_a_hold_that_a_plan_keeps_ends_when_what_the_plan_covers_is_paid() -> None:
    rules = policy(f'{OLDEST}release = "auto"\n[plans]\nholds = "keep"')
    part = PlanMade(DAY, replace(TERMS, invoice_ids=("I1",)))
    planned = apply_all(held(rules), [part, paid(20_000, "I2")], rules).account

    assert end_holds(planned, rules, DAY) == (planned, ())
    all_paid = apply_all(planned, [paid(30_000, "I1", payment_id="P2")], rules).account
    assert end_holds(all_paid, rules, DAY)[0].holds == {}


def test_a_hold_that_a_plan_keeps_ends_with_its_own_condition_where_the_policy_goes_by_that() -> (
    None
):
    rules = policy(
        f'{OLDEST}release = "auto"\nrelease_when = "condition_cleared"\n[plans]\nholds = "keep"'
    )
    rest = PlanMade(DAY, replace(TERMS, invoice_ids=("I2",), first_on=DAY + days(30)))

    stands = next_day(held(rules), rules, rest, paid(30_000, "I1"))  # I2 is 13 days past due
    lifted = next_day(held(rules), rules, rest, paid(30_000, "I1"), DisputeOpened(DAY, "I2"))

    assert list(stands.account.holds) == ["oldest_days_past_due"]
    assert lifted.account.holds == {}


def test_a_kept_hold_is_not_lost_in_a_currency_that_the_plan_brings_below_its_minimum() -> None:
    rules = policy(
        f'{OLDEST}release = "auto"\n'
        '[plans]\nholds = "keep"\n[dunning]\nminimum_past_due = { USD = "250.00" }'
    )
    part = PlanMade(DAY, replace(TERMS, invoice_ids=("I1",)))

    decision = next_day(held(rules), rules, part)

    assert list(decision.account.holds) == ["oldest_days_past_due"]


def test_a_plan_places_no_hold_on_what_it_covers() -> None:
    rules = policy(f'{OLDEST}release = "auto"\n[plans]\nholds = "keep"')

    assert decide(account([*OPEN, MADE], rules), rules, DAY).account.holds == {}


def test_a_review_that_was_asked_for_is_over_when_the_plan_releases_the_hold() -> None:
    rules = policy(f'{OLDEST}release = "review"\n[plans]\nholds = "release"')
    paid_up = next_day(held(rules), rules, paid(50_000)).account
    assert list(paid_up.tasks) == ["A:review_account:release:oldest_days_past_due"]
    later = PlanMade(DAY + days(1), replace(TERMS, invoice_ids=("I3",)))

    decision = next_day(paid_up, rules, later, after=2)

    assert (decision.account.holds, decision.account.tasks) == ({}, {})


def broken(rules: Policy, *facts: Fact) -> Decision:
    """An account whose plan of I1 was missed; I2 is not in it."""
    plan = PlanMade(DAY, replace(TERMS, invoice_ids=("I1",)))
    here = decide(account([*OPEN, plan], rules), rules, DAY).account
    return decide(apply_all(here, facts, rules).account, rules, DAY + days(11))


def test_a_broken_plan_holds_the_account_on_what_it_covered() -> None:
    decision = broken(policy(BROKEN))

    hold = decision.account.holds["broken_plan"]
    assert (hold.by, hold.invoice_ids) == ("rule", ("I1",))
    assert hold.evidence == f"Payment plan {PLAN} was broken on {date(2024, 3, 29)}."


def test_a_broken_plan_holds_nobody_where_no_policy_says_so_or_nothing_of_it_is_demandable() -> (
    None
):
    disputed = DisputeOpened(DAY + days(1), "I1")

    assert broken(policy()).account.holds == {}
    assert broken(policy(BROKEN), disputed).account.plans[PLAN].state == "broken"
    assert broken(policy(BROKEN), disputed).account.holds == {}


def test_the_hold_for_a_broken_plan_ends_with_its_own_condition() -> None:
    rules = policy(f'{BROKEN}release_when = "condition_cleared"')
    here = broken(rules).account

    decision = next_day(here, rules, paid(30_000, "I1", on=DAY + days(11)), after=12)

    assert here.holds.keys() == {"broken_plan"}
    assert decision.account.holds == {}


def test_a_cancelled_plan_holds_nobody() -> None:
    assert broken(policy(BROKEN), PlanCancelled(DAY, PLAN)).account.holds == {}


def test_plans_count_with_promises_in_the_risk_score() -> None:
    def ended(number: int, state: PlanState) -> Plan:
        here = account([*OPEN, MADE], policy()).plans[PLAN]
        return replace(here, id=f"pln_{DAY}_{number:02d}", state=state)

    states: tuple[PlanState, ...] = (
        "active",
        "pending_approval",
        "completed",
        "broken",
        "broken",
        "cancelled",
    )
    plans = [ended(number, state) for number, state in enumerate(states)]
    here = Account("A", plans={plan.id: plan for plan in plans})

    risk = risk_of(here, policy("[risk]\nbroken_promises = 10"), DAY)

    assert risk is not None
    (part,) = risk.parts
    assert (part.measure, part.figures) == (Fraction(2, 3), {"kept": 1, "broken": 2})
