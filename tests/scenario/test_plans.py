"""Payment plans over months: kept, missed and broken, ended, and what goes on beside them (R9)."""

from __future__ import annotations

from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told

PLAIN = ladder()
GRACE = ladder("[plans]\ngrace_days = 5")
BOUNDED = ladder("[plans]\nmax_days = 365")
TWICE = ladder("[plans]\nmax_missed = 2")
HELD = ladder("""
    [plans]
    grace_days = 3
    [holds]
    broken_plan = true
    release = "auto"
""")
WEEKDAYS = """
    [calendar]
    business_days = ["mon", "tue", "wed", "thu", "fri"]
    processing_days = ["mon", "tue", "wed", "thu", "fri"]
    country = "US"
    [plans]
    grace_days = 1
"""


def test_a_plan_that_is_kept_stops_stages_and_fees_until_it_is_completed() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-20 | plan 3 monthly from 2024-02-29 | plan active 1,000.00
        2024-02-20 | | notice plan_agreed I1 0.00
        2024-02-29 | pay 333.34 |
        2024-03-02 | | skip I1 fee_30 in_plan
        2024-03-29 | pay 333.33 |
        2024-04-29 | pay 333.33 | plan completed 0.00; notice plan_completed I1 0.00
        2024-06-30 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_a_missed_instalment_breaks_the_plan_and_the_rest_was_dunned_all_along() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; stage I2 reminder; notice reminder I1 I2 1,500.00
        2024-02-20 | plan 3 monthly from 2024-02-29 I1 | plan active 1,000.00
        2024-02-20 | | notice plan_agreed I1 0.00
        2024-02-29 | pay 333.34 |
        2024-03-02 | | skip I1 fee_30 in_plan; stage I2 fee_30; charge I2:fee_30:percent 7.50
        2024-03-02 | | notice fee_30 I2 507.50
        2024-04-01 | | stage I2 fee_60; charge I2:fee_60:percent 7.50; notice fee_60 I2 515.00
        2024-04-02 | | missed 2 333.33; plan broken 666.66; stage I1 fee_30
        2024-04-02 | | charge I1:fee_30:percent 10.00; notice plan_broken I1 676.66
        2024-04-02 | | hold broken_plan
        2024-04-08 | | notice fee_30 I1 I2 1,191.66
        2024-04-09 | pay 676.66 I1 |
        2024-04-10 | pay 515.00 I2 | release broken_plan
        2024-04-20 | |
    """

    assert_told(table, HELD, agreements=True)


def test_an_instalment_may_be_paid_in_parts_and_within_its_days_of_grace() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-02-15 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-15 | pay 100.00 as P1 |
        2024-02-16 | | skip I1 reminder in_plan
        2024-02-18 | pay 150.00 as P2 |
        2024-02-20 | pay 50.00 as P3 |
        2024-03-15 | pay 299.99 |
        2024-03-21 | | missed 2 0.01; plan broken 300.01; stage I1 reminder
        2024-03-21 | | notice plan_broken I1 300.01
        2024-03-27 | | notice reminder I1 300.01
        2024-03-28 | |
    """

    assert_told(table, GRACE, agreements=True)


