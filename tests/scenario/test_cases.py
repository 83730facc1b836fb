"""Stories of cases and of letters that come again, day by day (R6.4, R6.5)."""

from __future__ import annotations

from chalicelib.core.policy import Policy
from tests.scenario.policies import STAGES, ladder
from tests.scenario.telling import read, run

TWICE_WEEKLY = '[calendar]\nprocessing_days = ["tue", "thu"]\n'
REPEATED = """
[[stages]]
id = "past_due"
days = 1
notice = "reminder"
repeat_notice = true
"""
LADDER = STAGES.replace('id = "reminder"\n', 'id = "reminder"\nrepeat_notice = true\n')


def assert_cases_and_letters(table: str, policy: Policy) -> None:
    """Of all that happens, the cases and notices are as the table says."""
    story = read(table)
    words = ("case", "closed", "notice", "charge", "skip")
    told = [line for line in run(story, policy, people=True) if line.split()[1] in words]

    assert told == story.expected


def test_the_same_letter_goes_again_until_the_invoice_is_paid() -> None:
    assert_cases_and_letters(
        """
        2024-03-01 | invoice I1 100.00 due 2024-03-04 |
        2024-03-05 |                 | notice past_due I1 100.00; case A-C1
        2024-03-07 |                 | notice past_due I1 100.00
        2024-03-11 | pay 40.00 I1    |
        2024-03-12 |                 | notice past_due I1 60.00
        2024-03-13 | pay 60.00 I1    | closed A-C1
        2024-03-31 |                 |
        """,
        ladder(f"{TWICE_WEEKLY}[dunning]\nmin_days_between_notices = 0\n", REPEATED),
    )


def test_an_interval_delays_the_letter_that_comes_again() -> None:
    assert_cases_and_letters(
        """
        2024-03-01 | invoice I1 100.00 due 2024-03-04 |
        2024-03-05 |                 | notice past_due I1 100.00; case A-C1
        2024-03-12 |                 | notice past_due I1 100.00
        2024-03-19 |                 | notice past_due I1 100.00
        2024-03-25 |                 |
        """,
        ladder(f"{TWICE_WEEKLY}[dunning]\nmin_days_between_notices = 6\n", REPEATED),
    )


def test_a_block_stops_the_letters_and_its_end_lets_them_go_on() -> None:
    assert_cases_and_letters(
        """
        2024-03-01 | invoice I1 100.00 due 2024-03-04   |
        2024-03-05 |                                    | notice past_due I1 100.00; case A-C1
        2024-03-06 | promise 100.00 by 2024-03-13 I1    |
        2024-03-14 |                                    | notice past_due I1 100.00
        2024-03-15 | pause account until 2024-03-20     |
        2024-03-21 |                                    | notice past_due I1 100.00
        2024-03-22 | dispute I1                         |
        2024-03-28 | lost I1                            | notice past_due I1 100.00
        """,
        ladder(f"{TWICE_WEEKLY}[dunning]\nmin_days_between_notices = 0\n", REPEATED),
    )


def test_a_new_invoice_is_listed_with_those_whose_letter_comes_again() -> None:
    assert_cases_and_letters(
        """
        2024-03-01 | invoice I1 100.00 due 2024-03-04; invoice I2 50.00 due 2024-03-06 |
        2024-03-05 |             | notice past_due I1 100.00; case A-C1
        2024-03-07 |             | notice past_due I1 I2 150.00
        2024-03-08 | pay 100.00 I1 |
        2024-03-12 |             | notice past_due I2 50.00
        """,
        ladder(f"{TWICE_WEEKLY}[dunning]\nmin_days_between_notices = 0\n", REPEATED),
    )


