"""How an invoice climbs the ladder (R5.2, R5.3, R5.7, R5.9, R4.8)."""

from __future__ import annotations

from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told


def test_an_invoice_climbs_one_stage_after_the_other() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-05-01 | | stage I1 final_demand; notice final_demand I1 1,030.00
        2024-05-15 | |
    """

    assert_told(table, ladder())


def test_an_outage_of_a_month_loses_no_stage() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | outage until 2024-03-09 |
        2024-03-10 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-17 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-05-01 | | stage I1 final_demand; notice final_demand I1 1,030.00
        2024-05-10 | |
    """

    assert_told(table, ladder())


def test_after_a_long_outage_stages_follow_one_by_one() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | outage until 2024-04-05 |
        2024-04-06 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-04-13 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-19 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-05-01 | | stage I1 final_demand; notice final_demand I1 1,030.00
        2024-05-10 | |
    """

    assert_told(table, ladder())


def test_after_a_long_outage_jump_takes_all_that_are_reached_at_once() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | outage until 2024-04-05 |
        2024-04-06 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-04-13 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; stage I1 fee_60
        2024-04-13 | | charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-05-01 | | stage I1 final_demand; notice final_demand I1 1,030.00
        2024-05-10 | |
    """

    assert_told(table, ladder('[dunning]\ncatch_up = "jump"'))


def test_an_extension_moves_the_next_stage_and_repeats_none() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-20 | extend I1 to 2024-03-01 |
        2024-03-31 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-01 | |
    """

    assert_told(table, ladder())


def test_onboarding_silent_passes_over_what_was_reached() -> None:
    table = """
        2024-03-10 | invoice I1 1000.00 due 2024-02-01 issued 2024-01-02 |
        2024-04-01 | | notice fee_30 I1 1,000.00
        2024-04-08 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,015.00
        2024-04-20 | |
    """

    assert_told(table, ladder('[dunning]\nonboarding = "silent"'))


def test_onboarding_latest_leaves_the_last_stage_reached() -> None:
    table = """
        2024-03-10 | invoice I1 1000.00 due 2024-02-01 issued 2024-01-02 |
        2024-03-10 | | notice reminder I1 1,000.00
        2024-03-17 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-04-20 | |
    """

    assert_told(table, ladder('[dunning]\nonboarding = "latest"'))


def test_onboarding_full_starts_from_the_first_stage() -> None:
    table = """
        2024-03-10 | invoice I1 1000.00 due 2024-02-01 issued 2024-01-02 | stage I1 reminder
        2024-03-10 | | notice reminder I1 1,000.00
        2024-03-17 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-04-20 | |
    """

    assert_told(table, ladder('[dunning]\nonboarding = "full"'))


def test_one_notice_lists_all_that_is_past_due() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-01-02 | invoice I2 500.00 due 2024-02-03; invoice I3 70.00 due 2024-03-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 I2 1,500.00
        2024-02-22 | | stage I2 reminder; notice reminder I1 I2 1,500.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00
        2024-03-02 | | notice fee_30 I1 I2 I3 1,585.00
        2024-03-08 | | stage I2 fee_30; charge I2:fee_30:percent 7.50
        2024-03-08 | | notice fee_30 I1 I2 I3 1,592.50
    """

    assert_told(table, ladder())


def test_unconsolidated_each_invoice_has_its_own_notices() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-02-03 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-18 | | stage I2 reminder; notice reminder I2 500.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-04 | | stage I2 fee_30; charge I2:fee_30:percent 7.50; notice fee_30 I2 507.50
        2024-03-08 | |
    """

    assert_told(table, ladder("[dunning]\nconsolidate = false"))


def test_a_cap_leaves_what_room_there_is() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 5.00 capped by max_total_percent
        2024-04-01 | | notice fee_60 I1 1,020.00
        2024-04-10 | |
    """

    assert_told(table, ladder('[caps]\nmax_total_percent = "0.02"'))


def test_a_notice_announces_what_any_stage_that_it_settles_announces() -> None:
    stages = """
        [[stages]]
        id = "reminder"
        days = 15
        notice = "reminder"
        announces = true
        [[stages]]
        id = "again"
        days = 20
        notice = "reminder"
        [[stages]]
        id = "fee"
        days = 30
        notice = "late_fee"
        warn_first = true
        warn_days = 7
        charges = [ { kind = "percent", rate = "0.015" } ]
    """
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | outage until 2024-02-21 |
        2024-02-22 | | stage I1 reminder; stage I1 again; notice again I1 1,000.00
        2024-03-02 | | stage I1 fee; charge I1:fee:percent 15.00; notice fee I1 1,015.00
        2024-03-10 | |
    """

    assert_told(table, ladder('[dunning]\ncatch_up = "jump"', stages))


def test_a_final_demand_goes_out_at_once_though_a_notice_went_out_two_days_ago() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-04-02 | pause I1 until 2024-04-30; invoice I2 500.00 due 2024-04-14 |
        2024-04-29 | | stage I2 reminder; notice reminder I2 500.00
        2024-05-01 | | stage I1 final_demand; notice final_demand I1 I2 1,530.00
        2024-05-04 | |
    """

    assert_told(table, ladder())


def test_unconsolidated_the_guard_lets_the_oldest_of_equal_stages_go_first() -> None:
    table = """
        2024-01-02 | invoice I1 100.00 due 2024-02-20; invoice I2 200.00 due 2024-02-01 |
        2024-01-02 | invoice I3 300.00 due 2024-02-20 |
        2024-02-10 | outage until 2024-03-09 |
        2024-03-10 | | stage I2 reminder; stage I1 reminder; stage I3 reminder
        2024-03-10 | | notice reminder I2 200.00; skip I1 reminder contact_guard
        2024-03-10 | | skip I3 reminder contact_guard
        2024-03-11 | | notice reminder I1 100.00
        2024-03-12 | | notice reminder I3 300.00
        2024-03-16 | |
    """
    guarded = "max_contacts = 1\ncontact_window_days = 1"

    assert_told(table, ladder(f"[dunning]\nconsolidate = false\n{guarded}"))


def test_unconsolidated_the_guard_lets_the_highest_stage_go_before_an_older_invoice() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-02-16 |
        2024-02-10 | pause I1 until 2024-03-16 |
        2024-02-16 | | skip I1 reminder paused
        2024-03-02 | | stage I2 reminder; notice reminder I2 500.00
        2024-03-17 | | stage I1 reminder; stage I2 fee_30; charge I2:fee_30:percent 7.50
        2024-03-17 | | notice fee_30 I2 507.50; skip I1 reminder contact_guard
        2024-03-18 | | notice reminder I1 1,000.00
        2024-03-20 | |
    """
    guarded = "max_contacts = 1\ncontact_window_days = 1"

    assert_told(table, ladder(f"[dunning]\nconsolidate = false\n{guarded}"))