def test_what_is_paid_early_fills_the_next_instalments() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-02-15 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-10 | pay 700.00 |
        2024-02-16 | | skip I1 reminder in_plan
        2024-04-15 | pay 200.00 | plan completed 0.00; notice plan_completed I1 0.00
        2024-04-30 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_money_that_names_another_invoice_keeps_no_instalment() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01; invoice I2 500.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-02-15 I1 | plan active 900.00
        2024-02-05 | | notice plan_agreed I1 0.00
        2024-02-15 | pay 300.00 I2 |
        2024-02-16 | | missed 1 300.00; plan broken 900.00; stage I1 reminder; stage I2 reminder
        2024-02-16 | | notice plan_broken I1 900.00
        2024-02-22 | | notice reminder I1 I2 1,100.00
        2024-02-23 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_money_that_names_nothing_pays_the_whole_plan_before_what_it_does_not_cover() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01; invoice I2 500.00 due 2024-01-31 |
        2024-02-05 | plan 3 monthly from 2024-02-15 I1 | plan active 900.00
        2024-02-05 | | notice plan_agreed I1 0.00
        2024-02-10 | pay 1000.00 | plan completed 0.00; notice plan_completed I1 0.00
        2024-02-15 | | stage I2 reminder; notice reminder I2 400.00
        2024-02-16 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_a_credit_note_shortens_the_plan_from_its_end() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-02-15 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-06 | credit 400.00 I1 |
        2024-02-15 | pay 300.00 |
        2024-02-16 | | skip I1 reminder in_plan
        2024-03-15 | pay 200.00 | plan completed 0.00; notice plan_completed I1 0.00
        2024-04-30 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_a_plan_that_is_cancelled_lets_dunning_go_on_where_it_stood() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-02-15 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-15 | pay 300.00 |
        2024-02-16 | | skip I1 reminder in_plan
        2024-03-05 | cancel-plan pln_2024-02-05_01 | plan cancelled 600.00; stage I1 reminder
        2024-03-05 | | notice plan_cancelled I1 600.00
        2024-03-11 | | notice reminder I1 600.00
        2024-03-18 | | stage I1 fee_30; charge I1:fee_30:percent 9.00; notice fee_30 I1 609.00
        2024-03-19 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_a_plan_that_waits_for_approval_stops_nothing_until_it_has_it() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 13 monthly from 2024-03-15 | plan pending_approval 900.00
        2024-02-16 | | stage I1 reminder; notice reminder I1 900.00
        2024-02-20 | approve-plan pln_2024-02-05_01 | plan active 900.00; notice plan_agreed I1 0.00
        2024-03-02 | | skip I1 fee_30 in_plan
        2024-03-15 | pay 69.24 |
        2024-04-16 | | missed 2 69.23; plan broken 830.76; stage I1 fee_30
        2024-04-16 | | charge I1:fee_30:percent 12.46; notice plan_broken I1 843.22
        2024-04-22 | | notice fee_30 I1 843.22
        2024-04-23 | |
    """

    assert_told(table, BOUNDED, agreements=True)


def test_a_plan_that_was_never_approved_ends_without_a_letter() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 13 monthly from 2024-03-15 | plan pending_approval 900.00
        2024-02-06 | cancel-plan pln_2024-02-05_01 | plan cancelled 900.00
        2024-02-07 | plan 14 monthly from 2024-03-15 | plan pending_approval 900.00
        2024-02-08 | pay 900.00 | plan cancelled 900.00
        2024-02-29 | |
    """

    assert_told(table, BOUNDED, agreements=True)


def test_what_a_pending_plan_lost_of_its_balance_counts_as_paid_when_it_begins() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 13 monthly from 2024-02-15 | plan pending_approval 900.00
        2024-02-06 | pay 100.00 |
        2024-02-07 | approve-plan pln_2024-02-05_01 | plan active 800.00; notice plan_agreed I1 0.00
        2024-02-16 | | skip I1 reminder in_plan
        2024-03-16 | | missed 2 38.47; plan broken 800.00; stage I1 reminder
        2024-03-16 | | notice plan_broken I1 800.00
        2024-03-22 | | notice reminder I1 800.00
        2024-03-23 | |
    """

    assert_told(table, ladder("[plans]\nmax_days = 300"), agreements=True)


def test_where_two_may_be_missed_the_first_brings_a_letter_and_the_second_breaks_the_plan() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-02-15 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-16 | | missed 1 300.00; skip I1 reminder in_plan; notice plan_missed I1 300.00
        2024-02-25 | pay 300.00 |
        2024-03-16 | | missed 2 300.00; plan broken 600.00; stage I1 reminder
        2024-03-16 | | notice plan_broken I1 600.00
        2024-03-22 | | notice reminder I1 600.00
        2024-03-23 | |
    """

    assert_told(table, TWICE, agreements=True)


def test_a_plan_with_its_last_date_missed_is_broken_however_many_may_be_missed() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-04-05 |
        2024-02-05 | plan 3 monthly from 2024-02-15 I1 | plan active 900.00
        2024-02-05 | | notice plan_agreed I1 0.00
        2024-02-15 | pay 600.00 |
        2024-04-16 | | missed 3 300.00; plan broken 300.00; notice plan_broken I1 300.00
        2024-04-19 | |
    """

    assert_told(table, TWICE, agreements=True)


def test_after_an_outage_what_the_first_missed_instalment_broke_misses_no_second() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 weekly from 2024-02-07 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-06 | outage until 2024-02-27 |
        2024-02-28 | | missed 1 300.00; plan broken 900.00; stage I1 reminder
        2024-02-28 | | notice plan_broken I1 900.00
        2024-03-05 | | notice reminder I1 900.00
        2024-03-06 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_a_completed_plan_is_active_again_when_its_payment_bounces_in_time() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-02-15 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-10 | pay 900.00 as P2 | plan completed 0.00; notice plan_completed I1 0.00
        2024-02-12 | bounce P2 | plan active 900.00
        2024-02-15 | pay 300.00 |
        2024-02-16 | | skip I1 reminder in_plan
        2024-03-15 | pay 300.00 |
        2024-04-15 | pay 300.00 | plan completed 0.00; notice plan_completed I1 0.00
        2024-04-16 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_a_completed_plan_is_broken_when_its_payment_bounces_too_late() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-02-15 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-15 | pay 300.00 |
        2024-02-16 | | skip I1 reminder in_plan
        2024-03-15 | pay 600.00 as P2 | plan completed 0.00; notice plan_completed I1 0.00
        2024-03-20 | bounce P2 | plan active 600.00; missed 2 300.00; plan broken 600.00
        2024-03-20 | | stage I1 reminder; notice plan_broken I1 600.00
        2024-03-26 | | notice reminder I1 600.00
        2024-03-27 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_a_plan_after_a_broken_one_needs_approval() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-02-15 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-16 | | missed 1 300.00; plan broken 900.00; stage I1 reminder
        2024-02-16 | | notice plan_broken I1 900.00
        2024-02-17 | plan 2 weekly from 2024-02-26 | plan pending_approval 900.00
        2024-02-18 | approve-plan pln_2024-02-17_01 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-26 | pay 450.00 |
        2024-03-04 | pay 450.00 | plan completed 0.00; notice plan_completed I1 0.00
        2024-03-05 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_a_plan_that_begins_takes_back_the_promises_that_it_wholly_covers() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01; invoice I2 500.00 due 2024-02-01 |
        2024-02-05 | promise 900.00 by 2024-02-10 I1; promise 500.00 by 2024-02-10 I1 I2 |
        2024-02-06 | plan 3 monthly from 2024-02-15 I1 | plan active 900.00
        2024-02-06 | | promise withdrawn 0.00 of 900.00; notice plan_agreed I1 0.00
        2024-02-11 | | promise broken 0.00 of 500.00
        2024-02-12 | |
    """

    assert_told(table, PLAIN, agreements=True)


