"""Interest day by day: posted by stages, taken back by value date, posted at the end (R4, R5.5).

A rate of 36.5% a year is one dollar a day on a thousand.
"""

from __future__ import annotations

from decimal import Decimal

from chalicelib.core.policy import Policy
from chalicelib.core.policy_load import load_policy
from chalicelib.core.rates import RateSpan, RateTable
from tests.scenario.events import DAY
from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told

STAGES = """
[[stages]]
id = "reminder"
days = 15
notice = "reminder"
announces = true

[[stages]]
id = "late_30"
days = 30
notice = "late_fee"
announces = true
warn_first = true
warn_days = 7
charges = [ { kind = "interest" }, { kind = "flat", amount = { USD = "5.00" } } ]

[[stages]]
id = "late_60"
days = 60
notice = "late_fee"
announces = true
warn_first = true
warn_days = 7
charges = [ { kind = "interest" } ]

[[stages]]
id = "final_demand"
days = 90
notice = "final_demand"
final = true
charges = [ { kind = "interest" } ]
"""
INTEREST = '[interest]\nannual_rate = "0.365"\n'
LATE_CASH = "[cash]\nreverse_on_value_date = true\n"


def charging(more: str = "", tables: str = "") -> Policy:
    return ladder(INTEREST + more + tables, STAGES)


def test_interest_is_posted_with_the_stages_and_counts_from_the_due_date() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 30.00
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 1,035.00
        2024-04-01 | | stage I1 late_60; charge I1:late_60:interest 30.00
        2024-04-01 | | notice late_60 I1 1,065.00
        2024-05-01 | | stage I1 final_demand; charge I1:final_demand:interest 30.00
        2024-05-01 | | notice final_demand I1 1,095.00
        2024-05-10 | |
    """

    assert_told(table, charging())


def test_interest_accrues_under_a_block_and_only_its_posting_waits() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-28 | pause I1 until 2024-03-11 |
        2024-03-02 | | skip I1 late_30 paused
        2024-03-12 | | stage I1 late_30; charge I1:late_30:interest 40.00
        2024-03-12 | | charge I1:late_30:flat 5.00; notice late_30 I1 1,045.00
        2024-03-13 | |
    """

    assert_told(table, charging())


def test_an_outage_loses_no_interest_and_posts_none_twice() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-01 | outage until 2024-04-10 |
        2024-04-11 | | stage I1 late_30; charge I1:late_30:interest 70.00
        2024-04-11 | | charge I1:late_30:flat 5.00; notice late_30 I1 1,075.00
        2024-04-17 | | stage I1 late_60; charge I1:late_60:interest 6.00; notice late_60 I1 1,081.00
        2024-05-01 | | stage I1 final_demand; charge I1:final_demand:interest 14.00
        2024-05-01 | | notice final_demand I1 1,095.00
        2024-05-02 | |
    """

    assert_told(table, charging())


def test_a_payment_counts_as_late_through_its_own_day() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-21 | pay 500.00 I1 |
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 25.00
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 530.00
        2024-03-03 | |
    """

    assert_told(table, charging())


def test_a_disputed_part_bears_interest_again_from_the_start_when_it_is_lost() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | dispute I1 400.00 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 600.00
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 18.00
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 623.00
        2024-03-20 | lost I1 |
        2024-04-01 | | stage I1 late_60; charge I1:late_60:interest 42.00
        2024-04-01 | | notice late_60 I1 1,065.00
        2024-04-02 | |
    """

    assert_told(table, charging())


def test_a_credit_note_for_a_disputed_part_leaves_it_without_interest() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-10 | dispute I1 400.00 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 600.00
        2024-02-20 | credit 400.00 I1 |
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 18.00
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 623.00
        2024-03-03 | |
    """

    assert_told(table, charging())


def test_what_was_waived_is_not_posted_again_and_what_was_reinstated_counts_once() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 30.00
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 1,035.00
        2024-03-10 | waive I1:late_30:interest |
        2024-04-01 | | stage I1 late_60; charge I1:late_60:interest 30.00
        2024-04-01 | | notice late_60 I1 1,035.00
        2024-04-10 | reinstate I1:late_30:interest | charge I1:late_30:interest:r1 30.00
        2024-05-01 | | stage I1 final_demand; charge I1:final_demand:interest 30.00
        2024-05-01 | | notice final_demand I1 1,095.00
        2024-05-02 | |
    """

    assert_told(table, charging())


def test_a_late_booking_takes_the_fee_back_whole_and_the_interest_in_part() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 30.00
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 1,035.00
        2024-03-05 | pay 1000.00 I1 received 2024-02-26 as P1 | reverse I1:late_30:flat 5.00
        2024-03-05 | | reverse I1:late_30:interest 5.00
        2024-03-08 | bounce P1 | charge I1:late_30:flat:r1 5.00; charge I1:late_30:interest:r1 5.00
        2024-04-01 | | stage I1 late_60; charge I1:late_60:interest 30.00
        2024-04-01 | | notice late_60 I1 1,065.00
        2024-04-02 | |
    """

    assert_told(table, charging(tables=LATE_CASH))


