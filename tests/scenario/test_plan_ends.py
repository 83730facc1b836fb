"""The letter that a plan has ended, and the notice that waits for it (R5.3, R9.4)."""

from __future__ import annotations

from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told

LAST = """
[[stages]]
id = "last"
days = 15
notice = "final_demand"
final = true
respond_within_days = 10
"""


def test_on_the_day_a_plan_breaks_one_letter_goes_out_and_the_stages_notice_after_the_interval() -> (
    None
):
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-03-01 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-16 | | skip I1 reminder in_plan
        2024-03-02 | | missed 1 300.00; plan broken 900.00; stage I1 reminder
        2024-03-02 | | notice plan_broken I1 900.00
        2024-03-11 | | notice reminder I1 900.00
        2024-03-12 | |
    """

    assert_told(table, ladder("[dunning]\nmin_days_between_notices = 9"), agreements=True)


def test_unconsolidated_only_the_invoices_of_the_plan_that_broke_wait_for_the_interval() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01; invoice I2 500.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-02-15 I1 | plan active 900.00
        2024-02-05 | | notice plan_agreed I1 0.00
        2024-02-16 | | missed 1 300.00; plan broken 900.00; stage I1 reminder; stage I2 reminder
        2024-02-16 | | notice plan_broken I1 900.00; notice reminder I2 500.00
        2024-02-22 | | notice reminder I1 900.00
        2024-02-23 | |
    """

    assert_told(table, ladder("[dunning]\nconsolidate = false"), agreements=True)


def test_a_final_demand_waits_one_day_for_the_letter_that_a_plan_has_ended() -> None:
    table = """
        2024-01-02 | invoice I1 900.00 due 2024-02-01 |
        2024-02-05 | plan 3 monthly from 2024-03-01 | plan active 900.00; notice plan_agreed I1 0.00
        2024-02-16 | | skip I1 last in_plan
        2024-03-02 | | missed 1 300.00; plan broken 900.00; stage I1 last
        2024-03-02 | | notice plan_broken I1 900.00
        2024-03-03 | | notice last I1 900.00
        2024-03-04 | |
    """

    assert_told(table, ladder(stages=LAST), agreements=True)
