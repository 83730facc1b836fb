"""What people decide about invoices and charges, and what dunning makes of it (R4.7, R5.9, R7.4)."""

from __future__ import annotations

import pytest
from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told

FEE = "stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00"
TO_THE_FEE = f"""
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | {FEE}
"""
STORIES = {
    "an extended invoice is dunned again from its new due date": f"""
        {TO_THE_FEE}
        2024-03-10 | extend I1 to 2024-04-30 |
        2024-06-29 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-07-10 | |
    """,
    "an extension that leaves the invoice past due delays its next stage": f"""
        {TO_THE_FEE}
        2024-03-10 | extend I1 to 2024-03-01 |
        2024-04-30 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-05-10 | |
    """,
    "an extension before the first stage": """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | extend I1 to 2024-03-01 |
        2024-03-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-20 | |
    """,
    "a voided invoice is dunned no more": f"""
        {TO_THE_FEE}
        2024-03-10 | void I1 |
        2024-07-10 | |
    """,
    "what was paid on a voided invoice covers the others and pays none by itself": """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 300.00 due 2024-02-01 |
        2024-02-10 | pay 800.00 I1 |
        2024-02-12 | void I1 |
        2024-02-16 | | skip I2 reminder cash_covers
        2024-02-20 | |
    """,
    "a written-off invoice is dunned no more": f"""
        {TO_THE_FEE}
        2024-03-10 | write-off I1 |
        2024-07-10 | |
    """,
    "a write-off leaves the other invoices on their ladder": """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 300.00 due 2024-02-01 |
        2024-02-10 | write-off I1 |
        2024-02-16 | | stage I2 reminder; notice reminder I2 300.00
        2024-02-20 | |
    """,
    "a waived charge is asked for no more": f"""
        {TO_THE_FEE}
        2024-03-10 | waive I1:fee_30:percent |
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,015.00
        2024-04-10 | |
    """,
    "a reinstated charge is asked for again": f"""
        {TO_THE_FEE}
        2024-03-10 | waive I1:fee_30:percent |
        2024-03-20 | reinstate I1:fee_30:percent | charge I1:fee_30:percent:r1 15.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-04-10 | |
    """,
    "a charge that was not waived is not reinstated": f"""
        {TO_THE_FEE}
        2024-03-20 | reinstate I1:fee_30:percent |
        2024-03-25 | |
    """,
    "what was waived of a charge is reinstated once": f"""
        {TO_THE_FEE}
        2024-03-10 | waive I1:fee_30:percent |
        2024-03-11 | reinstate I1:fee_30:percent | charge I1:fee_30:percent:r1 15.00
        2024-03-12 | reinstate I1:fee_30:percent |
        2024-03-13 | waive I1:fee_30:percent:r1 |
        2024-03-14 | reinstate I1:fee_30:percent:r1 | charge I1:fee_30:percent:r2 15.00
        2024-03-15 | |
    """,
    "the charges of a voided invoice are not reinstated": f"""
        {TO_THE_FEE}
        2024-03-10 | waive I1:fee_30:percent |
        2024-03-11 | void I1 |
        2024-03-12 | reinstate I1:fee_30:percent |
        2024-03-15 | |
    """,
    "the charge of a paid invoice is owed alone, and stops nothing": f"""
        {TO_THE_FEE}
        2024-03-10 | waive I1:fee_30:percent |
        2024-03-11 | pay 1000.00 I1 |
        2024-03-20 | reinstate I1:fee_30:percent | charge I1:fee_30:percent:r1 15.00
        2024-07-10 | |
    """,
}


@pytest.mark.parametrize("name", list(STORIES))
def test_it_is_told_as_it_happens(name: str) -> None:
    assert_told(STORIES[name], ladder())


def test_a_reinstated_charge_counts_once_for_the_caps() -> None:
    table = f"""
        {TO_THE_FEE}
        2024-03-10 | waive I1:fee_30:percent |
        2024-03-20 | reinstate I1:fee_30:percent | charge I1:fee_30:percent:r1 15.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-04-10 | |
    """

    assert_told(table, ladder('[caps]\nmax_total_percent = "0.03"'))


def test_a_waived_charge_still_counts_for_the_caps() -> None:
    capped = "charge I1:fee_60:percent 5.00 capped by max_total_percent"
    table = f"""
        {TO_THE_FEE}
        2024-03-10 | waive I1:fee_30:percent |
        2024-04-01 | | stage I1 fee_60; {capped}; notice fee_60 I1 1,005.00
        2024-04-10 | |
    """

    assert_told(table, ladder('[caps]\nmax_total_percent = "0.02"'))


def test_a_reinstated_fee_of_after_the_money_came_is_reversed_like_the_first() -> None:
    table = f"""
        {TO_THE_FEE}
        2024-03-10 | waive I1:fee_30:percent |
        2024-03-20 | reinstate I1:fee_30:percent | charge I1:fee_30:percent:r1 15.00
        2024-03-25 | pay 1000.00 I1 received 2024-02-28 | reverse I1:fee_30:percent:r1 15.00
        2024-03-30 | |
    """

    assert_told(table, ladder("[cash]\nreverse_on_value_date = true"))


def test_a_reinstated_fee_of_before_the_money_came_stays() -> None:
    table = f"""
        {TO_THE_FEE}
        2024-03-10 | waive I1:fee_30:percent |
        2024-03-20 | reinstate I1:fee_30:percent | charge I1:fee_30:percent:r1 15.00
        2024-03-25 | pay 1000.00 I1 received 2024-03-12 |
        2024-03-30 | |
    """

    assert_told(table, ladder("[cash]\nreverse_on_value_date = true"))