def test_a_late_part_payment_keeps_the_fee_and_corrects_the_interest() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 30.00
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 1,035.00
        2024-03-05 | pay 500.00 I1 received 2024-02-21 | reverse I1:late_30:interest 5.00
        2024-04-01 | | stage I1 late_60; charge I1:late_60:interest 15.00; notice late_60 I1 545.00
        2024-04-02 | |
    """

    assert_told(table, charging(tables=LATE_CASH))


def test_late_payments_of_one_day_make_one_line_a_charge() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 30.00
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 1,035.00
        2024-03-05 | pay 200.00 I1 received 2024-02-21 as P1 |
        2024-03-05 | pay 300.00 I1 received 2024-02-26 as P2 | reverse I1:late_30:interest 3.50
        2024-03-06 | |
    """

    assert_told(table, charging(tables=LATE_CASH))


def test_what_is_left_is_posted_when_the_principal_is_paid_and_asked_for_no_more() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; invoice I2 200.00 due 2024-02-24 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 30.00
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 I2 1,235.00
        2024-03-10 | pay 1035.00 I1 received 2024-03-08 | charge I1:final:interest 6.00
        2024-03-10 | | stage I2 reminder; notice reminder I2 206.00
        2024-03-25 | | stage I2 late_30; charge I2:late_30:interest 6.00
        2024-03-25 | | charge I2:late_30:flat 5.00; notice late_30 I2 217.00
        2024-03-26 | |
    """

    assert_told(table, charging("post_final = true\n"))


def test_days_in_a_plan_that_broke_do_not_count() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-21 | plan 2 weekly from 2024-02-28 | notice plan_agreed I1 0.00
        2024-02-29 | | notice plan_broken I1 1,000.00
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 22.00; charge I1:late_30:flat 5.00
        2024-03-06 | | notice late_30 I1 1,027.00
        2024-03-10 | |
    """

    assert_told(table, charging())


def test_days_of_a_promise_count_only_if_it_is_broken() -> None:
    kept = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-20 | promise 400.00 by 2024-02-27 |
        2024-02-25 | pay 400.00 |
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 21.60
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 626.60
        2024-03-10 | |
    """
    broken = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-20 | promise 400.00 by 2024-02-27 |
        2024-02-25 | pay 300.00 |
        2024-03-02 | | stage I1 late_30; charge I1:late_30:interest 28.20
        2024-03-02 | | charge I1:late_30:flat 5.00; notice late_30 I1 733.20
        2024-03-10 | |
    """
    rules = charging(tables="[promises]\nwaives_fees = true\n")

    assert_told(kept, rules)
    assert_told(broken, rules)


def test_no_day_of_a_legal_stop_counts() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-02-20 | block legal_stop |
        2024-03-02 | | skip I1 late_30 legal_stop
        2024-03-06 | unblock legal_stop | stage I1 late_30; charge I1:late_30:interest 19.00
        2024-03-06 | | charge I1:late_30:flat 5.00; notice late_30 I1 1,024.00
        2024-03-10 | |
    """

    assert_told(table, charging())


def test_interest_within_grace_is_never_charged_and_beyond_it_whole() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 late_30; charge I1:late_30:flat 5.00; notice late_30 I1 1,005.00
        2024-04-01 | | stage I1 late_60; charge I1:late_60:interest 60.00
        2024-04-01 | | notice late_60 I1 1,065.00
        2024-04-02 | |
    """

    assert_told(table, charging("grace_days = 30\n"))


def test_what_a_cap_cut_off_follows_as_the_days_make_room() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 late_30; charge I1:late_30:flat 5.00
        2024-03-02 | | charge I1:late_30:interest 25.00 capped by max_annual_rate
        2024-03-02 | | notice late_30 I1 1,030.00
        2024-03-10 | pay 800.00 I1 |
        2024-04-01 | | stage I1 late_60; charge I1:late_60:interest 17.40; notice late_60 I1 247.40
        2024-04-02 | |
    """
    interest, fee = '{ kind = "interest" }', '{ kind = "flat", amount = { USD = "5.00" } }'
    stages = STAGES.replace(f"{interest}, {fee}", f"{fee}, {interest}")

    assert_told(table, ladder(INTEREST + '[caps]\nmax_annual_rate = "0.365"\n', stages))


def test_a_table_that_does_not_reach_a_day_stops_the_interest_and_nothing_else() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-06-01 |
        2024-06-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1
        2024-07-01 | | stage I1 late_30; stopped I1:late_30:interest rate_unknown
        2024-07-01 | | charge I1:late_30:flat 5.00; notice late_30 I1 1,005.00
        2024-07-02 | |
    """
    spans = (RateSpan(DAY("2023-07-01"), DAY("2024-06-30"), Decimal("0.0525")),)
    known = RateTable("bank", "Bank", "made up", DAY("2024-02-01"), spans)
    statutory = '[interest]\ntable = "bank"\nmargin = "0.08"\nmode = "floating_half_year"\n'
    document = f'id = "story"\ncurrencies = ["USD"]\n{statutory}\n{STAGES}'
    rules = load_policy(
        document.encode(), digits={"USD": 2}, holidays_for=lambda _: frozenset(),
        rate_tables={"bank": known},
    )  # fmt: skip

    assert_told(table, rules, people=True)
