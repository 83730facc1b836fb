"""Laws of letters about promises, holds and paid cases: once each, whenever anybody looks (R11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from chalicelib.core.account import AccountDetails, Hold
from chalicelib.core.effects import Effect, NoticeCreated
from chalicelib.core.facts import BlockEnded, BlockSet, Fact, Payment, PaymentReversed, PromiseMade
from chalicelib.core.facts_collections import PromiseWithdrawn
from chalicelib.core.facts_holds import HoldOverruled, HoldSet
from chalicelib.flows.simulate import simulate
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.accounts import DAY, days, invoice, policy

RULES = policy(
    '[calendar]\nbusiness_days = ["mon", "tue", "wed", "thu", "fri"]\n'
    'processing_days = ["tue", "thu"]\n[promises]\ngrace_days = 1\nmax_broken = 2\n'
    '[holds]\noldest_days_past_due = 18\nrelease = "auto"\n'
    "[letters]\npromise = true\nhold = true\nthank_you = true\n"
)
LAST = DAY + days(60)
KINDS = ("promise_made", "hold_placed", "hold_released", "thank_you")
STATUSES = ("open", "on_hold", "prepaid")


def happenings(day: date) -> st.SearchStrategy[Fact]:
    """Something that such letters tell of, or that stops them, on a day."""
    number = day.toordinal()
    return st.sampled_from(
        [
            Payment(day, f"P{number}", day, "USD", 30_000),
            Payment(day, f"Q{number}", day, "USD", 10_000),
            PaymentReversed(day, f"P{number - 1}"),
            PromiseMade(day, "USD", 10_000, day + days(3)),
            PromiseWithdrawn(day, f"ptp_{day - days(1)}_01"),
            HoldSet(day, Hold("manual", day, "anna")),
            HoldSet(day, Hold("prepaid", day, "anna")),
            HoldOverruled(day, "manual"),
            HoldOverruled(day, "prepaid"),
            BlockSet(day, "legal_stop", until=day + days(4)),
            BlockEnded(day, "legal_stop"),
        ]
    )


happened = st.lists(
    st.integers(0, 35).flatmap(lambda later: happenings(DAY + days(later))), max_size=10
)


def told(story: Sequence[Fact], *, every_day: bool) -> list[Effect]:
    facts = [invoice("I1", 15_000, 5), invoice("I2", 15_000, -5), *story]
    simulation = simulate({"A": (AccountDetails(), facts)}, RULES, DAY, LAST, every_day=every_day)
    assert simulation.failed == []
    return simulation.effects


def letters(effects: Sequence[Effect]) -> list[NoticeCreated]:
    return [e for e in effects if isinstance(e, NoticeCreated) and e.notice in KINDS]


@settings(max_examples=40, deadline=None)
@given(happened)
def test_letters_come_on_the_same_days_whoever_decides_how_often(story: list[Fact]) -> None:
    assert told(story, every_day=True) == told(story, every_day=False)


@settings(max_examples=40, deadline=None)
@given(happened)
def test_no_letter_is_written_twice_or_on_a_day_off(story: list[Fact]) -> None:
    found = letters(told(story, every_day=False))

    assert max(Counter(letter.id for letter in found).values(), default=1) == 1
    assert all(RULES.calendar.is_business_day(letter.on) for letter in found)


@settings(max_examples=40, deadline=None)
@given(happened)
def test_a_customer_is_never_told_the_same_credit_status_twice_in_a_row(story: list[Fact]) -> None:
    found = letters(told(story, every_day=False))

    said = ["open", *(e.id.split(":")[1] for e in found if e.notice.startswith("hold_"))]

    assert all(before != after for before, after in pairwise(said))
    assert set(said) <= set(STATUSES)
