"""Holds by people, holds that people overrule, and releases that end by themselves (R8.1-R8.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from chalicelib.core.account import Account, Hold
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.facts_holds import (
    HoldFact,
    HoldOverruled,
    HoldSet,
    HoldsReleasedUntil,
    NewsMoved,
    ReleaseAnswered,
    ReleaseRequested,
)
from chalicelib.core.head import head_of
from chalicelib.core.holds import credit_status, may_ship
from chalicelib.core.policy import Policy
from chalicelib.core.releases import ReleaseRequest, TemporaryRelease
from tests.unit.accounts import DAY, days, decided, dunning, invoice, paid, policy

OLDEST = "oldest_days_past_due"
RULES = policy(f'[holds]\nonboarding = "place"\nrelease = "auto"\n{OLDEST} = 10')


def after(account: Account, *facts: HoldFact, rules: Policy = RULES) -> Account:
    return apply_all(account, facts, rules).account


def held() -> Account:
    """An account that the rule of ten days holds since DAY."""
    return decided([invoice("I1", 10_000, 20), invoice("I2", 500, 5)], RULES).account


def persons(reason: str = "fraud_check", held_as: str = "on_hold") -> HoldSet:
    return HoldSet(DAY, Hold(reason, DAY, "anna", held_as=held_as))


def until(day: int, *reasons: str) -> HoldsReleasedUntil:
    release = TemporaryRelease(DAY + days(day), DAY, "anna", "goodwill")
    return HoldsReleasedUntil(DAY, reasons or (OLDEST,), release)


def holds_on(account: Account, *after_days: int) -> list[bool]:
    """Decide each of some days after DAY, and tell whether the rule's hold is there then."""
    found = []
    for number in after_days:
        account = decide(account, RULES, DAY + days(number)).account
        found.append(OLDEST in account.holds)
    return found


def test_a_rule_places_no_hold_again_that_a_person_released_while_it_stays_true() -> None:
    released = after(held(), HoldOverruled(DAY, OLDEST))

    decision = decide(released, RULES, DAY + days(1))

    assert holds_on(released, 1, 2, 30) == [False, False, False]
    assert dunning(decision.effects) == []
    assert [task for task in decision.account.tasks if "review_account" in task] == []


def test_once_it_was_untrue_the_rule_may_hold_again() -> None:
    released = after(held(), HoldOverruled(DAY, OLDEST))
    cleared = apply_all(released, [paid(10_000, "I1", on=DAY + days(1))], RULES).account

    assert holds_on(cleared, 1, 4, 5) == [False, False, True]  # I2 is ten days late on the fifth


def test_an_overruled_hold_is_forgotten_when_nothing_is_owed() -> None:
    released = after(held(), HoldOverruled(DAY, OLDEST))
    settled = apply_all(released, [paid(10_500, on=DAY + days(1))], RULES).account

    assert decide(settled, RULES, DAY + days(1)).account.overruled_holds == frozenset()


def test_another_rule_may_still_hold_the_account() -> None:
    both = policy(f'[holds]\nonboarding = "place"\n{OLDEST} = 10\npast_due_total = {{ USD = "1" }}')
    account = decided([invoice("I1", 10_000, 20)], both).account
    released = after(account, HoldOverruled(DAY, OLDEST), rules=both)

    assert sorted(decide(released, both, DAY + days(1)).account.holds) == ["past_due_total"]


def test_releasing_closes_the_task_that_asked_for_it() -> None:
    rules = policy(f'[holds]\nonboarding = "place"\nrelease = "review"\n{OLDEST} = 10')
    account = decided([invoice("I1", 10_000, 20)], rules).account
    asked = decide(apply_all(account, [paid(10_000, "I1")], rules).account, rules, DAY).account

    released = after(asked, HoldOverruled(DAY, OLDEST), rules=rules)

    assert len(asked.tasks) == 1
    assert (released.holds, released.tasks) == ({}, {})


def test_no_rule_ends_a_persons_hold() -> None:
    account = after(held(), persons())
    settled = apply_all(account, [paid(10_500)], RULES).account

    left = decide(settled, RULES, DAY + days(1)).account

    assert list(left.holds) == ["fraud_check"]
    assert after(left, HoldOverruled(DAY, "fraud_check")).overruled_holds == frozenset()


