"""Stories of promises to pay, over months: with every task, call and case they lead to (R6.6, R5.6)."""

from __future__ import annotations

from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told

GRACE = "[promises]\ngrace_days = 2"
STRICT = "[promises]\ngrace_days = 2\nmax_broken = 2\nbroken_window_days = 90"


def test_a_kept_promise_ends_the_look_for_its_money_and_the_other_invoice_is_dunned_on() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-03-01 |
        2024-02-10 | promise 1000.00 by 2024-02-20 |
        2024-02-16 | | skip I1 reminder promised
        2024-02-19 | pay 600.00 I1 |
        2024-02-20 | | task confirm_payment by 2024-02-20
        2024-02-22 | pay 400.00 I1 | promise kept 1,000.00 of 1,000.00; done confirm_payment kept
        2024-03-16 | | stage I2 reminder; notice reminder I2 500.00; case A-C1
        2024-03-31 | | stage I2 fee_30; charge I2:fee_30:percent 7.50; notice fee_30 I2 507.50
        2024-04-02 | |
    """

    assert_told(table, ladder(GRACE), people=True)


def test_a_part_kept_promise_is_broken_and_dunning_goes_on_at_its_next_stage_with_a_call() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1
        2024-02-20 | promise 1000.00 by 2024-03-04 |
        2024-03-02 | | skip I1 fee_30 promised
        2024-03-04 | pay 300.00 I1 | task confirm_payment by 2024-03-04
        2024-03-07 | | promise broken 300.00 of 1,000.00; done confirm_payment broken; \
stage I1 fee_30; charge I1:fee_30:percent 10.50; notice fee_30 I1 710.50; \
task call by 2024-03-07 am
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 10.50; notice fee_60 I1 721.00
        2024-04-02 | |
    """

    assert_told(table, ladder(GRACE), people=True)


def test_a_promise_over_several_stages_skips_none_of_them_when_it_is_broken() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | promise 1000.00 by 2024-04-03 |
        2024-02-16 | | skip I1 reminder promised
        2024-04-03 | | task confirm_payment by 2024-04-03
        2024-04-06 | | promise broken 0.00 of 1,000.00; done confirm_payment broken; \
stage I1 reminder; notice reminder I1 1,000.00; case A-C1; task call by 2024-04-06 am
        2024-04-13 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-19 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-05-01 | | stage I1 final_demand; notice final_demand I1 1,030.00
    """

    assert_told(table, ladder(GRACE), people=True)


def test_of_several_promises_each_ends_on_its_own_and_money_counts_once() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 800.00 due 2024-02-01 |
        2024-02-10 | promise 1000.00 by 2024-02-20 I1; promise 400.00 by 2024-02-28 I2; \
promise 400.00 by 2024-03-15 I2 |
        2024-02-16 | | skip I1 reminder promised; skip I2 reminder promised
        2024-02-20 | pay 1000.00 I1 | promise kept 1,000.00 of 1,000.00
        2024-02-28 | pay 400.00 I2 | promise kept 400.00 of 400.00
        2024-03-15 | | task confirm_payment by 2024-03-15
        2024-03-18 | | promise broken 0.00 of 400.00; done confirm_payment broken; \
stage I2 reminder; notice reminder I2 400.00; case A-C1; task call by 2024-03-18 am
        2024-03-24 | |
    """

    assert_told(table, ladder(GRACE), people=True)


def test_after_two_broken_promises_the_next_blocks_nothing_until_it_is_approved() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-03 | promise 1000.00 by 2024-02-07 |
        2024-02-07 | | task confirm_payment by 2024-02-07
        2024-02-10 | | promise broken 0.00 of 1,000.00; done confirm_payment broken; \
task call by 2024-02-10 am
        2024-02-11 | did call no_answer; promise 1000.00 by 2024-02-14 | done call no_answer; \
task call by 2024-02-12 pm; done call blocked
        2024-02-14 | | task confirm_payment by 2024-02-14
        2024-02-16 | | skip I1 reminder promised
        2024-02-17 | | promise broken 0.00 of 1,000.00; done confirm_payment broken; \
stage I1 reminder; notice reminder I1 1,000.00; case A-C1; task call by 2024-02-17 am
        2024-02-20 | promise 1000.00 by 2024-03-10 | task review_account by 2024-02-20
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-03 | approve ptp_2024-02-20_01 | done review_account approved; done call blocked
        2024-03-10 | pay 1015.00 I1 | promise kept 1,000.00 of 1,000.00; closed A-C1
        2024-04-10 | |
    """

    assert_told(table, ladder(STRICT), people=True)


def test_a_promise_that_nobody_approves_lapses_and_dunning_never_stopped() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-03 | promise 1000.00 by 2024-02-07 |
        2024-02-07 | | task confirm_payment by 2024-02-07
        2024-02-10 | | promise broken 0.00 of 1,000.00; done confirm_payment broken; \
task call by 2024-02-10 am
        2024-02-12 | promise 1000.00 by 2024-02-20 | task review_account by 2024-02-12
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1
        2024-02-23 | | promise not_approved 0.00 of 1,000.00; done review_account not_approved
        2024-02-25 | |
    """

    assert_told(table, ladder(STRICT.replace("max_broken = 2", "max_broken = 1")), people=True)


def test_a_promise_kept_by_a_payment_that_bounces_is_broken_after_all() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-03 | promise 1000.00 by 2024-02-07 |
        2024-02-07 | pay 1000.00 I1 as P1 | promise kept 1,000.00 of 1,000.00
        2024-02-25 | bounce P1 | promise broken 0.00 of 1,000.00; stage I1 reminder; \
notice reminder I1 1,000.00; case A-C1; task call by 2024-02-25 am
        2024-03-01 | |
    """

    assert_told(table, ladder(GRACE), people=True)


def test_a_credit_note_over_all_that_was_promised_ends_it_without_an_outcome() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-03 | promise 1000.00 by 2024-02-27 |
        2024-02-16 | | skip I1 reminder promised
        2024-02-17 | credit 1000.00 I1 | promise nothing_open 0.00 of 1,000.00
        2024-03-10 | |
    """

    assert_told(table, ladder(GRACE), people=True)


def test_a_withdrawn_promise_lets_dunning_go_on_the_same_day_without_a_call() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-03 | promise 1000.00 by 2024-02-27 |
        2024-02-16 | | skip I1 reminder promised
        2024-02-20 | withdraw ptp_2024-02-03_01 | promise withdrawn 0.00 of 1,000.00; \
stage I1 reminder; notice reminder I1 1,000.00; case A-C1
        2024-02-29 | |
    """

    assert_told(table, ladder(GRACE), people=True)
