"""Blocks that people, systems and the law set: what each stops, and how dunning goes on (R5.5, R5.6).

Each begins on 10 February, before the reminder of the 16th, and the hold rule speaks at 40 days.
"""

from __future__ import annotations

import pytest
from tests.scenario.policies import STAGES, ladder
from tests.scenario.telling import assert_told

CALLS = STAGES.replace('notice = "reminder"', 'notice = "reminder"\ncall = true', 1)
HOLDS = "[holds]\noldest_days_past_due = 40"
WHOLE = "1,000.00"
LADDER_AFTER = f"""
    2024-03-20 | unblock CODE | stage I1 reminder; notice reminder I1 {WHOLE} HELD
    2024-03-27 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
    2024-03-28 | |
"""


@pytest.mark.parametrize("code", ["in_plan", "placed"])
def test_what_is_agreed_or_placed_elsewhere_is_neither_dunned_nor_held(code: str) -> None:
    table = f"""
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | block {code} I1 |
        2024-02-16 | | skip I1 reminder {code}
    """ + LADDER_AFTER.replace("CODE", code).replace("HELD", "; hold oldest_days_past_due")

    assert_told(table, ladder(HOLDS))


@pytest.mark.parametrize("code", ["reply_waiting", "allocating", "legal_stop"])
def test_what_waits_for_an_answer_or_the_law_is_not_dunned_and_held_all_the_same(code: str) -> None:
    table = f"""
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | block {code} |
        2024-02-16 | | skip I1 reminder {code}
        2024-03-12 | | hold oldest_days_past_due
    """ + LADDER_AFTER.replace("CODE", code).replace("HELD", "")

    assert_told(table, ladder(HOLDS))


def test_a_pause_of_an_invoice_leaves_the_others_to_be_dunned() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 500.00 due 2024-02-01 |
        2024-02-10 | pause I1 until 2024-02-25 |
        2024-02-16 | | skip I1 reminder paused; stage I2 reminder; notice reminder I2 500.00
        2024-02-26 | | stage I1 reminder; notice reminder I1 I2 1,500.00
        2024-03-01 | |
    """

    assert_told(table, ladder())


def test_a_reply_that_waits_stops_the_call_and_its_answer_lets_dunning_go_on() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1; task call by 2024-02-17 am
        2024-02-17 | answer; block reply_waiting | done call blocked
        2024-03-02 | | skip I1 fee_30 reply_waiting
        2024-03-05 | unblock reply_waiting; call promised | stage I1 fee_30; \
charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-03-06 | |
    """

    assert_told(table, ladder("", CALLS), people=True)


def test_a_legal_stop_ends_the_call_and_nobody_is_called_until_it_is_lifted() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1; task call by 2024-02-17 am
        2024-02-17 | block legal_stop | done call blocked
        2024-03-02 | | skip I1 fee_30 legal_stop
        2024-03-10 | unblock legal_stop | stage I1 fee_30; charge I1:fee_30:percent 15.00; \
notice fee_30 I1 1,015.00
        2024-03-11 | |
    """

    assert_told(table, ladder("", CALLS), people=True)


def test_the_contact_guard_delays_the_call_that_a_notice_asks_for() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-12 | call reached |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1; task call by 2024-02-19 am
        2024-02-20 | |
    """

    assert_told(
        table, ladder("[dunning]\nmax_contacts = 2\ncontact_window_days = 7", CALLS), people=True
    )


def test_every_block_that_lies_on_an_invoice_is_told_once_and_the_last_lets_it_go() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | pause I1 until 2024-02-20; dispute I1; block reply_waiting |
        2024-02-16 | | skip I1 reminder disputed; skip I1 reminder paused; skip I1 reminder reply_waiting
        2024-02-25 | lost I1 |
        2024-03-01 | unblock reply_waiting | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | |
    """

    assert_told(table, ladder())
