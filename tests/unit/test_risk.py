"""The risk score: what it is made of, and that it holds nothing against anyone without evidence (R12.1)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from chalicelib.core.account import Account, Settlement
from chalicelib.core.agreements import Promise
from chalicelib.core.facts import DisputeOpened, DisputeResolved, Fact
from chalicelib.core.policy import Policy
from chalicelib.core.risk import PARTS, Risk, RiskPart, risk_of
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.accounts import DAY, account, days, invoice, policy
from tests.unit.policy_documents import MINIMAL, faults_of

EMPTY = Account("A")


def weighing(**weights: int) -> Policy:
    given = weights | ({"worst_days_late": 60} if "worst_days_late" not in weights else {})
    return policy("[risk]\n" + "\n".join(f"{name} = {value}" for name, value in given.items()))


def settled(*days_late: int) -> Account:
    """Settled invoices in order, each so many days after its due date."""
    first = DAY - days(len(days_late))
    return Account(
        "A",
        settlements=tuple(
            Settlement(first + days(n), first + days(n - late), f"I{n}")
            for n, late in enumerate(days_late)
        ),
    )


def scored(account: Account, **weights: int) -> Risk:
    risk = risk_of(account, weighing(**weights), DAY)
    assert risk is not None
    return risk


def part(account: Account, code: str, **more: int) -> RiskPart:
    [found] = scored(account, **{code: 10}, **more).parts
    return found


def test_without_weights_there_is_no_score() -> None:
    assert risk_of(settled(90, 90), policy(), DAY) is None


def test_an_account_without_history_scores_0_and_says_what_is_not_known() -> None:
    risk = scored(EMPTY, **dict.fromkeys(PARTS, 10))

    assert risk.score == 0
    assert [one.code for one in risk.parts] == list(PARTS)
    assert {one.measure for one in risk.parts} == {None}


def test_a_part_without_a_weight_is_not_shown() -> None:
    assert [p.code for p in scored(EMPTY, disputes_lost=1).parts] == ["disputes_lost"]


def test_the_share_paid_late_counts_those_after_the_due_date() -> None:
    found = part(settled(0, 1, -3, 40), "share_paid_late")

    assert (found.measure, found.figures) == (Fraction(1, 2), {"settled": 4, "late": 2})


def test_days_paid_early_make_up_for_none_paid_late() -> None:
    assert part(settled(-30, 30), "average_days_late").measure == Fraction(15, 60)


def test_no_average_is_worse_than_the_worst() -> None:
    assert part(settled(200, 100), "average_days_late").measure == 1


@pytest.mark.parametrize(
    ("days_late", "measure"),
    [
        ((0, 30), Fraction(1, 2)),
        ((0, 0, 30), Fraction(1, 4)),
        ((30, 0), Fraction(0)),
        ((5,), None),
        ((0, 100), Fraction(1)),
    ],
)
def test_the_trend_compares_the_newer_half_with_the_older(
    days_late: tuple[int, ...], measure: Fraction | None
) -> None:
    assert part(settled(*days_late), "days_late_trend").measure == measure


def test_promises_that_still_run_count_neither_as_kept_nor_as_broken() -> None:
    def promised(by: int, kept: bool = False) -> Promise:
        return Promise(
            DAY - days(20),
            "USD",
            100,
            DAY + days(by),
            frozenset("I"),
            kept_on=DAY if kept else None,
        )

    here = Account("A", promises=(promised(0), promised(-1), promised(-9), promised(-5, kept=True)))

    found = part(here, "broken_promises")

    assert (found.measure, found.figures) == (Fraction(2, 3), {"kept": 1, "broken": 2})


def test_disputes_count_once_for_whoever_lost_them() -> None:
    facts: list[Fact] = [
        *(invoice(f"I{n}", 500) for n in range(3)),
        *(DisputeOpened(DAY, f"I{n}") for n in range(3)),
        DisputeResolved(DAY, "I0", "lost"),
        DisputeResolved(DAY, "I0", "lost"),
        DisputeResolved(DAY, "I1", "won"),
        DisputeResolved(DAY, "I1", "won"),
    ]

    found = part(account(facts, policy()), "disputes_lost")

    assert (found.measure, found.figures) == (Fraction(1, 2), {"won": 1, "lost": 1})


def test_the_balance_over_60_days_is_that_of_the_worst_currency() -> None:
    both = '["USD", "JPY"]'
    facts = [
        invoice("I1", 300, 60), invoice("I2", 100, 61),
        invoice("I3", 900, 400, currency="JPY"), invoice("I4", 900, 1, currency="JPY"),
    ]  # fmt: skip

    found = part(account(facts, policy(currencies=both)), "over_60_days")

    assert found.measure == Fraction(1, 2)
    assert found.figures == {"open_minor": 1800, "over_60_days_minor": 900}


def test_the_score_is_the_weighted_mean_of_the_parts_rounded_half_up() -> None:
    risk = scored(settled(30, 0), share_paid_late=3, average_days_late=1)

    assert [p.points for p in risk.parts] == [Fraction(75, 2), Fraction(25, 4)]
    assert risk.score == 44  # 43.75


@given(
    st.lists(st.integers(-50, 400), max_size=8),
    st.lists(st.integers(-5, 200), max_size=4),
    st.dictionaries(st.sampled_from(sorted(PARTS)), st.integers(1, 100), min_size=1),
)
def test_a_score_lies_between_0_and_100_and_its_points_add_up_to_it(
    paid_late: list[int], past_due: list[int], weights: dict[str, int]
) -> None:
    facts = [invoice(f"O{n}", 700, late) for n, late in enumerate(past_due)]
    here = replace(account(facts, policy()), settlements=settled(*paid_late).settlements)

    risk = scored(here, **weights)

    assert 0 <= risk.score <= 100
    assert abs(sum((p.points for p in risk.parts), Fraction(0)) - risk.score) <= Fraction(1, 2)
    assert all(p.measure is None or 0 <= p.measure <= 1 for p in risk.parts)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=8))
def test_paying_everything_later_never_lowers_the_score(paid_late: list[int]) -> None:
    weights = {"share_paid_late": 20, "average_days_late": 20}

    before, after = (
        scored(settled(*(late + more for late in paid_late)), **weights) for more in (0, 1)
    )

    assert after.score >= before.score


@pytest.mark.parametrize(
    ("table", "where", "code"),
    [
        ("[risk]\nshare_paid_late = 0", "[risk]", "missing"),
        ("[risk]\ndays_late_trend = 5", "[risk].worst_days_late", "missing"),
        ('[risk]\nover_60_days = "5"', "[risk].over_60_days", "wrong_type"),
        ("[risk]\nover_60_days = 101", "[risk].over_60_days", "out_of_range"),
    ],
)
def test_a_score_needs_weights_that_mean_something(table: str, where: str, code: str) -> None:
    assert faults_of(f"{MINIMAL}\n{table}\n") == [(where, code)]
