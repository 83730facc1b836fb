"""What money that comes in does to what was dunned (R4.9, R7.1, R7.3, R7.4)."""

from __future__ import annotations

from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told


def test_a_late_booking_reverses_a_fee_of_after_the_money_came() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-10 | pay 1000.00 I1 received 2024-02-28 | reverse I1:fee_30:percent 15.00
        2024-03-20 | |
    """

    assert_told(table, ladder("[cash]\nreverse_on_value_date = true"))


def test_a_late_booking_leaves_a_fee_of_before_the_money_came() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-10 | pay 1000.00 I1 received 2024-03-03 |
        2024-03-20 | |
    """

    assert_told(table, ladder("[cash]\nreverse_on_value_date = true"))


def test_a_late_booking_of_a_part_reverses_nothing() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-10 | pay 999.00 I1 received 2024-02-28 |
        2024-03-20 | |
    """

    assert_told(table, ladder("[cash]\nreverse_on_value_date = true"))


def test_a_bounced_payment_brings_the_reversed_fee_back_as_its_next_revision() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-10 | pay 1000.00 I1 received 2024-02-28 as P1 | reverse I1:fee_30:percent 15.00
        2024-03-14 | bounce P1 | charge I1:fee_30:percent:r1 15.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-04-03 | |
    """

    assert_told(table, ladder("[cash]\nreverse_on_value_date = true"))


def test_a_bounced_payment_is_dunned_as_if_it_had_never_come() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | pay 1000.00 I1 as P1 |
        2024-02-18 | bounce P1 | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-25 | |
    """

    assert_told(table, ladder())


def test_a_short_payment_within_the_tolerance_is_written_off() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | pay 999.50 I1 |
        2024-03-10 | |
    """

    assert_told(
        table,
        ladder("""
        [cash]
        short_payment_tolerance = { USD = "1.00" }
        write_off_short_payments = true
    """),
    )


def test_a_short_payment_beyond_the_tolerance_is_dunned() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | pay 998.50 I1 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1.50
        2024-02-20 | |
    """

    assert_told(
        table,
        ladder("""
        [cash]
        short_payment_tolerance = { USD = "1.00" }
        write_off_short_payments = true
    """),
    )


def test_a_void_gives_the_money_back_as_unapplied_cash() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-20 | pay 300.00 I1 |
        2024-02-25 | void I1 |
        2024-02-26 | invoice I2 300.00 due 2024-02-26 |
        2024-03-12 | | skip I2 reminder cash_covers
        2024-03-20 | |
    """

    assert_told(table, ladder())


def test_a_waived_fee_is_no_longer_asked_for() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-10 | waive I1:fee_30:percent |
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,015.00
        2024-04-02 | |
    """

    assert_told(table, ladder())


def test_a_payment_of_the_oldest_skips_no_stage_of_the_others() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-02-11 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 I2 1,500.00
        2024-02-20 | pay 1000.00 |
        2024-02-26 | | stage I2 reminder; notice reminder I2 500.00
        2024-03-12 | | stage I2 fee_30; charge I2:fee_30:percent 7.50; notice fee_30 I2 507.50
        2024-03-14 | |
    """

    assert_told(table, ladder())


def test_a_late_booking_reverses_a_fee_of_the_very_day_the_money_came() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-10 | pay 1000.00 I1 received 2024-03-02 | reverse I1:fee_30:percent 15.00
        2024-03-20 | |
    """

    assert_told(table, ladder("[cash]\nreverse_on_value_date = true"))


def test_what_a_late_short_payment_left_open_is_written_off_as_of_its_value_date() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-10 | pay 999.50 I1 received 2024-02-28 | reverse I1:fee_30:percent 15.00
        2024-03-20 | |
    """

    assert_told(
        table,
        ladder("""
        [cash]
        short_payment_tolerance = { USD = "1.00" }
        write_off_short_payments = true
        reverse_on_value_date = true
    """),
    )


def test_a_fee_that_was_reversed_takes_no_room_under_the_cap() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-10 | pay 1000.00 I1 received 2024-02-28 as P1 | reverse I1:fee_30:percent 15.00
        2024-03-14 | bounce P1 | charge I1:fee_30:percent:r1 15.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-04-03 | |
    """

    assert_told(
        table,
        ladder("""
        [cash]
        reverse_on_value_date = true
        [caps]
        max_total_percent = "0.03"
    """),
    )


def test_a_payment_pays_the_charges_of_the_invoice_it_names_before_other_principal() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-02-20 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 I2 1,515.00
        2024-03-05 | pay 1015.00 I1 |
        2024-03-08 | | stage I2 reminder; notice reminder I2 500.00
        2024-03-21 | | stage I2 fee_30; charge I2:fee_30:percent 7.50; notice fee_30 I2 507.50
        2024-03-22 | |
    """

    assert_told(table, ladder())
