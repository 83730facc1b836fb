"""Promises after too many broken ones: they wait for an approval, and lapse without it (R6.6)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from chalicelib.core.account import Account
from chalicelib.core.facts import Fact, PaymentReversed
from chalicelib.core.facts_collections import PromiseApproved, PromiseWithdrawn
from chalicelib.core.promise_ends import ENDED_MAX
from chalicelib.core.risk import promises_ended
from tests.unit.accounts import DAY, account, days, decided, invoice, paid, policy
from tests.unit.test_promises import booked, ends, named, on_day, owing, promise

STRICT = policy("[promises]\nmax_broken = 1\nbroken_window_days = 30")


def broken_once(on: date = DAY, **changes: Any) -> Account:
    """Who broke a promise, on the first day, and makes another on a day."""
    known = owing(promise(5_000, DAY, "I1"), rules=STRICT)
    known = on_day(known, DAY + days(1), STRICT).account
    again = promise(5_000, on + days(9), "I1", on=on, **changes)
    return booked(known, again, rules=STRICT).account


@pytest.mark.parametrize(("later", "waits"), [(1, True), (31, True), (32, False)])
def test_after_broken_ones_in_the_window_the_next_needs_approval(later: int, waits: bool) -> None:
    on = DAY + days(later)

    assert named(broken_once(on), f"ptp_{on}_01").needs_approval == waits


WAITING = f"ptp_{DAY + days(2)}_01"
REVIEW = f"A:review_account:promise:{WAITING}"


def waiting(*facts: Fact) -> Account:
    """Whose second promise waits for an approval."""
    return booked(broken_once(DAY + days(2)), *facts, rules=STRICT).account


def test_a_promise_that_waits_for_approval_blocks_nothing_and_has_a_task() -> None:
    known = waiting()

    assert known.tasks[REVIEW].subject == WAITING
    assert "promised" not in dict(on_day(known, DAY + days(2), STRICT).blocks).get("I1", ())


def test_an_approved_promise_blocks_and_its_task_is_closed() -> None:
    known = waiting(PromiseApproved(DAY + days(3), WAITING))

    assert REVIEW not in known.tasks
    assert "promised" in dict(on_day(known, DAY + days(3), STRICT).blocks)["I1"]


def test_a_promise_that_nobody_approved_lapses_and_is_not_broken() -> None:
    after = on_day(waiting(), DAY + days(12), STRICT)

    assert ends(after.effects) == [(WAITING, "not_approved", 0)]
    assert REVIEW not in after.account.tasks
    assert promises_ended(after.account, STRICT, DAY + days(90)) == (0, 1)


def test_it_cannot_be_approved_after_its_last_day() -> None:
    known = waiting()

    assert waiting(PromiseApproved(DAY + days(12), WAITING)) == known


def test_money_keeps_a_promise_that_still_waits_for_approval() -> None:
    known = waiting()

    booking = booked(known, paid(5_000, "I1", on=DAY + days(3)), rules=STRICT)

    assert ends(booking.effects) == [(WAITING, "kept", 5_000)]
    assert REVIEW not in booking.account.tasks


def test_after_a_bounce_its_approval_is_asked_for_again() -> None:
    on = DAY + days(3)
    known = waiting(paid(5_000, "I1", on=on), PaymentReversed(on, "P1"))

    assert named(known, WAITING).needs_approval
    assert known.tasks[REVIEW].opened_on == on


def test_broken_ones_that_count_for_the_window_are_never_forgotten() -> None:
    known = broken_once()
    for number in range(ENDED_MAX + 5):
        ended = f"ptp_{DAY + days(2)}_{number + 1:02d}"
        made = promise(1, DAY + days(9), "I1", on=DAY + days(2))
        taken_back = PromiseWithdrawn(DAY + days(2), ended)
        known = booked(known, made, taken_back, rules=STRICT).account

    assert named(known).broken_on == DAY + days(1)


def test_a_promise_of_one_who_owed_nothing_past_due_is_no_broken_one() -> None:
    early, late = DAY - days(30), DAY - days(25)
    facts: list[Fact] = [invoice("I1", 10_000), promise(5_000, late, on=early)]

    known = account([*facts, promise(5_000, DAY + days(9), "I1")], STRICT)

    assert not named(known).needs_approval


def test_one_that_was_over_before_the_first_decision_and_covered_nothing_is_not_told() -> None:
    early, late = DAY - days(30), DAY - days(25)

    decision = decided([invoice("I1", 10_000), promise(5_000, late, on=early)], STRICT)

    assert ends(decision.effects) == []
    assert decision.account.promises[0].is_over
