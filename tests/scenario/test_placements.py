"""Placements over weeks: proposed, offered, worked, suspended, recalled, closed (R10)."""

from __future__ import annotations

from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told, read, run

ESCALATION = """
    [escalation]
    {}
    [[escalation.agencies]]
    agency = "north"
"""
FEE = ladder(ESCALATION.format('collection_fee = { percent = "0.15" }'))
BY_ITSELF = ladder(
    ESCALATION.format("""
        auto_approve_after_days = 3
        auto_recall_after_days = 20
        recall_days = 5
        closing_days = 10
    """)
)
ATTEMPTS = ladder(ESCALATION.format("min_attempts = 6\nmin_channels = 2"))
WEEKDAYS = ladder(
    ESCALATION.format("")
    + """
    [calendar]
    processing_days = ["mon", "tue", "wed", "thu", "fri"]
"""
)
# The final demand of 1 May asks for an answer by the 11th.
DEMANDED = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00
        2024-03-02 | | stage I1 fee_30; charge I1:fee_30:percent 15.00; notice fee_30 I1 1,015.00
        2024-04-01 | | stage I1 fee_60; charge I1:fee_60:percent 15.00; notice fee_60 I1 1,030.00
        2024-05-01 | | stage I1 final_demand; notice final_demand I1 1,030.00
"""
PROPOSED = (
    DEMANDED
    + """
        2024-05-12 | | placement propose draft rule; placement submit pending_approval
