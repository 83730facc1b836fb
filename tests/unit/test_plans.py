"""Payment plans: what they cover, why they wait, and how they are made, approved and ended (R9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.core.account import Account, Mark
from chalicelib.core.agreements import Plan, PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.block_ends import breaks_on
from chalicelib.core.decide import decide
from chalicelib.core.effects import PlanMoved, TaskEnded, TaskMade
from chalicelib.core.errors import LimitError, UnfitInputError
from chalicelib.core.facts import (
    ChargeReinstated,
    ChargeWaived,
    CreditNote,
    DisputeOpened,
    Fact,
    PromiseMade,
)
from chalicelib.core.facts_collections import PlanApproved, PlanCancelled, PlanMade
from chalicelib.core.plan_draft import PLANS_MAX, draft_plan
from chalicelib.core.plan_money import PLANS_KEPT
from chalicelib.core.plans import why_not_approve
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

FEES = """
[[stages]]
id = "fee"
days = 15
notice = "late_fee"
charges = [ { kind = "flat", amount = { USD = "7.00" } } ]
"""
PLAIN = policy()
OPEN = [invoice("I1", 30_000), invoice("I2", 20_000), invoice("I3", 9_000, past_due=-5)]
TERMS = PlanTerms("USD", "monthly", DAY + days(10), count=5)
FIRST = f"pln_{DAY}_01"


def draft(here: Account, rules: Any = PLAIN, **changes: Any) -> Plan:
    return draft_plan(here, replace(TERMS, **changes), rules, DAY)


def faults(here: Account, rules: Any = PLAIN, **changes: Any) -> list[str]:
    with pytest.raises(UnfitInputError) as raised:
        draft(here, rules, **changes)
    return [f"{fault.where} {fault.code}" for fault in raised.value.faults]


def made(*more: Fact, rules: Any = PLAIN, facts: list[Any] = OPEN, **changes: Any) -> Account:
    """An account with these invoices, and a plan that was made on DAY."""
    plan = PlanMade(DAY, replace(TERMS, **changes))
    return apply_all(account(facts, rules), [plan, *more], rules).account


def test_a_plan_covers_all_that_is_past_due_with_its_open_charges() -> None:
    rules = policy(stages=FEES, tables='[dunning]\nonboarding = "full"')
    fined = decide(account(OPEN, rules), rules, DAY).account

    plan = draft(fined, rules)

    assert plan.invoice_ids == {"I1", "I2"}
    assert plan.covered_minor == 30_700 + 20_700
    assert plan.open_minor == 51_400


def test_a_plan_covers_what_it_names_due_or_not_and_once() -> None:
    plan = draft(account(OPEN, PLAIN), invoice_ids=("I3", "I1", "I3"))

    assert plan.invoice_ids == {"I1", "I3"}
    assert plan.covered_minor == 39_000


def test_what_a_plan_may_not_cover_is_left_out() -> None:
    facts = [
        *OPEN,
        *(invoice(f"X{n}", 1_000) for n in range(4)),
        invoice("Y1", 1_000, currency="EUR"),
    ]
    here = made(
        DisputeOpened(DAY, "X0"),
        DisputeOpened(DAY, "X1", 1),
        PlanMade(DAY, replace(TERMS, invoice_ids=("X2",))),
        facts=facts,
        invoice_ids=("I2",),
    )
    here = replace(
        here, marks=(Mark("placed", frozenset({"X3"})), Mark("in_plan", until=DAY - days(1)))
    )

    assert draft(here).invoice_ids == {"I1"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GHOST", "unknown_invoice"),
        ("E1", "other_currency"),
        ("P1", "nothing_open"),
        ("D1", "disputed"),
        ("D2", "disputed"),
        ("A1", "in_plan"),
        ("W1", "in_plan"),
        ("M1", "in_plan"),
        ("M2", "placed"),
    ],
)
def test_what_a_plan_may_not_cover_is_refused_when_it_is_named(name: str, expected: str) -> None:
    names = ("P1", "D1", "D2", "A1", "W1", "M1", "M2")
    facts = [*(invoice(name, 1_000) for name in names), invoice("E1", 1_000, currency="EUR")]
    bounded = policy("[plans]\nmax_days = 100", currencies='["USD", "EUR"]')
    here = made(
        paid(1_000, "P1"),
        DisputeOpened(DAY, "D1"),
        DisputeOpened(DAY, "D2", 1),
        PlanMade(DAY, replace(TERMS, invoice_ids=("W1",))),
        facts=facts,
        rules=bounded,
        invoice_ids=("A1",),
        count=1,
    )
    marks = (Mark("in_plan", frozenset({"M1"})), Mark("placed", frozenset({"M2"})))
    here = replace(here, marks=marks)

    assert [plan.state for plan in here.plans.values()] == ["active", "pending_approval"]
    assert faults(here, bounded, invoice_ids=(name,)) == [f"/invoice_ids/0 {expected}"]


def test_every_fault_of_a_plan_is_said_at_once() -> None:
    here = account(OPEN, PLAIN)

    assert faults(here, currency="SEK", count=0, first_on=DAY - days(1)) == [
        "/count out_of_range", "/first_on out_of_range", "/currency currency_not_in_policy",
        "/invoice_ids nothing_to_cover",
    ]  # fmt: skip
    assert faults(here, invoice_ids=("I1", "X", "Y"), down_payment_minor=99_999) == [
        "/invoice_ids/1 unknown_invoice", "/invoice_ids/2 unknown_invoice",
    ]  # fmt: skip
    assert faults(here, down_payment_minor=50_000) == ["/down_payment too_much"]


def test_an_account_whose_invoices_are_all_placed_has_nothing_to_cover() -> None:
    for block in ("placed", "in_plan"):
        here = replace(account(OPEN, PLAIN), marks=(Mark(block),))

        assert faults(here) == ["/invoice_ids nothing_to_cover"]


@pytest.mark.parametrize(
    ("rules", "changes", "expected"),
    [
        ("", {}, ()),
        ("max_days = 132", {}, ()),
        ("max_days = 131", {}, ("too_long",)),
        ('min_instalment = { USD = "100.00" }', {}, ()),
        ('min_instalment = { USD = "100.01" }', {}, ("instalment_too_small",)),
        ('min_instalment = { USD = "300.00" }', {"count": None, "instalment_minor": 30_000},
         ("instalment_too_small",)),
        ('min_instalment = { USD = "99.00" }', {"down_payment_minor": 1}, ()),
        ('min_instalment = { EUR = "999.00" }', {}, ()),
        ('min_down_payment_percent = "0.1"', {"down_payment_minor": 5_000}, ()),
        ('min_down_payment_percent = "0.1"', {"down_payment_minor": 4_999},
         ("down_payment_too_small",)),
        ('min_down_payment_percent = "0.1"\nmax_days = 1', {},
         ("too_long", "down_payment_too_small")),
    ],
)  # fmt: skip
def test_a_plan_outside_the_bounds_waits_for_an_approval(
    rules: str, changes: dict[str, Any], expected: tuple[str, ...]
) -> None:
    bounded = policy(f"[plans]\n{rules}", currencies='["USD", "EUR"]')

    plan = draft(account(OPEN, bounded), bounded, **changes)

    assert plan.approval_reasons == expected
    assert plan.state == ("pending_approval" if expected else "active")
    assert plan.started_on == (None if expected else DAY)


def test_a_weekend_moves_no_plan_past_the_longest_that_is_allowed() -> None:
    weekdays = 'business_days = ["mon", "tue", "wed", "thu", "fri"]'
    bounded = policy(f"[calendar]\n{weekdays}\n[plans]\nmax_days = 5")  # 23 March, a Saturday

    plan = draft(account(OPEN, bounded), bounded, first_on=DAY + days(5), count=1)

    assert plan.instalments[0].due_on == date(2024, 3, 25)
    assert plan.state == "active"


def test_a_preview_is_the_plan_that_is_then_made() -> None:
    preview = draft(account(OPEN, PLAIN))

    plan = made().plans[FIRST]

    assert replace(plan, letters_owed=()) == preview
    assert plan.letters_owed == ("plan_agreed",)


def test_the_ids_of_a_day_count_on_and_are_never_used_again() -> None:
    cancel = PlanCancelled(DAY, FIRST)
    here = made(cancel, PlanMade(DAY, TERMS))

    assert list(here.plans) == [FIRST, f"pln_{DAY}_02"]
    without = replace(here, plans={f"pln_{DAY}_02": here.plans[f"pln_{DAY}_02"]})
    assert draft(without, invoice_ids=("I3",)).id == f"pln_{DAY}_03"


def test_terms_that_cannot_be_make_no_plan() -> None:
    here = account(OPEN, PLAIN)

    booking = apply_all(here, [PlanMade(DAY, replace(TERMS, count=0))], PLAIN)

    assert (booking.account, booking.effects) == (here, ())


def test_an_account_has_at_most_fifty_plans_at_a_time() -> None:
    facts = [invoice(f"I{n}", 1_000) for n in range(PLANS_MAX + 1)]
    plans = [PlanMade(DAY, replace(TERMS, invoice_ids=(f"I{n}",))) for n in range(PLANS_MAX)]
    full = apply_all(account(facts, PLAIN), plans, PLAIN).account

    with pytest.raises(LimitError, match="50"):
        draft(full)
    one_ended = apply_all(full, [PlanCancelled(DAY, FIRST)], PLAIN).account
    assert len(full.plans) == PLANS_MAX
    assert draft(one_ended).invoice_ids == {"I0", f"I{PLANS_MAX}"}


def test_the_latest_twenty_that_ended_are_kept() -> None:
    here, on = account(OPEN, PLAIN), DAY
    for number in range(PLANS_KEPT + 3):
        on = DAY + days(number)
        plan = PlanMade(on, replace(TERMS, first_on=on))
        here = apply_all(here, [plan, PlanCancelled(on, f"pln_{on}_01")], PLAIN).account
    here = apply_all(here, [PlanMade(on, replace(TERMS, first_on=on))], PLAIN).account

    ended = [plan for plan in here.plans.values() if plan.state == "cancelled"]
    assert [plan.made_on for plan in ended] == [DAY + days(n) for n in range(3, PLANS_KEPT + 3)]
    assert len(here.plans) == PLANS_KEPT + 1


BOUNDED = policy("[plans]\nmax_days = 30")
ASKED = f"A:review_account:plan:{FIRST}"


def test_a_plan_that_waits_asks_for_the_approval_and_says_why() -> None:
    booking = apply_all(account(OPEN, BOUNDED), [PlanMade(DAY, TERMS, "anna")], BOUNDED)

    task = booking.account.tasks[ASKED]
    assert (task.kind, task.subject, task.invoice_ids) == ("review_account", FIRST, ("I1", "I2"))
    assert "longer than the policy allows" in task.why
    assert booking.account.plans[FIRST].made_by == "anna"
    assert booking.account.plans[FIRST].letters_owed == ()
    assert [type(effect) for effect in booking.effects] == [PlanMoved, TaskMade]


def test_a_plan_begins_on_the_day_of_its_approval() -> None:
    waits = made(rules=BOUNDED)

    booking = apply_all(waits, [PlanApproved(DAY + days(3), FIRST)], BOUNDED)

    plan = booking.account.plans[FIRST]
    assert (plan.state, plan.started_on, plan.letters_owed) == (
        "active", DAY + days(3), ("plan_agreed",),
    )  # fmt: skip
    assert plan.instalments == waits.plans[FIRST].instalments
    assert booking.account.tasks == {}
    assert [type(effect) for effect in booking.effects] == [TaskEnded, PlanMoved]


@pytest.mark.parametrize(
    "fact",
    [
        PlanApproved(DAY, "pln_none"),
        PlanCancelled(DAY, "pln_none"),
        PlanApproved(DAY, FIRST),
        PlanCancelled(DAY, f"pln_{DAY}_02"),
        PlanApproved(DAY, f"pln_{DAY}_02"),
    ],
)
def test_what_is_no_plan_or_has_moved_on_is_neither_approved_nor_cancelled(fact: Fact) -> None:
    here = made(
        PlanMade(DAY, replace(TERMS, invoice_ids=("I3",))), PlanCancelled(DAY, f"pln_{DAY}_02")
    )

    booking = apply_all(here, [fact], PLAIN)

    assert (booking.account, booking.effects) == (here, ())


def test_a_cancelled_plan_says_why_and_owes_one_letter() -> None:
    here = made(PlanCancelled(DAY + days(1), FIRST, "sold their claim"))

    plan = here.plans[FIRST]
    assert (plan.state, plan.reason, plan.ended_on) == (
        "cancelled", "sold their claim", DAY + days(1),
    )  # fmt: skip
    assert plan.letters_owed == ("plan_cancelled",)


@pytest.mark.parametrize(
    ("facts", "on", "expected"),
    [
        ([], DAY + days(10), []),
        ([paid(10_000)], DAY + days(11), []),  # its first instalment was paid meanwhile
        ([], DAY + days(11), ["too_late"]),
        ([paid(50_000)], DAY, ["nothing_open"]),
        ([CreditNote(DAY, "C1", "USD", 50, "I1")], DAY, []),
    ],
)
def test_a_plan_that_moved_on_while_it_waited_is_better_made_anew(
    facts: list[Fact], on: date, expected: list[str]
) -> None:
    here = made(*facts, rules=BOUNDED)

    found = why_not_approve(here, here.plans[FIRST], BOUNDED, on)

    assert [fault.code for fault in found] == expected


def test_a_plan_whose_invoices_grew_while_it_waited_is_better_made_anew() -> None:
    rules = policy("[dunning]\nonboarding = 'full'\n[plans]\nmax_days = 30", stages=FEES)
    fined = decide(account(OPEN, rules), rules, DAY).account
    waived = ChargeWaived(DAY, "I1", "I1:fee:flat", "goodwill")
    back = ChargeReinstated(DAY, "I1", "I1:fee:flat", "mistake")
    here = apply_all(fined, [waived, PlanMade(DAY, TERMS), back], rules).account

    found = why_not_approve(here, here.plans[FIRST], rules, DAY)
    begun = apply_all(here, [PlanApproved(DAY, FIRST)], rules).account.plans[FIRST]

    assert [fault.code for fault in found] == ["balance_grew"]
    assert [one.amount_minor for one in begun.instalments] == [10_140] * 4 + [10_840]


def test_a_promise_that_reaches_further_than_the_plan_stands() -> None:
    promises = [
        PromiseMade(DAY - days(9), "USD", 1, DAY - days(2), ("I1",)),  # broken, not yet recorded
        PromiseMade(DAY, "USD", 2, DAY + days(9), ("I1",)),
        PromiseMade(DAY, "USD", 3, DAY + days(9), ("I1", "I2")),
    ]
    here = account([*OPEN, *promises], PLAIN)

    after = apply_all(here, [PlanMade(DAY, replace(TERMS, invoice_ids=("I1",)))], PLAIN).account

    assert {p.amount_minor: p.withdrawn_on for p in after.promises} == {1: None, 2: DAY, 3: None}


def test_a_promise_of_which_only_disputed_invoices_stay_outside_the_plan_is_taken_back() -> None:
    promise = PromiseMade(DAY, "USD", 3, DAY + days(9), ("I1", "I2"))
    here = account([*OPEN, DisputeOpened(DAY, "I1"), promise], PLAIN)

    after = apply_all(here, [PlanMade(DAY, TERMS)], PLAIN).account

    assert [one.withdrawn_on for one in after.promises] == [DAY]


def test_a_missed_instalment_below_the_limit_asks_for_a_call() -> None:
    rules = policy("[plans]\nmax_missed = 2\ngrace_days = 1")
    here = decide(made(rules=rules), rules, DAY).account
    first = here.plans[FIRST].instalments[0]

    decision = decide(here, rules, first.due_on + days(2))

    plan = decision.account.plans[FIRST]
    assert [one.missed_on for one in plan.instalments[:2]] == [first.due_on + days(2), None]
    assert plan.is_active
    calls = [task for task in decision.tasks if task.kind == "call"]
    assert len(calls) == 1


@pytest.mark.parametrize(("max_missed", "number"), [(1, 1), (2, 2), (9, 5)])
def test_a_plan_that_nobody_pays_is_broken_with_its_last_instalment_at_the_latest(
    max_missed: int, number: int
) -> None:
    rules = policy(f"[plans]\nmax_missed = {max_missed}\ngrace_days = 1")
    here = made(rules=rules)
    plan = here.plans[FIRST]
    broken_on = breaks_on(plan, rules)

    for instalment in plan.instalments:
        here = decide(here, rules, instalment.due_on + days(2)).account

    assert here.plans[FIRST].ended_on == broken_on == plan.instalments[number - 1].due_on + days(2)
    assert here.plans[FIRST].state == "broken"
