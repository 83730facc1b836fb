"""Days on which interest rests: under plans, legal stops and promises that waive it (R4.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.core.account import Account, InterestRest, Mark
from chalicelib.core.agreements import Plan, PlanTerms, Promise
from chalicelib.core.apply import apply_all
from chalicelib.core.book import Book
from chalicelib.core.decide import decide
from chalicelib.core.facts import BlockEnded, BlockSet, Fact, PaymentReversed, PromiseMade
from chalicelib.core.facts_collections import (
    PlanCancelled,
    PlanMade,
    PromiseApproved,
    PromiseWithdrawn,
)
from chalicelib.core.interest import interest_on
from chalicelib.core.plan_money import PLANS_KEPT
from chalicelib.core.policy import Policy
from chalicelib.core.promise_ends import ENDED_MAX
from chalicelib.core.suspensions import REST_INVOICES_MAX, RESTS_MAX, remember_rest, suspended
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

RULES = policy('[interest]\nannual_rate = "0.365"\n[promises]\nwaives_fees = true\ngrace_days = 2')
STRICT = policy('[interest]\nannual_rate = "0.365"\n[promises]\ngrace_days = 2')
END = DAY + days(50)
Days = list[tuple[int, int]]  # counted from DAY, first and last


def told(source: Account | Book, name: str = "I1", rules: Policy = RULES, **asked: Any) -> Days:
    """The days of rest of an invoice through `END`, counted from `DAY`."""
    found = suspended(source, name, rules, **({"through": END} | asked))
    return [((first - DAY).days, (last - DAY).days) for first, last in found]


def on(number: int | None) -> date | None:
    return None if number is None else DAY + days(number)


def plan(state: Any = "active", since: int | None = 0, until: int | None = None) -> Plan:
    names = frozenset({"I1"})
    return Plan("p", state, DAY, "USD", names, 1, (), started_on=on(since), ended_on=on(until))


def promise(number: int = 0, **changes: Any) -> Promise:
    """A promise of `DAY` to pay ten days later; the last of its days is the twelfth."""
    made = Promise(DAY, "USD", 100, DAY + days(10), frozenset({"I1"}), id=f"ptp_{number:03}")
    return replace(made, **changes)


def having(*agreed: Plan | Promise, **changes: Any) -> Account:
    plans = {f"p{number}": one for number, one in enumerate(agreed) if isinstance(one, Plan)}
    promises = tuple(one for one in agreed if isinstance(one, Promise))
    return replace(Account("A", promises=promises, plans=plans), **changes)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (plan(), [(0, 50)]),
        (plan("pending_approval", None), []),
        (plan("completed", 0, 20), [(0, 20)]),
        (plan("cancelled", 0, 20), [(0, 19)]),
        (plan("cancelled", 0, 0), []),
        (plan("cancelled", None, 9), []),  # it never began
        (plan("broken", 0, 20), [(0, 19)]),
        (replace(plan("broken", 0, 20), interest_due=True), []),
        (replace(plan("cancelled", 0, 20), interest_due=True), [(0, 19)]),
        (replace(plan(), interest_due=True), [(0, 50)]),
        (replace(plan(), invoice_ids=frozenset({"I2"})), []),
    ],
)
def test_a_plan_makes_interest_rest_while_it_is_kept(one: Plan, expected: Days) -> None:
    assert told(having(one)) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (promise(), []),  # its last day is past, and nobody has judged it yet
        (promise(by=END), [(0, 50)]),
        (promise(by=END - days(2)), [(0, 50)]),
        (promise(by=END - days(3)), []),
        (promise(needs_approval=True, by=END), []),
        (promise(approved_on=on(4), by=END), [(4, 50)]),
        (promise(kept_on=on(7)), [(0, 7)]),
        (promise(broken_on=on(13)), []),  # those days count after all
        (promise(withdrawn_on=on(5)), [(0, 4)]),
        (promise(withdrawn_on=DAY), []),
        (promise(withdrawn_on=on(13), needs_approval=True), []),  # nobody approved it
        (promise(kept_on=on(7), invoice_ids=frozenset({"I2"})), []),
    ],
)
def test_a_promise_makes_interest_rest_unless_it_is_broken(one: Promise, expected: Days) -> None:
    assert told(having(one)) == expected
    assert told(having(one), rules=STRICT) == []


def test_past_days_are_told_as_they_are_known_now() -> None:
    open_still, broken = having(promise()), having(promise(broken_on=on(13)))
    asked: dict[str, Any] = {"through": DAY + days(6)}

    assert told(open_still, **asked) == [(0, 6)]
    assert told(open_still, **asked, as_of=DAY + days(12)) == [(0, 6)]
    assert told(open_still, **asked, as_of=DAY + days(13)) == []
    assert told(broken, **asked) == []


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 4), (10, 14)], [(0, 4), (10, 14)]),
        ([(10, 14), (0, 4)], [(0, 4), (10, 14)]),
        ([(0, 4), (5, 9)], [(0, 9)]),  # they touch
        ([(0, 4), (6, 9)], [(0, 4), (6, 9)]),
        ([(0, 20), (5, 9)], [(0, 20)]),
        ([(0, 9), (5, 20), (19, 60)], [(0, 50)]),  # nothing after the day that is asked for
        ([(51, 60)], []),
        ([(50, 60)], [(50, 50)]),
    ],
)
def test_rests_are_told_in_order_and_as_few_as_there_can_be(
    spans: list[tuple[int, int]], expected: Days
) -> None:
    plans = [plan("completed", since, until) for since, until in spans]

    assert told(having(*plans)) == expected


def stop(number: int, **changes: Any) -> BlockSet:
    return BlockSet(DAY + days(number), "legal_stop", **changes)


def unstop(number: int, **changes: Any) -> BlockEnded:
    return BlockEnded(DAY + days(number), "legal_stop", **changes)


def elsewhere(number: int, *names: str, **changes: Any) -> BlockSet:
    return BlockSet(DAY + days(number), "in_plan", names, **changes)


def gone(number: int, *names: str) -> BlockEnded:
    return BlockEnded(DAY + days(number), "in_plan", names)


@pytest.mark.parametrize(
    ("facts", "first", "second"),
    [
        ([stop(3)], [(3, 50)], [(3, 50)]),
        ([stop(3, until=DAY + days(9))], [(3, 9)], [(3, 9)]),  # it only ran past its last day
        ([stop(3), unstop(9)], [(3, 8)], [(3, 8)]),
        ([stop(3), unstop(3)], [], []),
        ([stop(3, until=DAY + days(5)), unstop(9)], [(3, 5)], [(3, 5)]),
        ([stop(3), unstop(9), stop(9), unstop(12)], [(3, 11)], [(3, 11)]),
        ([stop(3, reason="death"), stop(5), unstop(9, reason="death")], [(3, 50)], [(3, 50)]),
        ([stop(3, reason="death"), unstop(9, reason="fraud")], [(3, 50)], [(3, 50)]),
        ([stop(3, currency="EUR"), unstop(9)], [], []),
        ([stop(3, currency="USD"), unstop(9)], [(3, 8)], [(3, 8)]),
        ([elsewhere(3)], [(3, 50)], [(3, 50)]),
        ([elsewhere(3, "I1")], [(3, 50)], []),
        ([elsewhere(3, "I1", "I2"), gone(9, "I1")], [(3, 8)], [(3, 50)]),
        ([elsewhere(3, "I1", "I2"), gone(9, "I1"), gone(9)], [(3, 8)], [(3, 8)]),
        ([elsewhere(3, "I2"), gone(9, "I1")], [], [(3, 50)]),
        ([elsewhere(3), gone(9)], [(3, 8)], [(3, 8)]),
        ([BlockSet(DAY, "reply_waiting"), BlockEnded(DAY + days(9), "reply_waiting")], [], []),
        ([BlockSet(DAY, "placed", ("I1",))], [], []),
    ],
)
def test_legal_stops_and_plans_elsewhere_make_interest_rest_also_when_they_have_ended(
    facts: list[Fact], first: Days, second: Days
) -> None:
    found = account([invoice("I1", 10_000), invoice("I2", 10_000), *facts], RULES)

    assert (told(found), told(found, "I2")) == (first, second)
    assert (told(Book(found)), told(Book(found), "I2")) == (first, second)


def test_a_mark_whose_beginning_nobody_knows_has_always_been_there() -> None:
    found = Account("A", marks=(Mark("legal_stop", until=DAY),))

    assert suspended(found, "I1", RULES, END) == ((date.min, DAY),)


def test_one_plan_that_ends_invoice_by_invoice_leaves_one_rest() -> None:
    names = tuple(f"I{number}" for number in range(30))
    facts: list[Fact] = [invoice(name, 100) for name in names]
    facts += [elsewhere(3, *names), *(gone(9, name) for name in names)]

    (rest,) = account(facts, RULES).interest_rests

    assert rest == InterestRest(DAY + days(3), DAY + days(8), frozenset(names))


def test_interest_counts_again_for_the_days_of_a_promise_that_was_broken() -> None:
    made = PromiseMade(DAY, "USD", 10_000, DAY + days(10), ("I1",))
    owed = account([invoice("I1", 10_000, past_due=0), made], RULES)
    waiting = decide(owed, RULES, DAY + days(12)).account
    broken = decide(waiting, RULES, DAY + days(13)).account

    def running(of: Account, number: int) -> int:
        return interest_on(of, of.invoices["I1"], RULES, DAY + days(number)).running_minor

    assert running(waiting, 12) == 0
    assert running(broken, 12) == 120
    assert running(broken, 13) == 130


def test_a_promise_that_money_kept_waives_its_days_and_a_bounce_brings_them_back() -> None:
    made = PromiseMade(DAY, "USD", 4_000, DAY + days(10), ("I1",))
    owed: list[Fact] = [
        invoice("I1", 10_000, past_due=0),
        made,
        paid(4_000, "I1", on=DAY + days(5)),
    ]
    kept = account(owed, RULES)
    bounced = account([*owed, PaymentReversed(DAY + days(20), "P1")], RULES)

    assert told(kept) == [(0, 5)]
    assert interest_on(kept, kept.invoices["I1"], RULES, DAY + days(9)).running_minor == 24
    assert told(bounced) == []


def test_an_approved_promise_waives_from_its_approval_and_a_plan_takes_it_over() -> None:
    rules = policy(
        '[interest]\nannual_rate = "0.365"\n[promises]\nwaives_fees = true\nmax_broken = 1'
    )
    asked = PromiseMade(DAY, "USD", 10_000, END, ("I1",))
    broken = promise(7, broken_on=DAY - days(1), made_on=DAY - days(20))
    facts: list[Fact] = [
        asked,
        PromiseApproved(DAY + days(4), f"ptp_{DAY}_01"),
        PlanMade(DAY + days(9), PlanTerms("USD", "monthly", DAY + days(20), 2)),
        PlanCancelled(DAY + days(30), f"pln_{DAY + days(9)}_01"),
    ]
    before = replace(account([invoice("I1", 10_000)], rules), promises=(broken,))

    assert told(apply_all(before, facts, rules).account, rules=rules) == [(4, 29)]


def test_promises_that_are_forgotten_leave_their_days_for_what_is_still_open() -> None:
    """There are more of them than are kept, one a fortnight."""
    facts: list[Fact] = [invoice("I1", 10_000, past_due=0), invoice("I2", 10_000, past_due=0)]
    count = ENDED_MAX + 20
    for number in range(count):
        made = DAY + days(14 * number)
        facts.append(PromiseMade(made, "USD", 10_000, made + days(9), ("I1",)))
        facts.append(PromiseWithdrawn(made + days(5), f"ptp_{made}_01"))

    found = account(facts, RULES)

    expected = [(14 * number, 14 * number + 4) for number in range(count)]
    assert len(found.promises) < count
    assert len(found.interest_rests) == count - len(found.promises)
    assert told(found, through=DAY + days(14 * count)) == expected
    assert told(found, "I2") == []


def test_plans_that_are_forgotten_leave_their_days_for_what_is_still_open() -> None:
    facts: list[Fact] = [invoice("I1", 10_000, past_due=0)]
    count = PLANS_KEPT + 5
    for number in range(count):
        made = DAY + days(14 * number)
        terms = PlanTerms("USD", "monthly", made + days(20), 2, invoice_ids=("I1",))
        facts.append(PlanMade(made, terms))
        facts.append(PlanCancelled(made + days(5), f"pln_{made}_01"))

    found = account(facts, RULES)

    assert len(found.plans) == PLANS_KEPT
    expected = [(14 * number, 14 * number + 4) for number in range(count)]
    assert told(found, through=DAY + days(14 * count)) == expected


def remembered(rests: list[InterestRest], live: int) -> Account:
    book = Book(account([invoice(f"I{number}", 100) for number in range(live)], RULES))
    for rest in rests:
        remember_rest(book, rest)
    return book.freeze()


def short(number: int, *names: str) -> InterestRest:
    """A rest of one day, every tenth."""
    return InterestRest(DAY + days(10 * number), DAY + days(10 * number), frozenset(names))


def test_beyond_the_limit_rests_of_settled_invoices_go_first() -> None:
    gone_by = [short(number, f"X{number}") for number in range(RESTS_MAX)]

    found = remembered([*gone_by, short(RESTS_MAX, "I1")], live=2)

    assert found.interest_rests == (short(RESTS_MAX, "I1"),)


def test_beyond_the_limit_the_oldest_rests_become_one_that_is_rather_too_long() -> None:
    found = remembered([short(number, "I1") for number in range(RESTS_MAX + 5)], live=2)

    assert len(found.interest_rests) == RESTS_MAX
    joined, *others = found.interest_rests
    assert joined == InterestRest(DAY, DAY + days(50), frozenset({"I1"}))
    assert others == [short(number, "I1") for number in range(6, RESTS_MAX + 5)]


def test_a_rest_of_more_invoices_than_can_be_named_covers_the_account() -> None:
    names = [f"I{number}" for number in range(REST_INVOICES_MAX + 1)]

    found = remembered([short(0, *names), short(3, "I1")], live=len(names))

    assert found.interest_rests == (short(0), short(3, "I1"))
