"""Statements: weekly to who is past due, monthly to who owes anything (R5.1, R5.5).

In January 2024 the Mondays are the 1st, 8th, 15th, 22nd and 29th; 1 February is a Thursday.
"""

from __future__ import annotations

from chalicelib.core.policy import Policy
from tests.scenario.policies import STAGES, ladder
from tests.scenario.telling import assert_told

WEEKLY = '[statements]\nweekly = "mon"'
MONTHLY = "[statements]\nmonthly = 31"
BOTH = '[statements]\nweekly = "mon"\nmonthly = 1'
WORKDAYS = '[calendar]\nprocessing_days = ["mon", "tue", "wed", "thu", "fri"]\n'
LATE = "2024-01-02 | invoice I1 100.00 due 2024-01-10"


def told(table: str, policy: Policy) -> None:
    assert_told(table, policy, statements=True)


def test_a_weekly_statement_goes_once_something_is_past_due_until_it_is_paid() -> None:
    table = f"""
        {LATE} |
        2024-01-15 | | statement 100.00 past due 100.00
        2024-01-22 | | statement 100.00 past due 100.00
        2024-01-29 | pay 100.00 I1 |
        2024-02-06 | |
    """

    told(table, ladder(WEEKLY))


def test_what_falls_due_on_the_day_itself_is_not_past_due_yet() -> None:
    table = """
        2024-01-02 | invoice I1 100.00 due 2024-01-15 |
        2024-01-22 | | statement 100.00 past due 100.00
    """

    told(table, ladder(WEEKLY))


def test_a_monthly_statement_tells_of_all_that_is_open_due_or_not() -> None:
    table = """
        2024-01-02 | invoice I1 100.00 due 2024-05-10 |
        2024-01-31 | | statement 100.00 past due 0.00
        2024-02-10 | invoice I2 40.00 due 2024-02-20 |
        2024-02-29 | | statement 140.00 past due 40.00
    """

    told(table, ladder(MONTHLY))


def test_weekly_and_monthly_on_one_day_make_one_statement() -> None:
    table = """
        2024-03-04 | invoice I1 100.00 due 2024-03-20 |
        2024-03-25 | | statement 100.00 past due 100.00
        2024-04-01 | | statement 100.00 past due 100.00
        2024-04-02 | |
    """

    told(table, ladder(BOTH))


def test_a_day_off_waits_for_the_next_processing_day() -> None:
    """Martin Luther King's day is Monday 15 January; Saturday 17 February waits for Monday, too."""
    holidays = WORKDAYS + 'country = "US"\n[statements]\nweekly = "mon"\nmonthly = 17'
    table = f"""
        {LATE} |
        2024-01-16 | | statement 100.00 past due 100.00
        2024-01-17 | | statement 100.00 past due 100.00
        2024-01-22 | | statement 100.00 past due 100.00
        2024-01-29 | | statement 100.00 past due 100.00
        2024-02-05 | | statement 100.00 past due 100.00
        2024-02-12 | | statement 101.50 past due 101.50
        2024-02-20 | | statement 101.50 past due 101.50
        2024-02-25 | |
    """

    told(table, ladder(holidays))


def test_days_without_a_run_lose_nothing_and_are_made_up_for_once() -> None:
    table = f"""
        {LATE} |
        2024-01-15 | outage until 2024-01-24 |
        2024-01-25 | | statement 100.00 past due 100.00
        2024-01-29 | | statement 100.00 past due 100.00
    """

    told(table, ladder(WEEKLY))


def test_what_was_paid_while_no_run_came_is_not_stated() -> None:
    table = f"""
        {LATE} |
        2024-01-15 | outage until 2024-01-17 |
        2024-01-18 | pay 100.00 I1; invoice I2 50.00 due 2024-03-01 |
        2024-01-30 | |
    """

    told(table, ladder(WEEKLY))


def test_the_first_decision_of_an_account_states_nothing() -> None:
    table = """
        2024-01-15 | invoice I1 100.00 due 2024-01-10 issued 2024-01-01 |
        2024-01-22 | | statement 100.00 past due 100.00
    """

    told(table, ladder(WEEKLY))


def test_charges_are_stated_also_when_the_invoice_was_paid() -> None:
    """0.18 of 12.00 is left; only the monthly statement is for charges alone."""
    fee = STAGES.replace("warn_first = true", "warn_first = false")
    table = """
        2024-01-02 | invoice I1 12.00 due 2024-01-10 |
        2024-01-15 | | statement 12.00 past due 12.00
        2024-01-22 | | statement 12.00 past due 12.00
        2024-01-29 | | statement 12.00 past due 12.00
        2024-02-01 | | statement 12.00 past due 12.00
        2024-02-05 | | statement 12.00 past due 12.00
        2024-02-10 | pay 12.00 I1 |
        2024-03-01 | | statement 0.18 past due 0.18
    """

    told(table, ladder(BOTH, fee))


def test_what_is_disputed_promised_or_paused_is_stated_all_the_same() -> None:
    table = f"""
        {LATE} |
        2024-01-11 | dispute I1; pause account until 2024-02-20; block reply_waiting |
        2024-01-15 | | statement 100.00 past due 100.00
        2024-01-16 | promise 100.00 by 2024-01-25 |
        2024-01-22 | | statement 100.00 past due 100.00
    """

    told(table, ladder(WEEKLY + "\n[dunning]\nminimum_past_due = { USD = '500.00' }"))


def test_what_is_placed_or_was_never_delivered_is_left_out() -> None:
    table = """
        2024-01-02 | invoice I1 100.00 due 2024-01-10; invoice I2 40.00 due 2024-01-10 undelivered |
        2024-01-03 | invoice I3 7.00 due 2024-01-10 |
        2024-01-15 | | statement 107.00 past due 107.00
        2024-01-16 | block placed I1 |
        2024-01-22 | | statement 7.00 past due 7.00
        2024-01-23 | block placed I3 until 2024-02-06; deliver I2 |
        2024-01-29 | | statement 40.00 past due 40.00
        2024-02-01 | pay 40.00 I2 |
        2024-02-12 | | statement 7.00 past due 7.00
    """

    told(table, ladder(WEEKLY))


def test_a_legal_stop_stops_statements_until_it_ends() -> None:
    table = f"""
        {LATE} |
        2024-01-11 | block legal_stop until 2024-01-22 |
        2024-01-29 | | statement 100.00 past due 100.00
        2024-01-30 | block legal_stop |
        2024-02-08 | unblock legal_stop |
        2024-02-12 | | statement 101.50 past due 101.50
    """

    told(table, ladder(WEEKLY))


def test_a_bounce_brings_the_statements_back() -> None:
    table = f"""
        {LATE} |
        2024-01-12 | pay 100.00 I1 as P1 |
        2024-01-24 | bounce P1 |
        2024-01-29 | | statement 100.00 past due 100.00
    """

    told(table, ladder(WEEKLY))


def test_without_a_day_in_the_policy_no_statement_goes() -> None:
    table = f"""
        {LATE} |
        2024-03-12 | |
    """

    told(table, ladder())


def test_neither_interval_nor_guard_knows_statements() -> None:
    """The guard lets one contact a week; the reminder goes on its day, after two statements."""
    rules = WEEKLY + "\n[dunning]\nmin_days_between_notices = 30\nmax_contacts = 1"
    table = """
        2024-01-02 | invoice I1 100.00 due 2024-01-10 |
        2024-01-25 | | stage I1 reminder; notice reminder I1 100.00
        2024-01-26 | |
    """

    assert_told(table, ladder(rules))
