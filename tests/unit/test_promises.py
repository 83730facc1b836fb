"""Promises to pay: how they end, what money counts for them, and the tasks that they open (R6.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.core.account import Account
from chalicelib.core.agreements import PlanTerms, Promise
from chalicelib.core.apply import Booking, apply_all
from chalicelib.core.decide import Decision, decide
from chalicelib.core.effects import Effect, PromiseEnded
from chalicelib.core.facts import (
    CashApplied,
    CreditNote,
    ExternalOpen,
    Fact,
    InvoiceVoided,
    InvoiceWrittenOff,
    Payment,
    PaymentReversed,
    PromiseMade,
)
from chalicelib.core.facts_collections import PlanMade, PromiseWithdrawn
from chalicelib.core.policy import Policy
from chalicelib.core.promise_ends import ENDED_MAX
from chalicelib.core.risk import promises_ended
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

RULES = policy("[promises]\ngrace_days = 2")
FIRST = f"ptp_{DAY}_01"
SECOND = f"ptp_{DAY}_02"
CONFIRM = f"A:confirm_payment:{FIRST}"


def promise(cents: int, by: date, *names: str, on: date = DAY, **changes: Any) -> PromiseMade:
    return PromiseMade(on, "USD", cents, by, names, **changes)


def owing(*facts: Fact, rules: Policy = RULES) -> Account:
    """Who owes $100.00 on each of two invoices, decided before, when these facts are booked."""
    before = decide(
        account([invoice("I1", 10_000), invoice("I2", 10_000)], rules), rules, DAY - days(1)
    )
    return booked(before.account, *facts, rules=rules).account


def booked(known: Account, *facts: Fact, rules: Policy = RULES) -> Booking:
    return apply_all(known, facts, rules)


def on_day(known: Account, on: date, rules: Policy = RULES) -> Decision:
    return decide(known, rules, on)


def ends(effects: tuple[Effect, ...]) -> list[tuple[str, str, int]]:
    """Which promises ended, how, and with how much received."""
    found = [effect for effect in effects if isinstance(effect, PromiseEnded)]
    return [(effect.id, effect.outcome, effect.received_minor) for effect in found]


def named(known: Account, promise_id: str = FIRST) -> Promise:
    return next(one for one in known.promises if one.id == promise_id)


def test_a_promise_is_kept_by_the_booking_that_makes_it_so() -> None:
    booking = booked(owing(promise(5_000, DAY + days(9), "I1")), paid(5_000, "I1"))

    assert ends(booking.effects) == [(FIRST, "kept", 5_000)]
    assert named(booking.account).kept_on == DAY


def test_a_promise_is_kept_by_several_payments() -> None:
    known = owing(promise(5_000, DAY + days(9), "I1"), paid(2_000, "I1", payment_id="P1"))

    booking = booked(known, paid(3_000, "I1", payment_id="P2"))

    assert ends(booking.effects) == [(FIRST, "kept", 5_000)]


def test_what_a_payment_pays_elsewhere_does_not_count() -> None:
    booking = booked(owing(promise(5_000, DAY + days(9), "I1")), paid(5_000, "I2"))

    assert ends(booking.effects) == []


def test_a_promise_without_names_covers_what_is_past_due_on_its_day() -> None:
    known = owing(invoice("I3", 10_000, past_due=-1), promise(5_000, DAY + days(9)))

    assert named(known).invoice_ids == {"I1", "I2"}


def test_a_promise_without_names_leaves_out_what_a_payment_plan_covers() -> None:
    terms = PlanTerms("USD", "weekly", DAY + days(9), count=2, invoice_ids=("I1",))

    known = owing(PlanMade(DAY, terms), promise(5_000, DAY + days(9)))

    assert named(known).invoice_ids == {"I2"}


def test_a_name_that_is_no_open_invoice_is_not_covered() -> None:
    known = owing(paid(10_000, "I1"), promise(5_000, DAY + days(9), "I1", "I2", "GHOST"))

    assert named(known).invoice_ids == {"I2"}


@pytest.mark.parametrize(("late", "is_kept"), [(2, True), (3, False)])
def test_money_counts_by_value_date_through_the_days_of_grace(late: int, is_kept: bool) -> None:
    by = DAY + days(9)
    known = owing(promise(5_000, by, "I1"))

    booking = booked(known, paid(5_000, "I1", on=by + days(late)))

    assert bool(ends(booking.effects)) == is_kept


def test_it_is_broken_the_day_after_its_grace_with_what_was_paid_as_part_kept() -> None:
    known = owing(promise(5_000, DAY + days(9), "I1"), paid(2_000, "I1"))

    assert ends(on_day(known, DAY + days(11)).effects) == []
    after = on_day(known, DAY + days(12))

    assert ends(after.effects) == [(FIRST, "broken", 2_000)]
    assert named(after.account).broken_on == DAY + days(12)


def test_a_broken_promise_is_told_once() -> None:
    after = on_day(owing(promise(5_000, DAY + days(9), "I1")), DAY + days(12))

    again = on_day(after.account, DAY + days(12))

    assert ends(again.effects) == []


def test_money_that_comes_after_it_was_broken_keeps_nothing() -> None:
    after = on_day(owing(promise(5_000, DAY + days(9), "I1")), DAY + days(12))

    booking = booked(after.account, paid(5_000, "I1", on=DAY + days(12), received_on=DAY))

    assert ends(booking.effects) == []


def test_a_broken_promise_makes_a_call_fall_due_at_once() -> None:
    after = on_day(owing(promise(5_000, DAY + days(9), "I1")), DAY + days(12))

    assert [task.due_on for task in after.tasks if task.kind == "call"] == [DAY + days(12)]


def test_nobody_is_called_about_a_broken_promise_when_everything_is_paid() -> None:
    late = DAY + days(12)
    known = owing(promise(5_000, DAY + days(9), "I1"))
    known = booked(known, paid(10_000, "I1", on=late), paid(10_000, "I2", on=late)).account

    after = on_day(known, late)

    assert ends(after.effects) == [(FIRST, "broken", 0)]
    assert [task.kind for task in after.tasks] == []


def test_promises_that_broke_before_the_first_decision_are_history() -> None:
    facts: list[Fact] = [invoice("I1", 10_000), promise(5_000, DAY + days(1), "I1")]

    after = on_day(account(facts, RULES), DAY + days(60))

    assert ends(after.effects) == []
    assert named(after.account).broken_on == DAY + days(4)
    assert not [task for task in after.tasks if task.kind == "call"]


def test_with_several_on_one_invoice_money_counts_once_and_for_the_earliest() -> None:
    sooner, later = DAY + days(5), DAY + days(15)
    known = owing(promise(4_000, later, "I1"), promise(3_000, sooner, "I1"))

    booking = booked(known, paid(5_000, "I1"))

    assert ends(booking.effects) == [(SECOND, "kept", 3_000)]
    assert named(booking.account).received_minor == 2_000


def test_several_on_different_invoices_end_each_on_its_own() -> None:
    known = owing(promise(4_000, DAY + days(5), "I1"), promise(3_000, DAY + days(5), "I2"))
    known = booked(known, paid(4_000, "I1")).account

    after = on_day(known, DAY + days(8))

    assert named(after.account).kept_on == DAY
    assert ends(after.effects) == [(SECOND, "broken", 0)]


def test_cash_of_a_voided_invoice_counts_not_again_where_it_is_applied_anew() -> None:
    known = owing(promise(15_000, DAY + days(9)), paid(10_000, "I1"), InvoiceVoided(DAY, "I1"))

    after = booked(known, CashApplied(DAY, "USD", invoice_ids=("I2",))).account

    assert after.invoices == {}
    assert named(after).received_minor == 10_000


def test_a_bounce_opens_a_kept_promise_again() -> None:
    known = owing(promise(5_000, DAY + days(9), "I1"), paid(5_000, "I1"))

    after = booked(known, PaymentReversed(DAY, "P1")).account

    assert named(after).kept_on is None
    assert named(after).received_minor == 0


def test_a_bounce_after_the_last_day_breaks_it_at_the_next_decision() -> None:
    known = owing(promise(5_000, DAY + days(9), "I1"), paid(5_000, "I1"))
    known = on_day(known, DAY + days(20)).account

    after = on_day(booked(known, PaymentReversed(DAY + days(20), "P1")).account, DAY + days(21))

    assert ends(after.effects) == [(FIRST, "broken", 0)]


def test_a_bounce_takes_back_only_what_that_payment_counted() -> None:
    known = owing(
        promise(5_000, DAY + days(9), "I1"),
        paid(2_000, "I1", payment_id="P1"),
        paid(1_000, "I1", payment_id="P2"),
    )

    after = booked(known, PaymentReversed(DAY, "P1")).account

    assert named(after).received_minor == 1_000


@pytest.mark.parametrize(
    ("cents", "late", "expected"), [(5_000, 11, 5_000), (3_000, 11, 3_000), (5_000, 12, 0)]
)
def test_a_bounce_leaves_a_promise_kept_that_other_money_in_time_keeps(
    cents: int, late: int, expected: int
) -> None:
    """It came for the same invoice when the promise was kept already, and had not been counted."""
    known = owing(promise(5_000, DAY + days(9), "I1"), paid(5_000, "I1"))
    known = booked(known, paid(cents, "I1", on=DAY + days(late), payment_id="P2")).account

    after = booked(known, PaymentReversed(DAY + days(late), "P1")).account

    assert named(after).received_minor == expected
    assert (named(after).kept_on is not None) == (expected == 5_000)


def test_money_that_keeps_one_promise_does_not_stand_in_for_another() -> None:
    by = DAY + days(9)
    known = owing(promise(5_000, by, "I1"), promise(5_000, by, "I1"))
    known = booked(known, paid(5_000, "I1"), paid(5_000, "I1", payment_id="P2")).account

    after = booked(known, PaymentReversed(DAY, "P1")).account

    assert [one.received_minor for one in after.promises] == [0, 5_000]


def test_what_an_erp_says_has_risen_again_is_taken_back() -> None:
    known = owing(promise(5_000, DAY + days(9), "I1"), ExternalOpen(DAY, "I1", 4_000))

    after = booked(known, ExternalOpen(DAY + days(1), "I1", 8_000)).account

    assert named(after).kept_on is None
    assert named(after).received_minor == 1_000


@pytest.mark.parametrize(
    "fact",
    [CreditNote(DAY, "C1", "USD", 10_000, "I1"), InvoiceWrittenOff(DAY, "I1", "bad_debt")],
    ids=["credited", "written off"],
)
def test_a_promise_of_which_nothing_is_owed_any_more_is_over_and_neither_kept_nor_broken(
    fact: Fact,
) -> None:
    after = on_day(owing(promise(10_000, DAY + days(9), "I1"), fact), DAY)

    assert ends(after.effects) == [(FIRST, "nothing_open", 0)]
    assert promises_ended(after.account, RULES, DAY + days(60)) == (0, 0)


def test_money_that_leaves_nothing_open_keeps_a_promise_of_more_at_once() -> None:
    credit = CreditNote(DAY, "C1", "USD", 4_000, "I1")
    known = owing(promise(10_000, DAY + days(9), "I1"), credit)

    assert ends(booked(known, paid(6_000, "I1")).effects) == [(FIRST, "kept", 6_000)]


def test_a_promise_is_kept_when_money_and_a_credit_note_leave_nothing_open() -> None:
    credit = CreditNote(DAY, "C1", "USD", 4_000, "I1")

    after = on_day(owing(promise(10_000, DAY + days(9), "I1"), paid(6_000, "I1"), credit), DAY)

    assert ends(after.effects) == [(FIRST, "kept", 6_000)]


def test_a_withdrawn_promise_blocks_nothing_and_is_not_broken() -> None:
    booking = booked(owing(promise(5_000, DAY + days(9), "I1")), PromiseWithdrawn(DAY, FIRST))

    assert ends(booking.effects) == [(FIRST, "withdrawn", 0)]
    assert "I1" not in dict(on_day(booking.account, DAY).blocks)
    assert ends(on_day(booking.account, DAY + days(30)).effects) == []


def test_a_promise_is_not_taken_back_after_its_last_day() -> None:
    known = owing(promise(5_000, DAY + days(9), "I1"))

    assert booked(known, PromiseWithdrawn(DAY + days(12), FIRST)).account == known


def test_what_has_ended_cannot_be_withdrawn() -> None:
    known = owing(promise(5_000, DAY + days(9), "I1"), paid(5_000, "I1"))

    booking = booked(known, PromiseWithdrawn(DAY, FIRST))

    assert booking.account == known


def test_somebody_looks_for_the_money_on_the_promised_date_once() -> None:
    by = DAY + days(9)
    known = owing(promise(5_000, by, "I1"))

    first = on_day(known, by)
    second = on_day(first.account, by + days(1))

    assert CONFIRM not in on_day(known, by - days(1)).account.tasks
    assert [(t.id, t.due_on, t.subject) for t in first.tasks if t.kind == "confirm_payment"] == [
        (CONFIRM, by, FIRST)
    ]
    assert [task.id for task in second.tasks if task.kind == "confirm_payment"] == []


def test_the_look_for_the_money_falls_due_on_a_business_day() -> None:
    rules = policy('[calendar]\nbusiness_days = ["mon"]')

    after = on_day(owing(promise(5_000, DAY + days(9), "I1"), rules=rules), DAY + days(9), rules)

    assert after.account.tasks[CONFIRM].due_on == DAY + days(14)


@pytest.mark.parametrize(
    "fact", [paid(5_000, "I1", on=DAY + days(9)), PromiseWithdrawn(DAY + days(9), FIRST)]
)
def test_the_look_for_the_money_ends_with_the_promise(fact: Fact) -> None:
    known = on_day(owing(promise(5_000, DAY + days(9), "I1")), DAY + days(9)).account

    assert CONFIRM in known.tasks
    assert CONFIRM not in booked(known, fact).account.tasks


def test_the_look_for_the_money_ends_when_the_promise_is_broken() -> None:
    known = on_day(owing(promise(5_000, DAY + days(9), "I1")), DAY + days(9)).account

    assert CONFIRM not in on_day(known, DAY + days(12)).account.tasks


def test_a_bounce_in_the_days_of_grace_makes_somebody_look_again() -> None:
    by = DAY + days(9)
    known = on_day(owing(promise(5_000, by, "I1")), by).account
    known = booked(known, paid(5_000, "I1", on=by), PaymentReversed(by, "P1")).account

    assert CONFIRM in on_day(known, by + days(1)).account.tasks


def test_time_wakes_an_account_on_the_promised_date_and_after_its_grace() -> None:
    by = DAY + days(4)
    first = on_day(owing(promise(5_000, by, "I1", "I2")), DAY)

    assert first.wake_on == by
    assert on_day(first.account, by).wake_on == by + days(3)


def test_what_ended_long_ago_is_forgotten_but_stays_counted() -> None:
    known = owing()
    for number in range(ENDED_MAX + 5):
        made_on = DAY + days(number)
        known = booked(known, promise(1, made_on + days(1), "I1", on=made_on)).account
        payment = Payment(made_on, f"P{number}", made_on, "USD", 1, ("I1",))
        known = booked(known, payment).account

    assert len(known.promises) == ENDED_MAX + 1
    assert promises_ended(known, RULES, DAY + days(200)) == (ENDED_MAX + 5, 0)
    assert promises_ended(known, RULES, DAY + days(200), "USD") == (ENDED_MAX + 5, 0)


def test_a_promise_in_a_currency_that_the_policy_does_not_list_is_told_in_minor_units() -> None:
    yen = replace(invoice("I1", 315_000), currency="JPY")
    promised = PromiseMade(DAY, "JPY", 315_000, DAY, ("I1",))
    known = apply_all(account([yen], RULES), [promised], RULES).account

    asked = decide(known, RULES, DAY).account.tasks[CONFIRM]

    assert asked.why.startswith("JPY 315000 (minor units) was promised")
