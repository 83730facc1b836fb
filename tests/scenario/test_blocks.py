"""What is not dunned now, and what happens when that ends (R5.5, R5.6, R5.8, R6.6)."""

from __future__ import annotations

from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told


def test_a_dispute_of_a_part_leaves_the_rest_to_be_dunned_until_it_is_lost() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-20 | dispute I1 400.00 |
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 9.00; notice fee_30 I1 609.00
        2024-03-10 | lost I1 |
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,024.00
        2024-04-02 | |
    """

    assert_told(table, ladder())


def test_a_won_part_stays_out_and_its_credit_note_takes_it() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-20 | dispute I1 400.00 |
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 9.00; notice fee_30 I1 609.00
        2024-03-10 | won I1 |
        2024-03-12 | credit 400.00 I1 |
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 9.00; notice fee_60 I1 618.00
        2024-04-02 | |
    """

    assert_told(table, ladder())


def test_a_disputed_invoice_waits_and_goes_on_when_the_customer_loses() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | dispute I1 |
        2024-02-16 | | skip I1 reminder disputed
        2024-03-20 | lost I1 | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-27 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-02 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
    """

    assert_told(table, ladder())


def test_a_kept_promise_is_never_dunned() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | promise 1000.00 by 2024-02-20 |
        2024-02-16 | | skip I1 reminder promised
        2024-02-20 | pay 1000.00 I1 |
        2024-03-20 | |
    """

    assert_told(table, ladder("[promises]\ngrace_days = 2"))


def test_a_broken_promise_is_dunned_on_the_day_after_its_grace() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | promise 1000.00 by 2024-02-20 |
        2024-02-16 | | skip I1 reminder promised
        2024-02-20 | pay 300.00 I1 |
        2024-02-23 | | stage I1 reminder; notice reminder I1 700.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 10.50; notice fee_30 I1 710.50
        2024-03-05 | |
    """

    assert_told(table, ladder("[promises]\ngrace_days = 2"))


def test_a_pause_of_the_account_rests_through_its_last_day() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | pause account until 2024-02-25 |
        2024-02-16 | | skip I1 reminder paused
        2024-02-26 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-01 | |
    """

    assert_told(table, ladder())


def test_an_invoice_that_was_never_sent_is_not_dunned() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 undelivered |
        2024-02-16 | | skip I1 reminder not_delivered
        2024-02-20 | deliver I1 | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-25 | |
    """

    assert_told(table, ladder())


def test_counted_from_delivery_an_invoice_falls_due_later() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 undelivered |
        2024-02-16 | | skip I1 reminder not_delivered
        2024-02-20 | deliver I1 |
        2024-04-05 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-04-08 | |
    """

    assert_told(table, ladder("[dunning]\ncount_from_delivery = true"))


def test_cash_that_covers_what_is_due_stops_dunning() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | pay 1000.00 GHOST |
        2024-02-16 | | skip I1 reminder cash_covers
        2024-02-20 | |
    """

    assert_told(table, ladder())


def test_cash_that_no_longer_covers_stops_nothing() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | pay 1000.00 GHOST |
        2024-02-16 | | skip I1 reminder cash_covers
        2024-02-20 | invoice I2 1.00 due 2024-02-20 |
        2024-02-21 | | stage I1 reminder; notice reminder I1 I2 1,001.00
        2024-02-25 | |
    """

    assert_told(table, ladder())


def test_what_is_below_the_minimum_waits_until_there_is_more() -> None:
    table = """
        2024-01-02 | invoice I1 8.00 due 2024-02-01 |
        2024-02-16 | | skip I1 reminder below_minimum
        2024-02-20 | invoice I2 5.00 due 2024-02-21 |
        2024-02-22 | | stage I1 reminder; notice reminder I1 I2 13.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 0.12; notice fee_30 I1 I2 13.12
        2024-03-08 | | stage I2 reminder; notice reminder I1 I2 13.12
        2024-03-12 | |
    """

    assert_told(table, ladder('[dunning]\nminimum_past_due = { USD = "10.00" }'))


def test_the_contact_guard_delays_the_notice_and_not_the_stage() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-14 | call |
        2024-02-15 | call |
        2024-02-16 | | stage I1 reminder; skip I1 reminder contact_guard
        2024-02-21 | | notice reminder I1 1,000.00
        2024-02-25 | |
    """

    assert_told(table, ladder("[dunning]\nmax_contacts = 2\ncontact_window_days = 7"))
