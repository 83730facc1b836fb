"""Holds by rule: when placed, on what, and when they end (R8.1-R8.3, R5.7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from chalicelib.core.account import Account, AccountDetails, Hold
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import Decision, decide
from chalicelib.core.facts import DisputeOpened, Fact, HoldReleased
from chalicelib.core.holds import credit_status
from tests.unit.accounts import DAY, account, days, decided, invoice, paid, policy

PLACE = 'onboarding = "place"\nrelease = "auto"\n'


def holds(decision: Decision) -> list[str]:
    return sorted(decision.account.holds)


@pytest.mark.parametrize(
    ("rule", "past_due", "cents", "expected"),
    [
        ("oldest_days_past_due = 20", 19, 100, []),
        ("oldest_days_past_due = 20", 20, 100, ["oldest_days_past_due"]),
        ('past_due_total = { USD = "1.00" }', 1, 99, []),
        ('past_due_total = { USD = "1.00" }', 1, 100, ["past_due_total"]),
        ('past_due_total = { USD = "1.00" }', 0, 100, []),  # not past due yet
        ('past_due_total = { EUR = "1.00" }', 1, 100, []),  # no bound in dollars
    ],
)
def test_a_rule_places_a_hold_from_its_bound_on(
    rule: str, past_due: int, cents: int, expected: list[str]
) -> None:
    rules = policy(f"[holds]\n{PLACE}{rule}", currencies='["USD", "EUR"]')

    assert holds(decided([invoice("I1", cents, past_due)], rules)) == expected


def late(*lateness: int) -> list[Fact]:
    """Invoices that were settled so many days after they were due, one after the other."""
    facts: list[Fact] = []
    for number, days_late in enumerate(lateness):
        one = invoice(f"S{number}", 100, 60 - 10 * number)
        on = one.due_on + timedelta(days=days_late)
        facts += [one, paid(100, f"S{number}", on=on, payment_id=f"P{number}")]
    return facts


@pytest.mark.parametrize(
    ("lateness", "expected"),
    [
        ((5, 5), ["late_of_last"]),  # fewer than three suffice if two of them were late
        ((5, 0, 5), ["late_of_last"]), ((5, 5, 0, 0), []), ((0, 0, 5, 5), ["late_of_last"]),
        ((1, 0, -3), []), ((1, 1, -3), ["late_of_last"]), ((0, 0, 0), []),
    ],
)  # fmt: skip
def test_two_late_of_the_last_three_settled_hold_an_account(
    lateness: tuple[int, ...], expected: list[str]
) -> None:
    rules = policy(f"[holds]\n{PLACE}late_of_last = [2, 3]")

    assert holds(decided([*late(*lateness), invoice("I1", 100, 1)], rules)) == expected


def test_late_payers_with_nothing_past_due_are_not_held() -> None:
    rules = policy(f"[holds]\n{PLACE}late_of_last = [2, 3]")

    assert holds(decided(late(5, 5, 5), rules)) == []


def test_a_disputed_invoice_does_not_count_as_settled_late() -> None:
    rules = policy(f"[holds]\n{PLACE}late_of_last = [1, 3]")
    disputed, money = late(5)
    facts = [disputed, DisputeOpened(disputed.on, "S0", 50), money, invoice("I1", 100, 1)]

    assert holds(decided(facts, rules)) == []


OLDEST = "oldest_days_past_due = 10\n"


def test_an_account_taken_in_past_due_is_reviewed_by_a_person_first() -> None:
    rules = policy(f"[holds]\nrelease = 'auto'\n{OLDEST}")

    first = decided([invoice("I1", 100, 20, seen_on=DAY)], rules)
    second = decide(first.account, rules, DAY + days(1))

    assert (holds(first), holds(second)) == ([], [])
    assert [task.kind for task in first.tasks] == ["review_account"]


def test_a_class_that_is_never_held_by_rule_is_reviewed() -> None:
    rules = policy(f'[holds]\n{PLACE}{OLDEST}never_by_rule = ["key"]')
    key = account([invoice("I1", 100, 20)], rules, AccountDetails(account_class="key"))

    decision = decide(key, rules, DAY)

    assert holds(decision) == []
    assert [task.kind for task in decision.tasks] == ["review_account"]


@pytest.mark.parametrize(
    ("tables", "paid_cents", "left"),
    [
        ("release_when = 'nothing_past_due'", 10_000, []),  # the younger is not past due
        ("release_when = 'nothing_past_due'", 9_999, ["oldest_days_past_due"]),
        ("release_when = 'condition_cleared'", 10_000, []),
    ],
)
def test_a_hold_ends_when_nothing_is_past_due(
    tables: str, paid_cents: int, left: list[str]
) -> None:
    rules = policy(f"[holds]\n{PLACE}{OLDEST}{tables}")
    held = decided([invoice("I1", 10_000, 20), invoice("I2", 500, 0)], rules).account

    freed = apply_all(held, [paid(paid_cents, "I1")], rules).account

    assert holds(decide(freed, rules, DAY)) == left


def test_with_another_invoice_past_due_only_the_cleared_condition_releases() -> None:
    found = {}
    for when in ("nothing_past_due", "condition_cleared"):
        rules = policy(f"[holds]\n{PLACE}{OLDEST}release_when = '{when}'")
        held = decided([invoice("I1", 10_000, 20), invoice("I2", 500, 5)], rules).account
        freed = apply_all(held, [paid(10_000, "I1")], rules).account
        found[when] = holds(decide(freed, rules, DAY))

    assert found == {"nothing_past_due": ["oldest_days_past_due"], "condition_cleared": []}


def test_a_currency_that_the_policy_does_not_list_places_and_keeps_no_hold() -> None:
    rules = policy(f"[holds]\n{PLACE}{OLDEST}")
    unlisted = invoice("I2", 500, 20, currency="EUR")
    held = decided([invoice("I1", 10_000, 20), unlisted], rules)

    freed = apply_all(held.account, [paid(10_000, "I1")], rules).account

    assert holds(decided([unlisted], rules)) == []
    assert holds(held) == ["oldest_days_past_due"]
    assert holds(decide(freed, rules, DAY)) == []


def test_where_release_is_reviewed_a_person_is_asked_and_releases() -> None:
    rules = policy(f'[holds]\nonboarding = "place"\nrelease = "review"\n{OLDEST}')
    held = decided([invoice("I1", 10_000, 20)], rules).account
    asked = decide(apply_all(held, [paid(10_000, "I1")], rules).account, rules, DAY)

    released = apply_all(asked.account, [HoldReleased(DAY, "oldest_days_past_due")], rules)

    assert holds(asked) == ["oldest_days_past_due"]
    assert [task.kind for task in asked.tasks] == ["review_account"]
    assert released.account.holds == {}


@pytest.mark.parametrize(
    ("reasons", "status"),
    [([], "open"), (["past_due_total"], "on_hold"), (["past_due_total", "prepaid"], "prepaid")],
)
def test_the_credit_status_follows_from_the_holds_in_force(reasons: list[str], status: str) -> None:
    here = Account("A", holds={reason: Hold(reason, DAY) for reason in reasons})

    assert credit_status(here) == status
