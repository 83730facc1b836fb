"""Whom to call and when, and what comes of it, told over weeks (R6.2, R6.3, R5.5)."""

from __future__ import annotations

import pytest
from tests.scenario.policies import ladder
from tests.scenario.telling import assert_told

STAGES = """
[[stages]]
id = "reminder"
days = 15
notice = "reminder"
call = true

[[stages]]
id = "second"
days = 45
notice = "reminder"
call = true
"""
OFFICE = """
[calendar]
business_days = ["mon", "tue", "wed", "thu", "fri"]
"""
PEOPLE = """
[people]
tiers = [ { collector = "carla" } ]
"""
# The reminder goes out on a Friday.
CALLED = """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01; sales-owner sam |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1
        2024-02-16 | | task call by 2024-02-19 am for carla
"""
FIVE_TRIES = f"""
        {CALLED}
        2024-02-19 | did call no_answer | done call no_answer; task call by 2024-02-20 pm for carla
        2024-02-20 | did call voicemail | done call voicemail; task call by 2024-02-21 am for carla
        2024-02-21 | did call busy | done call busy; task call by 2024-02-22 pm for carla
        2024-02-22 | did call not_available | done call not_available
        2024-02-22 | | task call by 2024-02-23 am for carla
        2024-02-23 | did call no_answer | done call no_answer
        2024-02-23 | | task find_contact by 2024-02-23 for sam
"""
STORIES = {
    "five tries alternate the halves of the day, and then sales looks for a contact": f"""
        {FIVE_TRIES}
        2024-03-17 | | stage I1 second; notice second I1 1,000.00
        2024-03-18 | did find_contact done | done find_contact done
        2024-03-18 | | task call by 2024-03-19 am for carla
        2024-03-19 | did call no_answer | done call no_answer; task call by 2024-03-20 pm for carla
        2024-03-25 | |
    """,
    "what is paid meanwhile needs no contact": f"""
        {FIVE_TRIES}
        2024-02-26 | pay 1000.00 | closed A-C1; done find_contact nothing_to_ask
        2024-03-01 | |
    """,
    "reaching somebody starts the tries again": f"""
        {CALLED}
        2024-02-19 | did call no_answer | done call no_answer; task call by 2024-02-20 pm for carla
        2024-02-20 | did call no_answer | done call no_answer; task call by 2024-02-21 am for carla
        2024-02-21 | did call no_answer | done call no_answer; task call by 2024-02-22 pm for carla
        2024-02-22 | did call no_answer | done call no_answer; task call by 2024-02-23 am for carla
        2024-02-23 | did call other | done call other
        2024-03-17 | | stage I1 second; notice second I1 1,000.00
        2024-03-17 | | task call by 2024-03-18 am for carla
        2024-03-18 | did call no_answer | done call no_answer; task call by 2024-03-19 pm for carla
        2024-03-20 | |
    """,
    "a customer is called back when they asked to be, the guard notwithstanding": f"""
        {CALLED}
        2024-02-19 | did call not_available back 2024-02-23 at 14:30 | done call not_available
        2024-02-19 | | task call by 2024-02-23 pm for carla
        2024-02-23 | did call other | done call other
        2024-02-29 | |
    """,
    "calls that were recorded without a task count as tries": f"""
        {CALLED}
        2024-02-17 | call no_answer; call voicemail; call busy |
        2024-02-18 | call no_answer; call no_answer | done call too_many_attempts
        2024-02-18 | | task find_contact by 2024-02-19 for sam
        2024-02-20 | answer | done find_contact reached
        2024-03-17 | | stage I1 second; notice second I1 1,000.00
        2024-03-17 | | task call by 2024-03-18 am for carla
    """,
    "a wrong contact stops the calls until another is found": f"""
        {CALLED}
        2024-02-19 | did call wrong_contact | done call wrong_contact
        2024-02-19 | | task find_contact by 2024-02-19 for sam
        2024-03-17 | | stage I1 second; notice second I1 1,000.00
        2024-03-20 | did find_contact done | done find_contact done
        2024-03-20 | | task call by 2024-03-21 am for carla
        2024-03-21 | |
    """,
    "it is said to be paid, and no money comes": f"""
        {CALLED}
        2024-02-19 | did call paid | done call paid
        2024-02-19 | | task confirm_payment by 2024-02-20 for carla
        2024-02-21 | | done confirm_payment no_money_came; task call by 2024-02-21 am for carla
        2024-02-25 | |
    """,
    "it is said to be paid on a Friday, and looked for on Monday": f"""
        {CALLED}
        2024-02-23 | did call paid | done call paid
        2024-02-23 | | task confirm_payment by 2024-02-26 for carla
        2024-02-26 | did confirm_payment:paid not_received | done confirm_payment not_received
        2024-02-26 | | task call by 2024-02-26 am for carla
        2024-03-01 | |
    """,
    "it is said to be paid, and some money comes": f"""
        {CALLED}
        2024-02-19 | did call paid | done call paid
        2024-02-19 | | task confirm_payment by 2024-02-20 for carla
        2024-02-20 | pay 400.00 I1 | done confirm_payment money_came
        2024-02-29 | |
    """,
    "a promise is made on the phone": f"""
        {CALLED}
        2024-02-19 | did call promised; promise 1000.00 by 2024-02-23 | done call promised
        2024-02-23 | pay 1000.00 I1 | promise kept 1,000.00 of 1,000.00; closed A-C1
        2024-02-29 | |
    """,
    "a dispute is made on the phone": f"""
        {CALLED}
        2024-02-19 | did call disputed; dispute I1 | done call disputed
        2024-02-19 | | task review_account by 2024-03-04 for carla
        2024-02-29 | |
    """,
    "a call is called off when nothing is left to ask": f"""
        {CALLED}
        2024-02-17 | pay 1000.00 I1 | closed A-C1; done call nothing_to_ask
        2024-02-29 | |
    """,
    "a call is called off when all that is past due is blocked": f"""
        {CALLED}
        2024-02-17 | pause account until 2024-03-10 | done call blocked
        2024-03-17 | | stage I1 second; notice second I1 1,000.00
        2024-03-17 | | task call by 2024-03-18 am for carla
    """,
    "a call stays while something past due is not blocked": f"""
        {CALLED}
        2024-02-17 | invoice I2 50.00 due 2024-02-10; pause I1 until 2024-03-10 |
        2024-02-19 | did call no_answer | done call no_answer; task call by 2024-02-20 pm for carla
        2024-02-20 | pause I2 until 2024-03-10 | done call blocked
        2024-02-24 | |
    """,
    "a call back that is blocked by then is not made": f"""
        {CALLED}
        2024-02-19 | did call busy; pause account until 2024-02-29 | done call busy
        2024-02-19 | | task call by 2024-02-20 pm for carla; done call blocked
        2024-02-29 | |
    """,
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_the_story_happens_as_told(story: str) -> None:
    assert_told(story, ladder(OFFICE + PEOPLE, STAGES), people=True)


GUARDED = {
    "the guard delays the first call behind the notices": """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1
        2024-02-16 | | task call by 2024-02-23 am for carla
        2024-02-23 | |
    """,
    "a recorded call delays the one that is due": """
        2024-01-02 | invoice I1 1000.00 due 2024-02-01 |
        2024-02-16 | | stage I1 reminder; notice reminder I1 1,000.00; case A-C1
        2024-02-16 | | task call by 2024-02-23 am for carla
        2024-02-22 | call other |
        2024-02-29 | did call no_answer | done call no_answer; task call by 2024-03-07 pm for carla
        2024-03-02 | |
    """,
}


@pytest.mark.parametrize("story", GUARDED.values(), ids=GUARDED.keys())
def test_the_contact_guard_delays_calls(story: str) -> None:
    guard = "[dunning]\nmax_contacts = 1\ncontact_window_days = 7\n"

    assert_told(story, ladder(guard + OFFICE + PEOPLE, STAGES), people=True)


BULK = "[dunning]\nbulk_send_over = 10\n"
ELEVEN = "; ".join(f"invoice I{n:02} 10.00 due 2024-02-01 undelivered" for n in range(1, 12))
ALL = " ".join(f"I{n:02}" for n in range(1, 12))
SENT = "; ".join(f"deliver I{n:02}" for n in range(1, 12))
STAGED = "; ".join(f"stage I{n:02} reminder" for n in range(1, 12))
SKIPPED = "; ".join(f"skip I{n:02} reminder not_delivered" for n in range(1, 12))


def test_eleven_invoices_that_were_never_sent_go_to_billing_in_one_task_and_are_then_dunned() -> (
    None
):
    story = f"""
        2024-01-02 | {ELEVEN} |
        2024-02-02 | | task send_invoice by 2024-02-02 for billing
        2024-02-16 | | {SKIPPED}
        2024-02-20 | {SENT} | {STAGED}; notice reminder {ALL} 110.00; case A-C1
        2024-02-20 | | done send_invoice nothing_to_send; task call by 2024-02-21 am for carla
        2024-02-29 | |
    """

    assert_told(story, ladder(BULK + OFFICE + PEOPLE, STAGES), people=True)


def test_ten_invoices_that_were_never_sent_go_to_the_collector() -> None:
    story = f"""
        2024-01-02 | {ELEVEN} |
        2024-01-31 | deliver I11 |
        2024-02-02 | | task send_invoice by 2024-02-02 for carla
        2024-02-05 | did send_invoice not_sent | done send_invoice not_sent
        2024-02-05 | | task send_invoice by 2024-02-06 for carla
        2024-02-10 | |
    """

    assert_told(story, ladder(BULK + OFFICE + PEOPLE, STAGES), people=True)


def test_invoices_that_were_partly_sent_leave_a_task_for_the_rest() -> None:
    story = """
        2024-01-02 | invoice I1 10.00 due 2024-02-01 undelivered |
        2024-01-03 | invoice I2 10.00 due 2024-02-01 undelivered |
        2024-02-02 | | task send_invoice by 2024-02-02 for carla
        2024-02-05 | deliver I1; did send_invoice sent | done send_invoice sent
        2024-02-05 | | task send_invoice by 2024-02-05 for carla
        2024-02-06 | deliver I2; did send_invoice sent | done send_invoice sent
        2024-02-10 | |
    """

    assert_told(story, ladder(BULK + OFFICE + PEOPLE, STAGES), people=True)
