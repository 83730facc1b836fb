"""The schedule of a payment plan: shares, dates, and terms that cannot be (R9.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.calendar import Calendar
from chalicelib.core.plan_schedule import (
    FIRST_DAYS_MAX,
    INSTALMENTS_MAX,
    faults_of_amounts,
    faults_of_terms,
    schedule_of,
)
from tests.real.vectors import Vector, in_part, minor, of_topic

MADE_ON = date(2024, 1, 15)  # a Monday
EVERY_DAY = Calendar()
WEEKDAYS = Calendar(
    business_days=frozenset(range(5)), holidays=frozenset({date(2024, 4, 1), date(2024, 12, 25)})
)
MONTHLY = PlanTerms("USD", "monthly", date(2024, 1, 31), count=3)


def dates(terms: PlanTerms, calendar: Calendar = EVERY_DAY, made_on: date = MADE_ON) -> list[str]:
    return [f"{one.due_on:%m-%d}" for one in schedule_of(terms, 100_000, calendar, made_on)]


def amounts(covered_minor: int, **changes: Any) -> list[int]:
    terms = replace(MONTHLY, **changes)
    return [one.amount_minor for one in schedule_of(terms, covered_minor, EVERY_DAY, MADE_ON)]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (replace(MONTHLY, count=4), ["01-31", "02-29", "03-31", "04-30"]),
        (replace(MONTHLY, first_on=date(2024, 1, 30)), ["01-30", "02-29", "03-30"]),
        (replace(MONTHLY, first_on=date(2023, 12, 29)), ["12-29", "01-29", "02-29"]),
        (replace(MONTHLY, first_on=date(2022, 12, 29)), ["12-29", "01-29", "02-28"]),
        (replace(MONTHLY, frequency="weekly"), ["01-31", "02-07", "02-14"]),
        (replace(MONTHLY, frequency="two_weeks"), ["01-31", "02-14", "02-28"]),
        (replace(MONTHLY, down_payment_minor=5), ["01-15", "01-31", "02-29", "03-31"]),
        (
            replace(MONTHLY, down_payment_minor=5, down_payment_on=date(2024, 1, 20)),
            ["01-20", "01-31", "02-29", "03-31"],
        ),
    ],
)
def test_instalments_count_from_the_first_date(terms: PlanTerms, expected: list[str]) -> None:
    assert dates(terms) == expected


def test_a_date_moves_to_the_next_business_day_and_the_next_counts_from_the_unmoved_one() -> None:
    terms = replace(MONTHLY, first_on=date(2024, 3, 30), count=4)  # a Saturday before Easter Monday

    assert dates(terms, WEEKDAYS) == ["04-02", "04-30", "05-30", "07-01"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (amounts(10_000), [3_334, 3_333, 3_333]),
        (amounts(10_001), [3_334, 3_334, 3_333]),
        (amounts(3), [1, 1, 1]),
        (amounts(10_000, down_payment_minor=1_000, count=4), [1_000, *[2_250] * 4]),
        (amounts(10_000, count=None, instalment_minor=4_000), [4_000, 4_000, 2_000]),
        (amounts(10_000, count=None, instalment_minor=5_000), [5_000, 5_000]),
        (amounts(10_000, count=None, instalment_minor=10_000), [10_000]),
        (amounts(10_000, count=None, instalment_minor=99_999), [10_000]),
        (
            amounts(10_000, down_payment_minor=1, count=None, instalment_minor=9_998),
            [1, 9_998, 1],
        ),
    ],
)
def test_the_balance_is_shared_to_the_last_minor_unit(
    found: list[int], expected: list[int]
) -> None:
    assert found == expected


def test_a_down_payment_is_number_0_and_without_one_the_first_is_number_1() -> None:
    without = schedule_of(MONTHLY, 300, EVERY_DAY, MADE_ON)
    with_one = schedule_of(replace(MONTHLY, down_payment_minor=30), 300, EVERY_DAY, MADE_ON)

    assert [one.number for one in without] == [1, 2, 3]
    assert [one.number for one in with_one] == [0, 1, 2, 3]


@of_topic("split.equal")
def test_published_shares_come_out_with_the_remainder_on_the_first(vector: Vector) -> None:
    asked = vector["inputs"]

    assert amounts(asked["minor_units"], count=asked["n"]) == vector["expected"]["parts"]


@in_part("PLAN-1")
def test_a_published_plan_adds_up_wherever_its_remainder_goes(vector: Vector) -> None:
    """The vector puts the remainder of 4 on the last; R9.1 gives one each to the first four."""
    total, expected = minor(vector["inputs"]["total"]), vector["expected"]["instalments"]

    found = amounts(total, count=vector["inputs"]["n"])

    assert sum(found) == minor(vector["expected"]["sum"]) == sum(map(minor, expected))
    assert [one - minor(expected[0]) for one in found] == [1] * 4 + [0] * 8


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"count": 0}, ["/count out_of_range"]),
        ({"count": INSTALMENTS_MAX + 1}, ["/count out_of_range"]),
        ({"count": None}, ["/count one_of_two"]),
        ({"instalment_minor": 5}, ["/count one_of_two"]),
        ({"count": None, "instalment_minor": 0}, ["/instalment out_of_range"]),
        ({"first_on": MADE_ON - timedelta(days=1)}, ["/first_on out_of_range"]),
        ({"first_on": MADE_ON + timedelta(days=FIRST_DAYS_MAX + 1)}, ["/first_on out_of_range"]),
        ({"down_payment_minor": -1}, ["/down_payment out_of_range"]),
        ({"down_payment_on": MADE_ON}, ["/down_payment_on no_down_payment"]),
        (
            {"down_payment_minor": 5, "down_payment_on": MADE_ON - timedelta(days=1)},
            ["/down_payment_on out_of_range"],
        ),
        (
            {"down_payment_minor": 5, "down_payment_on": date(2024, 2, 1)},
            ["/down_payment_on out_of_range"],
        ),
        (
            {"count": 0, "first_on": date(2024, 1, 1), "down_payment_minor": -1},
            ["/count out_of_range", "/first_on out_of_range", "/down_payment out_of_range"],
        ),
    ],
)
def test_every_fault_of_the_terms_is_said_at_once(
    changes: dict[str, Any], expected: list[str]
) -> None:
    found = faults_of_terms(replace(MONTHLY, **changes), MADE_ON)

    assert [f"{fault.where} {fault.code}" for fault in found] == expected


def test_the_widest_terms_have_no_fault() -> None:
    widest = replace(
        MONTHLY,
        count=INSTALMENTS_MAX,
        first_on=MADE_ON + timedelta(days=FIRST_DAYS_MAX),
        down_payment_minor=5,
        down_payment_on=MADE_ON + timedelta(days=FIRST_DAYS_MAX),
    )

    assert list(faults_of_terms(widest, MADE_ON)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"down_payment_minor": 300}, ["/down_payment too_much"]),
        ({"down_payment_minor": 299}, ["/count too_many"]),
        ({"count": 301}, ["/count too_many"]),
        ({"count": 300}, []),
        ({"count": None, "instalment_minor": 1}, []),
        ({"count": None, "instalment_minor": 1, "down_payment_minor": 1}, []),
    ],
)
def test_a_balance_can_be_too_small_for_what_is_asked(
    changes: dict[str, Any], expected: list[str]
) -> None:
    found = faults_of_amounts(replace(MONTHLY, **changes), 300)

    assert [f"{fault.where} {fault.code}" for fault in found] == expected


def test_so_small_an_amount_that_there_would_be_too_many_instalments_is_refused() -> None:
    terms = replace(MONTHLY, count=None, instalment_minor=2)

    (fault,) = faults_of_amounts(terms, 733)

    assert (fault.where, fault.code) == ("/instalment", "too_small")
    assert list(faults_of_amounts(replace(terms, instalment_minor=3), 733)) == []
