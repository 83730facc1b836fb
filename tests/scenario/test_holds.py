"""When an account is held, and when it is free again (R8.1, R8.3, R5.7)."""

from __future__ import annotations

from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told


def test_a_payment_on_a_saturday_frees_the_account_on_saturday() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-21 | | hold oldest_days_past_due
        2024-02-24 | pay 1000.00 I1 | release oldest_days_past_due
        2024-03-01 | |
    """

    assert_told(
        table,
        ladder("""
        [calendar]
        processing_days = ["mon", "tue", "wed", "thu", "fri"]
        [holds]
        oldest_days_past_due = 20
        release = "auto"
    """),
    )


def test_an_account_taken_in_late_is_reviewed_and_not_held_until_it_was_clear() -> None:
    table = """
        2024-03-10 | invoice I1 1000.00 due 2024-02-01 issued 2024-01-02 |
        2024-03-20 | pay 1000.00 I1 |
        2024-03-21 | invoice I2 50.00 due 2024-03-21 |
        2024-04-05 | | stage I2 reminder; notice reminder I2 50.00
        2024-04-10 | | hold oldest_days_past_due
        2024-04-20 | | stage I2 fee_30; charge I2:fee_30:percent 0.75; notice fee_30 I2 50.75
    """

    assert_told(table, ladder('[holds]\noldest_days_past_due = 20\nrelease = "auto"'))


def test_an_account_taken_in_late_is_held_where_the_policy_says_so() -> None:
    table = """
        2024-03-10 | invoice I1 1000.00 due 2024-02-01 issued 2024-01-02 |
        2024-03-10 | | hold oldest_days_past_due
        2024-03-11 | |
    """

    assert_told(
        table,
        ladder("""
        [holds]
        oldest_days_past_due = 20
        release = "auto"
        onboarding = "place"
    """),
    )


def test_an_unanswered_final_demand_places_a_hold() -> None:
    table = """
        2024-01-02 | invoice I1 100.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 100.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 1.50; notice fee_30 I1 101.50
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 1.50; notice fee_60 I1 103.00
        2024-05-01 | | stage I1 final_demand; notice final_demand I1 103.00
        2024-05-12 | | hold unanswered_final_demand
        2024-05-20 | pay 100.00 I1 | release unanswered_final_demand
        2024-05-25 | |
    """

    assert_told(table, ladder('[holds]\nunanswered_final_demand = true\nrelease = "auto"'))


def test_an_answer_keeps_the_account_free() -> None:
    table = """
        2024-01-02 | invoice I1 100.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 100.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 1.50; notice fee_30 I1 101.50
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 1.50; notice fee_60 I1 103.00
        2024-05-01 | | stage I1 final_demand; notice final_demand I1 103.00
        2024-05-05 | answer |
        2024-05-20 | |
    """

    assert_told(table, ladder('[holds]\nunanswered_final_demand = true\nrelease = "auto"'))


def test_invoices_paid_late_place_a_hold_while_something_is_past_due() -> None:
    table = """
        2024-01-02 | invoice I1 10.00 due 2024-01-05; invoice I2 20.00 due 2024-01-06 |
        2024-01-02 | invoice I3 30.00 due 2024-02-01 |
        2024-01-08 | pay 10.00 I1 |
        2024-01-09 | pay 20.00 I2 |
        2024-02-02 | | hold late_of_last
        2024-02-05 | pay 30.00 I3 | release late_of_last
        2024-02-10 | |
    """

    assert_told(table, ladder('[holds]\nlate_of_last = [2, 3]\nrelease = "auto"'))


def test_a_disputed_invoice_holds_nobody() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 disputed |
        2024-02-16 | | skip I1 reminder disputed
        2024-03-10 | |
    """

    assert_told(table, ladder('[holds]\noldest_days_past_due = 20\nrelease = "auto"'))


def test_disputed_invoices_that_were_paid_late_place_no_hold() -> None:
    table = """
        2024-01-02 | invoice I1 10.00 due 2024-01-05 disputed; invoice I2 20.00 due 2024-01-06 |
        2024-01-02 | invoice I3 30.00 due 2024-02-01 |
        2024-01-07 | dispute I2 5.00 |
        2024-01-08 | pay 10.00 I1 |
        2024-01-09 | pay 20.00 I2 |
        2024-02-10 | |
    """

    assert_told(table, ladder('[holds]\nlate_of_last = [1, 3]\nrelease = "auto"'))