def test_instalments_keep_to_month_ends_and_move_to_business_days() -> None:
    """31 October, 30 November (a Saturday: Monday 2 December), 31 December, 31 January, ..."""
    table = """
        2024-09-01 | invoice I1 900.00 due 2024-10-01 |
        2024-10-10 | plan 5 monthly from 2024-10-31 | plan active 900.00; notice plan_agreed I1 0.00
        2024-10-16 | | skip I1 reminder in_plan
        2024-11-01 | pay 180.00 |
        2024-12-03 | pay 180.00 |
        2025-01-01 | pay 180.00 |
        2025-02-01 | pay 180.00 |
        2025-03-02 | | missed 5 180.00; plan broken 180.00
        2025-03-03 | | stage I1 reminder; notice plan_broken I1 180.00
        2025-03-10 | | notice reminder I1 180.00
        2025-03-11 | |
    """

    assert_told(table, ladder(WEEKDAYS), agreements=True)


def test_rule_holds_end_with_the_plan_that_covers_everything_where_the_policy_says_so() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 900.00
        2024-02-21 | | hold oldest_days_past_due
        2024-02-25 | plan 2 monthly from 2024-03-15 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-25 | | release oldest_days_past_due
        2024-03-02 | | skip I1 fee_30 in_plan
        2024-03-16 | | missed 1 450.00; plan broken 900.00; stage I1 fee_30
        2024-03-16 | | charge I1:fee_30:percent 13.50; notice plan_broken I1 913.50
        2024-03-16 | | hold oldest_days_past_due
        2024-03-22 | | notice fee_30 I1 913.50
        2024-03-23 | |
    """

    for release in ("auto", "review"):
        rules = f'[plans]\nholds = "release"\n[holds]\nrelease = "{release}"'
        assert_told(table, ladder(f"{rules}\noldest_days_past_due = 20"), agreements=True)


def test_rule_holds_stand_until_the_plan_is_completed_where_the_policy_keeps_them() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 900.00
        2024-02-21 | | hold oldest_days_past_due
        2024-02-25 | plan 2 monthly from 2024-03-15 | plan active 900.00; notice plan_agreed I1 0.00
        2024-03-02 | | skip I1 fee_30 in_plan
        2024-03-15 | pay 450.00 |
        2024-04-15 | pay 450.00 | plan completed 0.00; notice plan_completed I1 0.00
        2024-04-15 | | release oldest_days_past_due
        2024-04-16 | |
    """

    for when in ("nothing_past_due", "condition_cleared"):
        rules = f'[plans]\nholds = "keep"\n[holds]\nrelease = "auto"\nrelease_when = "{when}"'
        assert_told(table, ladder(f"{rules}\noldest_days_past_due = 20"), agreements=True)


def test_a_rule_hold_stays_while_anything_else_is_demandable() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01; invoice I2 500.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; stage I2 reminder; notice reminder I1 I2 1,400.00
        2024-02-21 | | hold oldest_days_past_due
        2024-02-25 | plan 3 monthly from 2024-03-15 I1 | plan active 900.00
        2024-02-25 | | notice plan_agreed I1 0.00
        2024-02-28 | pay 500.00 I2 | release oldest_days_past_due
        2024-03-01 | |
    """
    rules = '[plans]\nholds = "release"\n[holds]\noldest_days_past_due = 20\nrelease = "review"'

    assert_told(table, ladder(rules), agreements=True)