def test_a_hold_of_the_same_reason_stays_as_it_is() -> None:
    once = after(held(), persons())

    assert after(once, HoldSet(DAY, Hold("fraud_check", DAY + days(1), "bert"))) == once


@pytest.mark.parametrize(
    ("facts", "shipped_on", "status"),
    [
        ([], [], "on_hold"),
        ([until(0)], [0], "on_hold"),
        ([until(3)], [0, 1, 2, 3], "on_hold"),
        ([until(3), until(1)], [0, 1], "on_hold"),  # the later word counts
        ([persons(), until(3)], [], "on_hold"),  # the other hold stops it
        ([persons(), until(3, OLDEST, "fraud_check")], [0, 1, 2, 3], "on_hold"),
        ([persons(), until(3), until(1, "fraud_check")], [0, 1], "on_hold"),
        ([persons(held_as="prepaid"), until(3, OLDEST, "fraud_check")], [0, 1, 2, 3], "prepaid"),
        ([until(3), HoldOverruled(DAY, OLDEST)], [0, 1, 2, 3, 4], "open"),
        ([until(3, "no_such_hold")], [], "on_hold"),
        ([until(3), persons("later")], [], "on_hold"),  # a hold that comes later stops it at once
    ],
)
def test_a_temporary_release_ends_without_anyone_acting(
    facts: list[HoldFact], shipped_on: list[int], status: str
) -> None:
    account = after(held(), *facts)
    head = head_of(account, None)

    found = [day for day in range(5) if may_ship(head.holds, DAY + days(day))]

    assert (found, credit_status(account)) == (shipped_on, status)


def test_a_hold_that_ends_by_rule_takes_its_release_along() -> None:
    account = after(held(), until(3))
    settled = apply_all(account, [paid(10_500)], RULES).account

    assert decide(settled, RULES, DAY + days(1)).account.holds == {}


def test_a_hold_names_twenty_invoices_and_counts_the_others() -> None:
    limit = policy('[holds]\nonboarding = "place"\npast_due_total = { USD = "1.00" }')
    account = decided([invoice(f"I{n:02}", 100, 40 - n) for n in range(25)], limit).account

    hold = account.holds["past_due_total"]

    assert (len(hold.invoices), hold.more_invoices) == (20, 5)
    assert hold.invoice_ids == tuple(line.invoice_id for line in hold.invoices)
    assert (hold.invoices[0].invoice_id, hold.invoices[0].open_minor) == ("I00", 100)
    assert hold.invoices[0].due_on == DAY - days(40)


AT = datetime(2024, 3, 18, 12, tzinfo=UTC)


def request(number: int) -> ReleaseRequest:
    at = AT + timedelta(minutes=number)
    return ReleaseRequest(f"rls_{number}", DAY, at, "key", "olga", 100, "USD", f"SO-{number}")


def test_an_answer_is_booked_once_and_closes_its_task() -> None:
    asked = after(held(), ReleaseRequested(DAY, request(1), DAY, "why"))
    yes = replace(request(1), state="approved", answered_at=AT)
    no = replace(request(1), state="declined", answered_at=AT)

    answered = after(asked, ReleaseAnswered(DAY, yes), ReleaseAnswered(DAY, no))

    assert "A:approve_release:rls_1" in {task.replace(asked.id, "A") for task in asked.tasks}
    assert not any("approve_release" in task for task in answered.tasks)
    assert answered.release_requests["rls_1"].state == "approved"


def test_the_oldest_answers_leave_the_account_and_no_open_request_does() -> None:
    account = after(held(), ReleaseRequested(DAY, request(0), DAY, "why"))
    for number in range(1, 23):
        answered = replace(request(number), state="declined", answered_at=request(number).asked_at)
        account = after(
            account,
            ReleaseRequested(DAY, request(number), DAY, "why"),
            ReleaseAnswered(DAY, answered),
        )

    assert sorted(account.release_requests) == sorted(f"rls_{n}" for n in (0, *range(3, 23)))


def test_news_that_nobody_knows_moves_nothing() -> None:
    account = held()

    assert after(account, NewsMoved(DAY, "credit_news/A/1", "sent", 1)) == account