"""
)


def test_a_placement_is_worked_until_all_of_it_is_paid() -> None:
    table = (
        PROPOSED
        + """
        2024-05-13 | placement 2024-05-12 approve by ben | placement approve offered; hold placed
        2024-05-14 | placement 2024-05-12 accept | placement accept active
        2024-05-14 | | charge plc_e8abf3b2d4f5594b57b1:collection_fee:USD 150.00
        2024-05-14 | | placed fee 150.00 left 1,180.00
        2024-05-20 | pay 300.00 I1 | placed payment_direct -300.00 left 880.00
        2024-06-10 | agency-pay 100.00 for 2024-05-12 | placed payment_agency -100.00 left 780.00
        2024-07-01 | pay 780.00 | placed payment_direct -780.00 left 0.00; placed I1 ended
        2024-07-01 | | placement paid closing payment_direct; release placed
        2024-08-10 | |
    """
    )

    assert_told(table, FEE, placements=True)


def test_an_agency_rests_while_the_account_is_paused_and_goes_on_the_day_after() -> None:
    table = (
        PROPOSED
        + """
        2024-05-13 | placement 2024-05-12 approve by ben | placement approve offered; hold placed
        2024-05-14 | placement 2024-05-12 accept | placement accept active
        2024-05-24 | pause account until 2024-05-30 | placement suspend suspended paused
        2024-05-31 | | placement resume active
        2024-06-20 | |
    """
    )

    assert_told(table, ladder(ESCALATION.format("")), placements=True)


def test_a_recall_takes_effect_ten_days_later_unless_it_is_taken_back_in_a_week() -> None:
    table = (
        PROPOSED
        + """
        2024-05-13 | placement 2024-05-12 approve by ben | placement approve offered; hold placed
        2024-05-14 | placement 2024-05-12 accept | placement accept active
        2024-06-01 | placement 2024-05-12 recall for other | placement recall recall_pending other
        2024-06-08 | placement 2024-05-12 cancel_recall | placement cancel_recall active
        2024-06-20 | placement 2024-05-12 recall for other | placement recall recall_pending other
        2024-06-28 | placement 2024-05-12 cancel_recall |
        2024-06-30 | | placement recalled closing other; release placed
        2024-07-30 | | placement close closed other
        2024-08-20 | |
    """
    )

    assert_told(table, ladder(ESCALATION.format("")), placements=True)


def test_an_agency_from_which_it_is_asked_back_is_told_to_rest_and_to_go_on() -> None:
    table = (
        PROPOSED
        + """
        2024-05-13 | placement 2024-05-12 approve by ben | placement approve offered; hold placed
        2024-05-14 | placement 2024-05-12 accept | placement accept active
        2024-06-01 | placement 2024-05-12 recall for other | placement recall recall_pending other
        2024-06-02 | pause account until 2024-06-04 | placement suspend recall_pending paused
        2024-06-05 | | placement resume recall_pending
        2024-06-08 | placement 2024-05-12 cancel_recall | placement cancel_recall active
        2024-06-20 | |
    """
    )

    assert_told(table, ladder(ESCALATION.format("")), placements=True)


def test_an_offer_that_nobody_answers_expires_and_only_a_person_proposes_again() -> None:
    table = (
        PROPOSED
        + """
        2024-05-13 | placement 2024-05-12 approve by ben | placement approve offered; hold placed
        2024-05-20 | |
        2024-05-21 | | placement expire closed; release placed
        2024-06-25 | propose by anna | placement propose draft
        2024-06-26 | placement 2024-06-25 submit by anna | placement submit pending_approval
        2024-06-27 | placement 2024-06-25 approve by anna |
        2024-06-28 | placement 2024-06-25 approve by ben | placement approve offered; hold placed
        2024-06-29 | pay 1030.00 | placed payment_direct -1,030.00 left 0.00; placed I1 ended
        2024-06-29 | | placement withdraw closed paid; release placed
        2024-07-20 | |
    """
    )

    assert_told(table, ladder(ESCALATION.format("")), placements=True)


def test_what_was_declined_waits_as_a_draft_and_lapses_once_it_is_paid() -> None:
    table = (
        PROPOSED
        + """
        2024-05-13 | placement 2024-05-12 decline by ben for wait | placement decline draft wait
        2024-06-10 | pay 1030.00 | placement lapse closed nothing_open
        2024-06-20 | |
    """
    )

    assert_told(table, ladder(ESCALATION.format("")), placements=True)


def test_a_proposal_lapses_when_its_invoice_is_disputed_and_comes_again_when_it_is_lost() -> None:
    table = (
        PROPOSED
        + """
        2024-05-14 | dispute I1 10.00 | placement lapse closed checklist
        2024-05-20 | lost I1 | placement propose draft rule; placement submit pending_approval
        2024-06-20 | |
    """
    )

    assert_told(table, ladder(ESCALATION.format("")), placements=True)


def test_time_approves_recalls_and_closes_where_the_policy_says_so() -> None:
    table = (
        PROPOSED
        + """
        2024-05-15 | | placement approve offered; hold placed
        2024-05-16 | placement 2024-05-12 accept | placement accept active
        2024-05-20 | dispute I1 100.00 | placement suspend suspended disputed
        2024-06-05 | | placement recall recall_pending auto
        2024-06-10 | | placement recalled closing auto; release placed
        2024-06-20 | | placement close closed auto
        2024-07-20 | |
    """
    )

    assert_told(table, BY_ITSELF, placements=True)


def test_attempts_to_one_contact_alone_are_not_enough() -> None:
    table = (
        DEMANDED
        + """
        2024-05-14 | call no_answer |
        2024-05-16 | call no_answer |
        2024-06-20 | |
    """
    )

    assert_told(table, ATTEMPTS, placements=True)


def test_what_comes_to_hold_on_a_sunday_is_proposed_on_monday() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-05-18 | pause account until 2024-05-18 |
        2024-05-20 | |
    """

    told = [line for line in run(read(table), WEEKDAYS, placements=True) if "placement" in line]
    assert told == [
        "2024-05-13 placement propose draft rule",  # the 12th is a Sunday
        "2024-05-13 placement submit pending_approval",
        "2024-05-18 placement lapse closed checklist",  # also on a Saturday
        "2024-05-20 placement propose draft rule",
        "2024-05-20 placement submit pending_approval",
    ]


def test_the_owner_is_consulted_and_asked_what_comes_after_an_offer_that_expired() -> None:
    table = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-05-13 | placement 2024-05-12 approve by ben |
        2024-05-22 | |
    """

    told = run(read(table), ladder(ESCALATION.format("")), people=True)
    tasks = [line for line in told if "consult_owner" in line or "review_account" in line]
    assert tasks == [
        "2024-05-12 task consult_owner by 2024-05-12",
        "2024-05-13 done consult_owner approved",
        "2024-05-21 task review_account by 2024-05-21",
    ]


def test_an_agency_rests_while_what_is_placed_is_not_due_any_more() -> None:
    table = (
        PROPOSED
        + """
        2024-05-13 | placement 2024-05-12 approve by ben | placement approve offered; hold placed
        2024-05-14 | placement 2024-05-12 accept | placement accept active
        2024-05-14 | | charge plc_e8abf3b2d4f5594b57b1:collection_fee:USD 150.00
        2024-05-14 | | placed fee 150.00 left 1,180.00
        2024-05-20 | extend I1 to 2024-06-10 | placement suspend suspended not_due
        2024-06-11 | | placement resume active
    """
    )

    assert_told(table, FEE, placements=True)
