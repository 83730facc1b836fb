"""Cases: one open per account, with a number; opened by a stage or by the month (R6.5, R6.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from chalicelib.core.account import Account, Case
from chalicelib.core.apply import apply_all
from chalicelib.core.calendar import Calendar
from chalicelib.core.cases import first_run_of_month
from chalicelib.core.decide import Decision, decide
from chalicelib.core.effects import CaseClosed, CaseOpened
from chalicelib.core.facts import Fact, PaymentReversed
from chalicelib.core.policy import Policy
from tests.unit.accounts import DAY, PLAIN, account, days, decided, invoice, paid, policy

BY_STAGE = policy()
MONTHLY = '[calendar]\nprocessing_days = ["tue", "thu"]\n[case]\nopens = "first_run_of_month"\n'
BY_MONTH = policy(MONTHLY)
FEE = PLAIN + 'charges = [ { kind = "flat", amount = { USD = "5.00" } } ]\n'
DATE = date.fromisoformat


def case_effects(decision: Decision) -> list[CaseOpened | CaseClosed]:
    return [e for e in decision.effects if isinstance(e, CaseOpened | CaseClosed)]


def then(decision: Decision, rules: Policy, on: date, *facts: Fact) -> Decision:
    """The decision of a later day, after more facts."""
    return decide(apply_all(decision.account, facts, rules).account, rules, on)


def test_the_first_stage_opens_a_case_with_the_accounts_first_number() -> None:
    decision = decided([invoice("I1", 100_00)], BY_STAGE)

    assert decision.account.case == Case("A-C1", DAY)
    assert case_effects(decision) == [CaseOpened(DAY, "A", "A-C1")]


def test_past_due_without_a_stage_opens_none() -> None:
    assert decided([invoice("I1", 100_00, past_due=14)], BY_STAGE).account.case is None


def test_a_second_invoice_joins_the_case_that_is_open() -> None:
    first = decided([invoice("I1", 100_00)], BY_STAGE)
    second = then(first, BY_STAGE, DAY + days(1), invoice("I2", 100_00))

    assert (second.account.case, case_effects(second)) == (Case("A-C1", DAY), [])


def test_a_part_payment_keeps_the_case_and_the_rest_closes_it() -> None:
    first = decided([invoice("I1", 100_00)], BY_STAGE)
    part = then(first, BY_STAGE, DAY + days(1), paid(40_00, "I1"))
    rest = then(part, BY_STAGE, DAY + days(2), paid(60_00, "I1", payment_id="P2"))

    assert part.account.case == Case("A-C1", DAY)
    assert rest.account.case is None
    assert case_effects(rest) == [CaseClosed(DAY + days(2), "A", "A-C1")]


def test_open_charges_alone_keep_no_case() -> None:
    rules = policy(stages=FEE)
    first = decided([invoice("I1", 100_00)], rules)
    after = then(first, rules, DAY + days(1), paid(100_00, "I1"))

    assert after.account.invoices["I1"].open_charges_minor == 5_00
    assert after.account.case is None


def test_a_bounce_opens_another_case_with_the_next_number() -> None:
    first = decided([invoice("I1", 100_00)], BY_STAGE)
    closed = then(first, BY_STAGE, DAY + days(1), paid(100_00, "I1"))
    again = then(closed, BY_STAGE, DAY + days(5), PaymentReversed(DAY + days(5), "P1"))

    assert case_effects(again) == [CaseOpened(DAY + days(5), "A", "A-C2")]


def test_opening_counts_calls_without_an_answer_from_zero() -> None:
    before = replace(account([invoice("I1", 100_00)], BY_STAGE), unreached_calls=4)

    assert decide(before, BY_STAGE, DAY).account.unreached_calls == 0


def test_deciding_the_day_again_opens_and_closes_nothing_more() -> None:
    opened = decided([invoice("I1", 100_00)], BY_STAGE)
    closed = then(opened, BY_STAGE, DAY + days(1), paid(100_00, "I1"))

    assert case_effects(then(opened, BY_STAGE, DAY)) == []
    assert case_effects(then(closed, BY_STAGE, DAY + days(1))) == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-03-01", "2024-03-05"),  # a Friday: the first Tuesday is the 5th
        ("2024-03-31", "2024-03-05"),
        ("2024-02-29", "2024-02-01"),  # a Thursday itself
        ("2024-01-15", "2024-01-04"),  # the 2nd is a holiday here
    ],
)
def test_the_first_run_of_a_month_is_its_first_processing_day(day: str, expected: str) -> None:
    calendar = Calendar(frozenset({1, 3}), holidays=frozenset({DATE("2024-01-02")}))

    assert first_run_of_month(calendar, DATE(day)) == DATE(expected)


@pytest.mark.parametrize(
    ("past_due_on_the_run", "on", "opens"),
    [
        (1, "2024-03-05", True),  # the month's first Tuesday
        (0, "2024-03-05", False),  # due that day, not past due
        (5, "2024-03-04", False),  # the day before the run
        (1, "2024-03-06", True),  # the run was missed, nothing is lost
        (0, "2024-03-06", False),  # past due now, but not on the run
        (-3, "2024-03-20", False),
        (1, "2024-03-31", True),
    ],
)
def test_a_monthly_case_needs_something_past_due_on_the_first_run(
    past_due_on_the_run: int, on: str, opens: bool
) -> None:
    due_on = DATE("2024-03-05") - timedelta(days=past_due_on_the_run)
    issued = invoice("I1", 100_00, on=DATE("2024-01-10"), issued_on=DATE("2024-01-10"),
        due_on=due_on, seen_on=DATE("2024-01-10"))  # fmt: skip

    decision = decided([issued], BY_MONTH, DATE(on))

    assert bool(case_effects(decision)) is opens


def test_what_came_in_after_the_first_run_waits_for_the_next_month() -> None:
    late = invoice("I1", 100_00, past_due=30, on=DATE("2024-03-12"), seen_on=DATE("2024-03-12"))
    march = decided([late], BY_MONTH, DATE("2024-03-12"))
    april = then(march, BY_MONTH, DATE("2024-04-02"))

    assert case_effects(march) == []
    assert case_effects(april) == [CaseOpened(DATE("2024-04-02"), "A", "A-C1")]


def test_an_account_sleeps_no_longer_than_until_the_next_first_run() -> None:
    rules = policy(MONTHLY, PLAIN.replace("days = 15", "days = 90"))
    march = decided([invoice("I1", 100_00, past_due=1)], rules, DATE("2024-03-18"))

    assert march.wake_on == DATE("2024-04-02")


def test_one_account_has_at_most_one_case_a_month() -> None:
    first = decided([invoice("I1", 100_00)], BY_MONTH, DATE("2024-04-02"))
    closed = then(first, BY_MONTH, DATE("2024-04-08"), paid(100_00, "I1", on=DATE("2024-04-08")))
    bounced = PaymentReversed(DATE("2024-04-18"), "P1")
    april = then(closed, BY_MONTH, DATE("2024-04-18"), bounced)
    may = then(april, BY_MONTH, DATE("2024-05-02"))

    assert [e.kind for e in case_effects(closed)] == ["case_closed"]
    assert case_effects(april) == []
    assert case_effects(may) == [CaseOpened(DATE("2024-05-02"), "A", "A-C2")]


def test_a_case_that_is_open_is_not_opened_again_by_the_month() -> None:
    first = decided([invoice("I1", 100_00)], BY_MONTH, DATE("2024-04-02"))
    may = then(first, BY_MONTH, DATE("2024-05-02"))

    assert (case_effects(may), may.account.case) == ([], Case("A-C1", DATE("2024-04-02")))


def test_an_account_without_anything_has_no_case() -> None:
    assert decide(Account("A"), BY_MONTH, DATE("2024-04-02")).account.case is None
