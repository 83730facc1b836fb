"""Calls and tasks in the core: whose they are, what stops them, and what a person has decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide, next_look
from chalicelib.core.facts import (
    BlockSet,
    Contact,
    ExternalOpen,
    Fact,
    PromiseMade,
    TaskOpened,
)
from chalicelib.core.facts_collections import PlanMade, TaskCompleted
from chalicelib.core.facts_details import DetailsChanged
from chalicelib.core.policy import Policy, Staff
from chalicelib.core.task_outcomes import OUTCOMES
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

CALLING = """
[[stages]]
id = "reminder"
days = 15
notice = "reminder"
call = true
"""
TIERS = """
[people]
max_attempts = 2
tiers = [ { up_to = { USD = "100.00" }, collector = "ann" }, { collector = "bob" } ]
"""
RULES = policy(TIERS, CALLING)
SOLD_BY_SAM = AccountDetails(name="Customer", sales_owner="sam")
CALL, FIND, PAID = "A:call", "A:find_contact", "A:confirm_payment:paid"


def after(before: Account, *facts: Fact, rules: Policy = RULES) -> Account:
    return apply_all(before, facts, rules).account


def day_of(before: Account, on: date = DAY, rules: Policy = RULES) -> Account:
    return decide(before, rules, on).account


def asked(task_id: str, kind: str, on: date = DAY) -> TaskOpened:
    return TaskOpened(on, task_id, kind, on, "Because.")


def called(details: AccountDetails = SOLD_BY_SAM, rules: Policy = RULES) -> Account:
    """An account with 50.00 past due that got its reminder, so that a call is due tomorrow."""
    return day_of(account([invoice("I1", 5_000)], rules, details), rules=rules)


def test_a_notice_makes_a_call_for_its_collector_in_the_morning_of_the_next_day() -> None:
    task = called().tasks[CALL]

    assert (task.due_on, task.part, task.assignee) == (DAY + days(1), "am", "ann")
    assert task.invoice_ids == ("I1",)


def test_who_is_away_still_owns_the_call() -> None:
    staff = Staff(away={"ann": ((DAY, DAY + days(9)),)})
    rules = replace(RULES, people=replace(RULES.people, staff=staff))

    assert called(rules=rules).tasks[CALL].assignee == "ann"


def test_tasks_of_the_collector_follow_when_the_tier_changes_and_others_stay() -> None:
    before = after(
        called(),
        invoice("I2", 9_000, 5),
        asked(FIND, "find_contact"),
        asked("A:review_account:plan:pln_1", "review_account"),
        asked("A:send_letter:n", "send_letter"),
    )
    decision = decide(before, RULES, DAY)

    owners = {name: task.assignee for name, task in decision.account.tasks.items()}
    assert owners == {
        CALL: "bob", FIND: "sam", "A:send_letter:n": "bob", "A:review_account:plan:pln_1": "bob",
    }  # fmt: skip
    assert decision.effects == ()


def test_a_named_collector_takes_the_open_call_over() -> None:
    named = DetailsChanged(DAY, replace(SOLD_BY_SAM, collector="zoe"))

    assert day_of(after(called(), named)).tasks[CALL].assignee == "zoe"


@pytest.mark.parametrize(
    ("sales_owner", "kind", "owner"),
    [
        ("sam", "find_contact", "sam"), ("", "find_contact", "ann"), ("sam", "consult_owner", "sam"),
        ("sam", "send_letter", "ann"), ("sam", "review_notice", "ann"),
    ],
)  # fmt: skip
def test_a_task_that_the_mail_side_asks_for_has_an_owner(
    sales_owner: str, kind: str, owner: str
) -> None:
    details = AccountDetails(sales_owner=sales_owner)
    taken = account([invoice("I1", 5_000)], RULES, details)

    assert after(taken, asked("A:x", kind)).tasks["A:x"].assignee == owner


def test_a_contact_that_only_the_mail_side_looked_for_makes_no_call() -> None:
    before = after(account([invoice("I1", 5_000)], RULES), asked(FIND, "find_contact"))

    assert after(before, TaskCompleted(DAY, FIND, "done")).tasks == {}


def test_calls_wait_for_a_contact_that_the_mail_side_looks_for_once_they_are_wrong_too() -> None:
    before = after(called(), asked(FIND, "find_contact"))
    wrong = after(before, TaskCompleted(DAY, CALL, "wrong_contact"))
    assert set(wrong.tasks) == {FIND}

    assert set(after(wrong, TaskCompleted(DAY, FIND, "done")).tasks) == {CALL}


def test_calls_before_the_case_opened_do_not_count() -> None:
    before = called()
    assert before.case is not None
    early = [Contact(DAY - days(1), "out", "call", "no_answer")] * 2

    assert after(before, *early).unreached_calls == 0


@pytest.mark.parametrize(
    ("contact", "count"),
    [
        (Contact(DAY, "out", "phone", "no_answer"), 2), (Contact(DAY, "out", "call", "promised"), 0),
        (Contact(DAY, "out", "email", "no_answer"), 1), (Contact(DAY, "in", "email", "replied"), 0),
    ],
)  # fmt: skip
def test_calls_count_as_tries_and_whoever_is_reached_ends_them(
    contact: Contact, count: int
) -> None:
    once = after(called(), TaskCompleted(DAY, CALL, "busy"))

    assert after(once, contact).unreached_calls == count


def test_an_open_call_is_brought_forward_when_a_promise_is_broken() -> None:
    back = DAY + days(20)
    later = after(
        called(),
        TaskCompleted(DAY, CALL, "busy", call_back_on=back),
        PromiseMade(DAY, "USD", 100, DAY + days(1)),
        invoice("I2", 100),
    )
    broken = decide(day_of(later, DAY + days(1)), RULES, DAY + days(2))

    assert later.tasks[CALL].due_on == back
    assert broken.account.tasks[CALL].due_on == DAY + days(2)
    mine = [effect for effect in broken.effects if getattr(effect, "id", "") == CALL]
    told = [(effect.kind, getattr(effect, "because", "")) for effect in mine]
    assert told == [("task_closed", "brought_forward"), ("task", "")]


def test_a_call_that_is_due_sooner_stays_and_says_the_newer_reason() -> None:
    later = after(
        called(), PromiseMade(DAY, "USD", 100, DAY + days(1), ("I1",)), invoice("I2", 100)
    )
    broken = day_of(day_of(later, DAY + days(1)), DAY + days(2))

    assert broken.tasks[CALL].due_on == DAY + days(1)
    assert "promise" in broken.tasks[CALL].why.lower()


def test_a_missed_instalment_asks_for_a_call_though_its_plan_goes_on() -> None:
    rules = policy(TIERS + "[plans]\nmax_missed = 2\n", CALLING)
    terms = PlanTerms("USD", "monthly", DAY + days(1), count=3)
    planned = after(called(rules=rules), PlanMade(DAY, terms, "bert"), rules=rules)

    resting = day_of(planned, rules=rules)
    missed = day_of(day_of(resting, DAY + days(1), rules), DAY + days(2), rules)

    assert CALL not in resting.tasks
    (plan,) = missed.plans.values()
    assert plan.is_active
    assert missed.tasks[CALL].due_on == DAY + days(2)
    assert CALL in day_of(missed, DAY + days(3), rules).tasks


def test_the_account_is_looked_at_the_day_after_claimed_money_was_to_be_looked_for() -> None:
    claimed = after(called(), TaskCompleted(DAY, CALL, "paid"))

    assert claimed.tasks[PAID].due_on == DAY + days(1)
    assert next_look(claimed, RULES, DAY) == DAY + days(2)


def test_in_a_mirror_a_lower_open_amount_is_the_money_that_was_looked_for() -> None:
    claimed = after(called(), TaskCompleted(DAY, CALL, "paid"))

    assert after(claimed, ExternalOpen(DAY, "I1", 6_000)).tasks.keys() == {PAID}
    assert after(claimed, ExternalOpen(DAY, "I1", 4_000)).tasks == {}


def test_money_that_is_claimed_while_all_is_blocked_makes_no_call() -> None:
    claimed = after(called(), TaskCompleted(DAY, CALL, "paid"), BlockSet(DAY, "legal_stop"))

    assert day_of(claimed, DAY + days(2)).tasks == {}


def test_a_task_that_is_not_open_is_completed_without_effect() -> None:
    booking = apply_all(called(), [TaskCompleted(DAY, "A:nothing", "done")], RULES)

    assert (booking.account, booking.effects) == (called(), ())


def test_every_kind_of_task_has_its_outcomes() -> None:
    assert set(OUTCOMES) == {
        "call", "confirm_payment", "find_contact", "send_invoice", "send_letter", "review_account",
        "review_notice", "approve_release", "consult_owner",
    }  # fmt: skip


HOLD_OVER = '[holds]\npast_due_total = { USD = "10.00" }\n'
PROPOSED = "A:review_account:hold:past_due_total"
RELEASE = "A:review_account:release:past_due_total"


def held_or_proposed(tables: str, **details: Any) -> tuple[Account, Policy]:
    rules = policy(HOLD_OVER + tables)
    who = AccountDetails(**details)
    return day_of(account([invoice("I1", 5_000)], rules, who), rules=rules), rules


@pytest.mark.parametrize(
    ("tables", "details"),
    [
        ('never_by_rule = ["key"]\nonboarding = "place"\n', {"account_class": "key"}),
        ('onboarding = "review"\n', {}),
    ],
)
def test_a_proposed_hold_that_a_person_looked_at_is_not_proposed_again_until_it_is_news(
    tables: str, details: dict[str, Any]
) -> None:
    rules = policy(HOLD_OVER + tables)
    # In an imported ledger: first seen past due, on the first day.
    taken = account([invoice("I1", 5_000, seen_on=DAY)], rules, AccountDetails(**details))
    proposed = day_of(taken, rules=rules)
    assert set(proposed.tasks) == {PROPOSED}

    done = after(proposed, TaskCompleted(DAY, PROPOSED, "done"), rules=rules)
    next_day = day_of(done, DAY + days(1), rules)
    assert (next_day.tasks, next_day.holds) == ({}, {})

    settled = day_of(
        after(next_day, paid(5_000, "I1", on=DAY + days(2)), rules=rules), DAY + days(2), rules
    )
    again = after(settled, invoice("I2", 5_000), rules=rules)
    anew = day_of(again, DAY + days(3), rules)
    assert PROPOSED in anew.tasks or "past_due_total" in anew.holds


def test_a_proposed_hold_is_called_off_when_its_condition_has_cleared() -> None:
    proposed, rules = held_or_proposed('never_by_rule = ["key"]\n', account_class="key")

    paid_up = after(proposed, paid(5_000, "I1"), rules=rules)

    assert day_of(paid_up, rules=rules).tasks == {}


def test_a_hold_that_a_person_keeps_is_not_asked_about_again_until_it_might_end_anew() -> None:
    held, rules = held_or_proposed('onboarding = "place"\nrelease = "review"\n')
    free = day_of(after(held, paid(5_000, "I1"), rules=rules), rules=rules)
    assert set(free.tasks) == {RELEASE}

    kept = after(free, TaskCompleted(DAY, RELEASE, "done"), rules=rules)
    next_day = day_of(kept, DAY + days(1), rules)
    assert (set(next_day.tasks), set(next_day.holds)) == (set(), {"past_due_total"})

    owing = day_of(after(next_day, invoice("I2", 5_000), rules=rules), DAY + days(2), rules)
    late = paid(5_000, "I2", payment_id="P2", on=DAY + days(3))
    paid_up = day_of(after(owing, late, rules=rules), DAY + days(3), rules)
    assert set(paid_up.tasks) == {RELEASE}


def test_a_hold_that_might_end_is_no_longer_asked_about_when_something_is_due_again() -> None:
    held, rules = held_or_proposed('onboarding = "place"\nrelease = "review"\n')
    free = day_of(after(held, paid(5_000, "I1"), rules=rules), rules=rules)

    owing = day_of(after(free, invoice("I2", 5_000), rules=rules), DAY + days(1), rules)

    assert owing.tasks == {}
