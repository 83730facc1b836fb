"""Disputes over months: who is asked, what is dunned meanwhile, and what their end brings (R5.5)."""

from __future__ import annotations

from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told

PEOPLE = '[[people.tiers]]\ncollector = "carla"\n'
WEEKDAYS = '[calendar]\nbusiness_days = ["mon", "tue", "wed", "thu", "fri"]\n'


def test_returned_goods_go_to_the_sales_owner_and_come_back_when_the_customer_loses() -> None:
    table = """
        2024-01-02 | sales-owner sam; invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1
        2024-02-20 | dispute I1 for returned_goods ref RMA-7 | task review_account by 2024-03-05 for sam
        2024-03-02 | | skip I1 fee_30 disputed
        2024-04-12 | lost I1 | done review_account resolved; stage I1 fee_30; \
charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-18 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-05-01 | | stage I1 final_demand; notice final_demand I1 1,030.00
        2024-05-02 | |
    """

    assert_told(table, ladder(PEOPLE), people=True)


def test_a_part_that_is_disputed_waits_while_the_rest_is_dunned_and_charged() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | dispute I1 400.00 for pricing | task review_account by 2024-02-26 for carla
        2024-02-16 | | stage I1 reminder; notice reminder I1 600.00; case A-C1
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 9.00; notice fee_30 I1 609.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 9.00; notice fee_60 I1 618.00
        2024-04-02 | |
    """

    assert_told(table, ladder(PEOPLE + WEEKDAYS), people=True)


def test_what_the_customer_lost_in_part_is_dunned_and_the_credit_note_ends_the_rest() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | dispute I1 400.00 for quality | task review_account by 2024-02-24 for carla
        2024-02-16 | | stage I1 reminder; notice reminder I1 600.00; case A-C1
        2024-02-20 | partly I1 100.00 | done review_account resolved
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 13.50; notice fee_30 I1 913.50
        2024-03-10 | credit 100.00 I1 |
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 13.50; notice fee_60 I1 927.00
        2024-04-05 | pay 927.00 I1 | closed A-C1
        2024-04-06 | |
    """

    assert_told(table, ladder(PEOPLE), people=True)


def test_a_credit_note_over_all_that_is_disputed_ends_the_dispute() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | dispute I1 400.00 for awaiting_credit | task review_account by 2024-02-24 for carla
        2024-02-12 | credit 150.00 I1 |
        2024-02-14 | credit 250.00 I1 | done review_account nothing_disputed
        2024-02-16 | | stage I1 reminder; notice reminder I1 600.00; case A-C1
        2024-02-17 | |
    """

    assert_told(table, ladder(PEOPLE), people=True)


def test_a_due_date_that_passes_asks_nobody_again_and_duns_nothing() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | dispute I1 for duplicate by 2024-02-17 | task review_account by 2024-02-19 for carla
        2024-02-16 | | skip I1 reminder disputed
        2024-03-20 | |
    """

    assert_told(table, ladder(PEOPLE + WEEKDAYS), people=True)


def test_the_policy_says_who_owns_a_dispute_and_by_when() -> None:
    rules = '[disputes]\ndue_days = 3\nowners = { pricing = "paula", other = "sales_owner" }\n'
    table = """
        2024-01-02 | sales-owner sam; invoice I1 10.00 due 2024-02-01; invoice I2 10.00 due 2024-02-01 |
        2024-01-03 | dispute I1 for pricing; dispute I2 | task review_account by 2024-01-06 for paula; \
task review_account by 2024-01-06 for sam
        2024-01-04 | |
    """

    assert_told(table, ladder(PEOPLE + rules), people=True)


def test_a_ledger_that_says_disputed_asks_the_collector() -> None:
    table = """
        2024-01-02 | invoice I1 10.00 due 2024-02-01 disputed | task review_account by 2024-01-16 for carla
        2024-01-20 | pay 10.00 I1 | done review_account nothing_disputed
    """

    assert_told(table, ladder(PEOPLE), people=True)


def test_a_bounced_payment_brings_the_dispute_back_and_its_owner_is_asked_again() -> None:
    table = """
        2024-01-02 | invoice I1 100.00 due 2024-02-01 |
        2024-01-05 | dispute I1 40.00 owner otto | task review_account by 2024-01-19 for otto
        2024-01-10 | pay 100.00 I1 as P1 | done review_account nothing_disputed
        2024-01-22 | bounce P1 | task review_account by 2024-01-22 for otto
        2024-02-16 | | stage I1 reminder; notice reminder I1 60.00; case A-C1
    """

    assert_told(table, ladder(PEOPLE), people=True)


def test_another_dispute_asks_another_owner() -> None:
    table = """
        2024-01-02 | invoice I1 100.00 due 2024-02-01 |
        2024-01-05 | dispute I1 40.00 owner otto | task review_account by 2024-01-19 for otto
        2024-01-08 | dispute I1 for quality owner paula | done review_account replaced; \
task review_account by 2024-01-22 for paula
        2024-01-09 | reassign I1 since 2024-01-08 to otto |
        2024-01-10 | won I1 | done review_account resolved
        2024-02-16 | | skip I1 reminder disputed
    """

    assert_told(table, ladder(PEOPLE), people=True)


def test_a_block_is_told_again_when_a_bounce_reopens_what_was_paid() -> None:
    table = """
        2024-01-02 | invoice I1 100.00 due 2024-02-01 disputed |
        2024-02-16 | | skip I1 reminder disputed
        2024-02-20 | pay 100.00 I1 as P1 |
        2024-02-25 | bounce P1 | skip I1 reminder disputed
        2024-02-26 | |
    """

    assert_told(table, ladder(PEOPLE))
