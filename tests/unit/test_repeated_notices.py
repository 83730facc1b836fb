"""Notices that come again: which, when, and what never waits for them (R6.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from chalicelib.core.account import Account, Task
from chalicelib.core.apply import apply_all
from chalicelib.core.blocks import survey
from chalicelib.core.book import Book
from chalicelib.core.decide import Decision, decide
from chalicelib.core.facts import Contact, NoticeCancelled, NoticeCounted
from chalicelib.core.policy import Policy
from chalicelib.core.waits import waits_of
from tests.unit.accounts import DAY, account, days, decided, invoice, policy

EVERY_DAY = "[dunning]\nmin_days_between_notices = 0\n"
LETTER = """
[[stages]]
id = "letter"
days = 15
notice = "reminder"
repeat_notice = true
"""
FINAL = LETTER + "final = true\nrespond_within_days = 10\n"
RULES = policy(EVERY_DAY, LETTER)
TOMORROW = DAY + timedelta(days=1)
NOTICE = f"A:USD:{DAY}"


def sent(decision: Decision, rules: Policy = RULES) -> Account:
    counted = [NoticeCounted(notice.created_on, notice.id) for notice in decision.notices]
    return apply_all(decision.account, counted, rules).account


def first() -> Decision:
    """The day of the first letter."""
    return decided([invoice("I1", 100_00)], RULES)


def test_it_comes_again_the_next_day_with_nothing_applied_or_charged() -> None:
    again = decide(sent(first()), RULES, TOMORROW)

    assert [(e.kind, e.on) for e in again.effects if e.kind in ("stage", "charge", "notice")] == [
        ("notice", TOMORROW)
    ]
    assert [notice.stage for notice in again.notices] == ["letter"]
    assert again.wake_on == TOMORROW + timedelta(days=1)


def test_a_stage_without_the_key_sends_its_notice_once() -> None:
    once = policy(EVERY_DAY, LETTER.replace("repeat_notice = true\n", ""))
    decision = decided([invoice("I1", 100_00)], once)

    assert decide(sent(decision, once), once, TOMORROW).notices == ()


@pytest.mark.parametrize(
    ("state", "comes"),
    [("pending", False), ("sending", False), ("unknown", False), ("sent", True), ("failed", True)],
)
def test_a_letter_that_has_not_left_does_not_come_again(state: str, comes: bool) -> None:
    waiting = first().account
    notices = {name: replace(one, state=state) for name, one in waiting.notices.items()}

    assert bool(decide(replace(waiting, notices=notices), RULES, TOMORROW).notices) is comes


@pytest.mark.parametrize(
    ("kind", "comes"), [("send_letter", False), ("review_notice", False), ("find_contact", True)]
)
def test_a_letter_that_a_person_has_to_post_or_look_into_does_not_come_again(
    kind: str, comes: bool
) -> None:
    waiting = first().account
    failed = {name: replace(one, state="failed") for name, one in waiting.notices.items()}
    task = Task(f"A:{kind}:{NOTICE}", kind, DAY, "why")
    waiting = replace(waiting, notices=failed, tasks={task.id: task})

    assert bool(decide(waiting, RULES, TOMORROW).notices) is comes


def test_a_new_invoice_does_not_wait_for_the_letter_that_has_not_left() -> None:
    newer = [invoice("I2", 50_00, past_due=14)]
    later = decide(apply_all(first().account, newer, RULES).account, RULES, TOMORROW)

    assert [notice.invoice_ids for notice in later.notices] == [("I1", "I2")]


def test_a_cancelled_repeat_is_owed_like_any_notice() -> None:
    """R11.1."""
    again = decide(sent(first()), RULES, TOMORROW)
    cancelled = NoticeCancelled(TOMORROW, again.notices[0].id)
    left = apply_all(again.account, [cancelled], RULES).account

    assert [owed.stage for owed in left.invoices["I1"].owed] == ["letter"]
    assert len(decide(left, RULES, TOMORROW + timedelta(days=1)).notices) == 1


def test_a_final_demand_that_comes_again_keeps_its_first_answer_date_until_it_is_answered() -> None:
    rules = policy(EVERY_DAY, FINAL)
    start = sent(decided([invoice("I1", 100_00)], rules), rules)
    again = sent(decide(start, rules, TOMORROW), rules)
    answered = apply_all(again, [Contact(TOMORROW, "in", "email")], rules).account
    after = decide(answered, rules, TOMORROW + timedelta(days=1))

    kept, renewed = again.invoices["I1"].final_demand, after.account.invoices["I1"].final_demand
    assert kept is not None
    assert (kept.noticed_on, kept.answered) == (DAY, False)
    assert renewed is not None
    assert renewed.noticed_on == TOMORROW + timedelta(days=1)


@pytest.mark.parametrize(
    ("new_days", "comes"),
    [(15, True), (3, True), (18, False)],
)
def test_another_version_goes_on_with_what_counts_as_applied(new_days: int, comes: bool) -> None:
    """R2.2: a stage whose days are not above those applied does; one above was passed over."""
    changed = policy(EVERY_DAY, LETTER.replace("days = 15", f"days = {new_days}"))
    late = decide(sent(first()), changed, TOMORROW)

    assert bool(late.notices) is comes


def test_a_stage_that_a_new_version_passes_over_is_not_asked_for_again_and_again() -> None:
    """R2.2, R5.7."""
    second = LETTER.replace('"letter"', '"second"').replace("days = 15", "days = 18")
    changed = policy(EVERY_DAY, LETTER + second)

    assert decide(sent(first()), changed, TOMORROW).notices == ()


def test_an_explanation_says_that_the_notice_comes_again_and_what_delays_it() -> None:
    account_now = first().account
    book = Book(account_now)
    waits = waits_of(book, RULES, survey(book, RULES, DAY), account_now.invoices["I1"])

    found = {wait.code: wait for wait in waits}
    assert found["no_stage_left"].rule == "R6.4"
    assert "comes again on each processing day" in found["no_stage_left"].sentence
    assert found["notice_interval"].until == TOMORROW
    assert found["notice_not_gone"].rule == "R6.4"


def test_nothing_is_said_of_it_where_it_is_blocked_or_never_noticed() -> None:
    young = account([invoice("I1", 100_00, past_due=3)], RULES)
    book = Book(young)
    [wait] = waits_of(book, RULES, survey(book, RULES, DAY), young.invoices["I1"])

    assert (wait.code, wait.until) == ("not_yet_reached", DAY + days(12))
