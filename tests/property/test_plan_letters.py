"""Laws of the letters about payment plans: each is written once, whenever anybody looks (R9.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.core.account import AccountDetails
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.effects import Effect, NoticeCreated
from chalicelib.core.facts import BlockEnded, BlockSet, Fact, Payment, PaymentReversed
from chalicelib.core.facts_collections import PlanCancelled, PlanMade
from chalicelib.flows.simulate import simulate
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.accounts import DAY, days, invoice, policy

RULES = policy(
    '[calendar]\nbusiness_days = ["mon", "tue", "wed", "thu", "fri"]\n'
    'processing_days = ["tue", "thu"]\n[plans]\ngrace_days = 1\nmax_missed = 2\n'
)
LAST = DAY + days(60)


def happenings(day: date) -> st.SearchStrategy[Fact]:
    """Something that moves a plan, or stops its letters, on a day."""
    number = day.toordinal()
    return st.sampled_from(
        [
            Payment(day, f"P{number}", day, "USD", 30_000),
            Payment(day, f"Q{number}", day, "USD", 10_000),
            PaymentReversed(day, f"P{number - 1}"),
            PlanCancelled(day, "", "other"),
            BlockSet(day, "legal_stop", until=day + days(4)),
            BlockSet(day, "legal_stop"),
            BlockEnded(day, "legal_stop"),
        ]
    )


stories = st.lists(
    st.integers(1, 30).flatmap(lambda later: happenings(DAY + days(later))), max_size=8
)


def told(made_on: date, story: Sequence[Fact], *, every_day: bool) -> list[Effect]:
    """What comes of a plan of three weekly instalments over 300.00, and of a story."""
    terms = PlanTerms("USD", "weekly", made_on + timedelta(days=7), count=3)
    story = [
        replace(fact, plan_id=f"pln_{made_on}_01") if isinstance(fact, PlanCancelled) else fact
        for fact in story
    ]
    facts = [invoice("I1", 15_000), invoice("I2", 15_000, 5), PlanMade(made_on, terms), *story]
    simulation = simulate({"A": (AccountDetails(), facts)}, RULES, DAY, LAST, every_day=every_day)
    assert simulation.failed == []
    return simulation.effects


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 6), stories)
def test_letters_come_on_the_same_days_whoever_decides_how_often(
    later: int, story: list[Fact]
) -> None:
    made_on = DAY + days(later)

    assert told(made_on, story, every_day=True) == told(made_on, story, every_day=False)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 6), stories)
def test_no_letter_is_written_twice_or_on_a_day_off(later: int, story: list[Fact]) -> None:
    effects = told(DAY + days(later), story, every_day=False)

    letters = [e for e in effects if isinstance(e, NoticeCreated) and not e.stage]

    assert max(Counter(letter.id for letter in letters).values(), default=1) == 1
    assert all(RULES.calendar.is_business_day(letter.on) for letter in letters)
