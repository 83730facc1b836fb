"""Letters beside notices, day by day: promises confirmed, holds told of, paid cases thanked for."""

from __future__ import annotations

import pytest
from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told

WEEK = '[calendar]\nbusiness_days = ["mon", "tue", "wed", "thu", "fri"]\n'
PROMISES = f"{WEEK}[promises]\ngrace_days = 2\n[letters]\npromise = true"
HOLDS = f'{WEEK}[holds]\noldest_days_past_due = 20\nrelease = "auto"\n[letters]\nhold = true'
THANKS = f"{WEEK}[letters]\nthank_you = true"


def test_a_promise_is_confirmed_once_and_delays_no_notice() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-02-10 |
        2024-02-15 | promise 500.00 by 2024-02-20 I2 | notice promise_made  0.00
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-20 | pay 500.00 I2 |
        2024-02-29 | |
    """

    assert_told(table, ladder(PROMISES))


def test_a_promise_of_a_saturday_is_confirmed_on_monday_unless_it_was_kept_on_sunday() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-03 | promise 1000.00 by 2024-02-07 |
        2024-02-05 | | notice promise_made  0.00
        2024-02-07 | pay 1000.00 as P1 |
        2024-02-08 | bounce P1 |
        2024-02-10 | promise 1000.00 by 2024-02-14 |
        2024-02-11 | pay 1000.00 |
        2024-02-29 | |
    """

    assert_told(table, ladder(PROMISES))


@pytest.mark.parametrize("ended", ["withdraw ptp_2024-02-03_01", "void I1", "credit 1000.00 I1"])
def test_a_promise_that_is_over_before_its_letter_is_not_confirmed(ended: str) -> None:
    table = f"""
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-03 | promise 1000.00 by 2024-02-12 |
        2024-02-04 | {ended} |
        2024-02-12 | |
    """

    assert_told(table, ladder(PROMISES))


def test_a_promise_is_confirmed_when_it_was_approved() -> None:
    strict = PROMISES.replace("grace_days = 2", "grace_days = 0\nmax_broken = 1")
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-05 | promise 1000.00 by 2024-02-06 | notice promise_made  0.00
        2024-02-07 | promise 1000.00 by 2024-02-14 |
        2024-02-09 | approve ptp_2024-02-07_01 | notice promise_made  0.00
        2024-02-13 | pay 1000.00 |
        2024-02-20 | |
    """

    assert_told(table, ladder(strict))


def test_a_promise_whose_day_passed_under_a_legal_stop_is_not_confirmed() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-05 | block legal_stop until 2024-02-07; promise 600.00 by 2024-02-07 |
        2024-02-05 | promise 1000.00 by 2024-02-12 |
        2024-02-08 | | notice promise_made  0.00
        2024-02-12 | pay 1000.00 |
        2024-02-20 | |
    """

    assert_told(table, ladder(PROMISES))


def test_the_customer_is_told_of_a_hold_and_of_its_end_on_business_days() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-21 | | hold oldest_days_past_due; notice hold_placed  1,000.00
        2024-02-24 | pay 1000.00 I1 | release oldest_days_past_due
        2024-02-26 | | notice hold_released  0.00
        2024-03-10 | |
    """

    assert_told(table, ladder(HOLDS))


def test_a_hold_that_ended_before_its_letter_is_told_of_by_none() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-04 |
        2024-02-19 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-24 | | hold oldest_days_past_due
        2024-02-25 | pay 1000.00 I1 | release oldest_days_past_due
        2024-03-10 | |
    """

    assert_told(table, ladder(HOLDS))


def test_a_second_hold_on_an_account_that_is_held_is_no_news_to_the_customer() -> None:
    rules = HOLDS.replace("oldest_days", 'past_due_total = { USD = "1200.00" }\noldest_days')
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-02-22 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-21 | | hold oldest_days_past_due; notice hold_placed  1,000.00
        2024-02-23 | | hold past_due_total
        2024-02-26 | pay 1500.00 | release oldest_days_past_due; release past_due_total; \
notice hold_released  0.00
        2024-03-10 | |
    """

    assert_told(table, ladder(rules))


def test_a_paid_case_is_thanked_for_on_the_next_business_day() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-05-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1
        2024-02-24 | pay 1000.00 I1 | closed A-C1
        2024-02-26 | | notice thank_you  0.00
        2024-03-10 | |
    """

    assert_told(table, ladder(THANKS), people=True)


@pytest.mark.parametrize(
    "ended",
    ["write-off I1", "void I1", "credit 1000.00 I1", "extend I1 to 2024-06-01"],
)
def test_nobody_is_thanked_for_a_case_that_ended_without_a_payment(ended: str) -> None:
    table = f"""
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-05-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-20 | pay 200.00 I2 |
        2024-02-23 | {ended} |
        2024-03-10 | |
    """

    assert_told(table, ladder(THANKS))


@pytest.mark.parametrize("gave_up", ["write-off I2", "extend I2 to 2024-06-01"])
def test_nobody_is_thanked_who_paid_only_a_part(gave_up: str) -> None:
    table = f"""
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; stage I2 reminder; notice reminder I1 I2 1,500.00
        2024-02-20 | pay 1000.00 I1 |
        2024-02-23 | {gave_up} |
        2024-03-10 | |
    """

    assert_told(table, ladder(THANKS))


def test_who_paid_the_rest_after_a_credit_is_thanked() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; stage I2 reminder; notice reminder I1 I2 1,500.00
        2024-02-20 | credit 500.00 I2 |
        2024-02-23 | pay 1000.00 I1 | notice thank_you  0.00
        2024-03-10 | |
    """

    assert_told(table, ladder(THANKS))


def test_nobody_is_thanked_for_a_payment_that_bounced_before_the_letter() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-24 | pay 1000.00 I1 as P1 |
        2024-02-25 | bounce P1 |
        2024-03-01 | |
    """

    assert_told(table, ladder(THANKS))


def test_a_plan_that_was_paid_is_thanked_for_once() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-19 | plan 2 weekly from 2024-02-26 | notice plan_agreed I1 0.00
        2024-02-21 | pay 1000.00 | notice plan_completed I1 0.00
        2024-03-10 | |
    """

    assert_told(table, ladder(THANKS))


def test_without_their_keys_no_letter_goes() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | promise 100.00 by 2024-02-17 | skip I1 reminder promised
        2024-02-18 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-21 | | hold oldest_days_past_due
        2024-02-26 | pay 1000.00 I1 | release oldest_days_past_due
        2024-03-10 | |
    """
    rules = HOLDS.replace("[letters]\nhold = true", "")

    assert_told(table, ladder(rules))
