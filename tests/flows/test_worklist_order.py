"""Worklists: in which order tasks come, and why now (R3.3, R6.2, R12.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.account import Case
from chalicelib.core.agreements import Promise
from chalicelib.flows.reporting_rates import KEY
from chalicelib.flows.worklist_rank import Moment
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flows.office import AFTERNOON, MORNING, TODAY, Office, owed, scored, task

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def office() -> Office:
    return Office()


# In which order (R3.3, R12.1).


def test_a_higher_tier_comes_before_a_higher_expected_loss(office: Office) -> None:
    scored(office, "A1", 90, owed(900_00))
    scored(office, "A2", 1, owed(1_100_00))

    assert office.order() == ["A2", "A1"]


def test_in_a_tier_the_higher_expected_loss_comes_first_then_the_larger_total(
    office: Office,
) -> None:
    scored(office, "A1", 10, owed(900_00))
    scored(office, "A2", 60, owed(300_00))
    scored(office, "A3", 0, owed(100_00))
    scored(office, "A4", 0, owed(200_00))

    rows = office.rows("junior")

    assert [row["account_id"] for row in rows] == ["A2", "A1", "A4", "A3"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4]
    assert rows[0]["expected_loss"] == {"amount_minor": 180_00, "currency": "USD"}
    assert [one["detail"] for one in rows[0]["reasons"]] == [
        "Tier 1 of 3: the highest first.",
        "Expected loss USD 180.00: risk score 60 of 100 on USD 300.00 past due.",
    ]


def test_without_a_score_all_that_is_past_due_counts(office: Office) -> None:
    scored(office, "A1", 50, owed(900_00))
    scored(office, "A2", None, owed(500_00))

    first, _ = office.rows("junior")

    assert (first["account_id"], first["expected_loss"]) == ("A2", None)
    assert first["reasons"][1]["code"] == "past_due"


def test_equal_accounts_come_by_age_then_by_id(office: Office) -> None:
    scored(office, "A3", 50, owed(100_00))
    scored(office, "A2", 50, owed(100_00))
    scored(office, "A4", 50, owed(100_00, days=21))

    assert office.order() == ["A4", "A2", "A3"]


def test_currencies_without_a_rate_follow_each_other(office: Office) -> None:
    scored(office, "A1", 50, owed(900_00, "EUR"))
    scored(office, "A2", 50, owed(100_00, "USD"))
    scored(office, "A3", 50, owed(950_00, "EUR"))
    scored(office, "A4", 50)

    assert office.order() == ["A2", "A3", "A1", "A4"], "USD is listed first"
    assert office.rows("junior")[3]["reasons"][-1]["code"] == "nothing_past_due"


def test_without_a_rate_an_account_is_compared_by_the_currency_of_its_highest_tier(
    office: Office,
) -> None:
    scored(office, "A1", 50, owed(900_00, "USD"), owed(5_000_00, "EUR"))
    scored(office, "A2", 50, owed(5_100_00, "EUR"))
    scored(office, "A3", 50, owed(4_900_00, "EUR"))

    rows = office.rows("junior")

    assert [row["account_id"] for row in rows] == ["A2", "A1", "A3"]
    assert rows[1]["expected_loss"] == {"amount_minor": 2_500_00, "currency": "EUR"}


def test_with_rates_losses_are_compared_in_the_reporting_currency(office: Office) -> None:
    rate = {"on": "2024-01-01", "currency": "USD", "rate": "0.5"}
    rates = {"currency": "EUR", "rates": [rate]}
    office.archive.put(KEY, json.dumps(rates).encode(), "application/json")
    scored(office, "A1", 50, owed(900_00, "USD"))
    scored(office, "A2", 50, owed(500_00, "EUR"))
    scored(office, "A3", 50, owed(300_00, "EUR"), owed(600_00, "USD"))

    rows = office.rows("junior")

    assert [row["account_id"] for row in rows] == ["A3", "A2", "A1"]
    assert rows[0]["expected_loss"] == {"amount_minor": 300_00, "currency": "EUR"}


def test_rates_that_cannot_be_used_are_said_and_stop_nobody(office: Office) -> None:
    office.archive.put(KEY, b"{}", "application/json")
    scored(office, "A1", 50, owed(900_00, "USD"))
    scored(office, "A2", 50, owed(500_00, "EUR"))

    page = office.page("junior")

    assert [row["account_id"] for row in page.rows] == ["A1", "A2"]
    assert [one["code"] for one in page.warnings] == ["invalid_rates"]


def test_a_call_agreed_for_a_time_comes_first_once_its_half_of_the_day_is_there(
    office: Office,
) -> None:
    scored(office, "A1", 90, owed(900_00))
    for name, at_time in (("A2", "14:30"), ("A3", "09:15"), ("A4", "10:00")):
        scored(office, name, 1, owed(100), tasks=[task(name, at_time=at_time)])

    assert office.order(now=MORNING) == ["A3", "A4", "A1", "A2"]
    assert office.order(now=AFTERNOON) == ["A3", "A4", "A2", "A1"]
    last = office.rows("junior", MORNING)[-1]
    assert last["reasons"][0]["code"] == "later_today"
    assert last["why"] == ["A letter went out.", "Call back at 14:30."]


def test_a_call_for_the_afternoon_waits_for_it_but_not_for_another_days(office: Office) -> None:
    scored(office, "A1", 1, owed(100))
    scored(office, "A2", 90, owed(900_00), tasks=[task("A2", part="pm")])
    late = task("A3", part="pm", at_time="15:00", due_on=YESTERDAY)
    scored(office, "A3", 80, owed(900_00), tasks=[late])

    assert office.order(now=MORNING) == ["A3", "A1", "A2"]
    assert office.order(now=AFTERNOON) == ["A2", "A3", "A1"]


def test_tasks_of_an_account_are_together_where_its_first_one_stands(office: Office) -> None:
    both = [task("A1", kind="review_account"), task("A1", at_time="10:00")]
    scored(office, "A1", 1, owed(100), tasks=both)
    scored(office, "A2", 90, owed(900_00))

    rows = office.rows("junior")

    assert [row["task"]["task_id"] for row in rows] == ["A1:call", "A1:review_account", "A2:call"]


def test_a_call_of_a_later_day_is_not_work_of_today(office: Office) -> None:
    scored(office, "A1", 1, owed(100), tasks=[task("A1", due_on=TODAY - timedelta(days=4))])
    tomorrow = TODAY + timedelta(days=1)
    scored(office, "A2", 90, owed(900_00), tasks=[task("A2", due_on=tomorrow)])

    assert office.order() == ["A1"]
    assert office.rows("junior")[0]["overdue_days"] == 4
    assert office.order(due_by=tomorrow) == ["A1", "A2"]
    assert office.rows("junior", due_by=tomorrow)[1]["reasons"][0]["code"] == "later_day"


amounts = st.dictionaries(st.sampled_from(["USD", "EUR", "KWD"]), st.integers(1, 2_000_000))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            amounts, st.none() | st.integers(0, 100), st.sampled_from(["", "09:00", "15:00"])
        ),
        min_size=2,
        max_size=6,
    ),
    st.permutations(range(6)),
)
def test_the_order_is_the_same_however_the_accounts_came(
    cases: list[tuple[dict[str, int], int | None, str]], numbers: list[int]
) -> None:
    def order(turn: Iterator[int]) -> list[str]:
        office = Office()
        for number in turn:
            past_due, score, at_time = cases[number]
            name = f"A{number}"
            facts = [owed(amount, currency) for currency, amount in past_due.items()]
            scored(office, name, score, *facts, tasks=[task(name, at_time=at_time)])
        return office.order()

    straight = order(iter(range(len(cases))))

    assert order(number for number in numbers if number < len(cases)) == straight
    assert len(set(straight)) == len(cases)


# Why now.


@pytest.mark.parametrize(
    ("values", "now", "said"),
    [
        ({"at_time": "14:30"}, MORNING, ["Call back at 14:30."]),
        ({"at_time": "14:30", "due_on": YESTERDAY}, MORNING, ["Call back at 14:30 on 2024-03-17."]),
        ({"part": "am"}, MORNING, ["Call in the morning."]),
        ({"part": "am"}, AFTERNOON, []),
        ({"part": "pm"}, MORNING, ["Call in the afternoon."]),
        ({"part": "pm"}, AFTERNOON, ["Call in the afternoon."]),
        ({"part": "pm", "due_on": YESTERDAY}, MORNING, []),
    ],
)
def test_when_to_call_is_said_while_it_can_be_kept(
    office: Office, values: dict[str, Any], now: Moment, said: list[str]
) -> None:
    scored(office, "A1", 1, owed(100), tasks=[task("A1", **values)])

    [row] = office.rows("junior", now)

    assert row["why"] == ["A letter went out.", *said]


def test_a_row_tells_what_to_know_before_calling(office: Office) -> None:
    def promise(number: int, **values: Any) -> Promise:
        one = Promise(TODAY, "USD", 500_00, TODAY, frozenset(), id=f"p{number}")
        return replace(one, **values)

    promises = (promise(1), promise(2, broken_on=TODAY), promise(3, broken_on=TODAY))
    scored(
        office, "A1", 37, owed(900_00), promises=promises, unreached_calls=3,
        unapplied={"USD": 20_00}, contacts=(TODAY - timedelta(days=5),), case=Case("A1-C1", TODAY),
    )  # fmt: skip

    [row] = office.rows("junior")

    assert row["why"] == [
        "A letter went out.",
        "Promised USD 500.00 for today.",
        "2 broken promises.",
        "3 calls without reaching anyone.",
        "USD 20.00 of the customer's money is not applied.",
        "Last letter or call on 2024-03-13.",
    ]
    assert (row["case_number"], row["risk_score"], row["tier"]) == ("A1-C1", 37, 1)
    assert row["past_due"] == [{"amount_minor": 900_00, "currency": "USD"}]
    assert (row["oldest_days_past_due"], row["credit_status"]) == (20, "open")