def test_the_contact_guard_delays_repeats_and_is_reported_once_until_one_goes() -> None:
    """Two contacts in five days: the third letter waits until the first is five days old."""
    guard = "max_contacts = 2\ncontact_window_days = 5\nmin_days_between_notices = 0\n"
    assert_cases_and_letters(
        """
        2024-03-01 | invoice I1 100.00 due 2024-03-04 |
        2024-03-05 |             | notice past_due I1 100.00; case A-C1
        2024-03-06 |             | notice past_due I1 100.00
        2024-03-07 |             | skip I1 past_due contact_guard
        2024-03-10 |             | notice past_due I1 100.00
        2024-03-11 |             | notice past_due I1 100.00
        2024-03-12 |             | skip I1 past_due contact_guard
        2024-03-14 |             |
        """,
        ladder(f"[dunning]\n{guard}", REPEATED),
    )


def test_the_next_stage_comes_before_another_letter_of_the_last_one() -> None:
    """The letter comes again each week, charges nothing new, and the fee's stage is on its day."""
    assert_cases_and_letters(
        """
        2024-03-01 | invoice I1 100.00 due 2024-03-04 |
        2024-03-19 |             | notice reminder I1 100.00; case A-C1
        2024-03-26 |             | notice reminder I1 100.00
        2024-04-02 |             | notice reminder I1 100.00
        2024-04-09 |             | charge I1:fee_30:percent 1.50; notice fee_30 I1 101.50
        2024-05-01 |             |
        """,
        ladder(f"{TWICE_WEEKLY}[dunning]\nmin_days_between_notices = 7\n", LADDER),
    )


def test_what_was_passed_over_is_not_asked_for_again_and_again() -> None:
    assert_cases_and_letters(
        """
        2024-03-08 | invoice I1 100.00 due 2024-03-04 issued 2024-02-04 |
        2024-03-31 |             |
        """,
        ladder(f"{TWICE_WEEKLY}[dunning]\nmin_days_between_notices = 0\n", REPEATED),
    )


def test_without_consolidation_each_invoice_has_its_own_letters() -> None:
    assert_cases_and_letters(
        """
        2024-03-01 | invoice I1 100.00 due 2024-03-04; invoice I2 50.00 due 2024-03-06 |
        2024-03-05 |             | notice past_due I1 100.00; case A-C1
        2024-03-07 |             | notice past_due I1 100.00; notice past_due I2 50.00
        2024-03-08 | pay 100.00 I1 |
        2024-03-12 |             | notice past_due I2 50.00
        """,
        ladder(
            f"{TWICE_WEEKLY}[dunning]\nmin_days_between_notices = 0\nconsolidate = false\n",
            REPEATED,
        ),
    )


def test_a_missed_first_run_opens_the_months_case_on_the_next_decision() -> None:
    assert_cases_and_letters(
        """
        2024-03-01 | invoice I1 100.00 due 2024-03-20; outage until 2024-04-04 |
        2024-04-05 |                 | case A-C1
        2024-04-09 |                 | notice past_due I1 100.00
        2024-04-10 | pay 100.00 I1   | closed A-C1
        2024-05-10 |                 |
        """,
        ladder(
            f"{TWICE_WEEKLY}[dunning]\nonboarding = 'latest'\n[case]\n"
            'opens = "first_run_of_month"\n',
            REPEATED,
        ),
    )


def test_a_month_with_debts_has_a_case_and_the_next_one_a_new_number() -> None:
    """Past due before the first run, paid, past due again before the next month's first run."""
    assert_cases_and_letters(
        """
        2024-03-01 | invoice I1 100.00 due 2024-03-28; invoice I2 50.00 due 2024-04-28 |
        2024-04-02 |                 | notice past_due I1 100.00; case A-C1
        2024-04-03 | pay 100.00 I1   | closed A-C1
        2024-04-30 |                 | notice past_due I2 50.00
        2024-05-02 |                 | notice past_due I2 50.00; case A-C2
        2024-05-03 | pay 50.00 I2    | closed A-C2
        2024-06-20 |                 |
        """,
        ladder(
            f"{TWICE_WEEKLY}[dunning]\nmin_days_between_notices = 0\n[case]\n"
            'opens = "first_run_of_month"\n',
            REPEATED,
        ),
    )
