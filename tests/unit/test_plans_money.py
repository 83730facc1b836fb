"""How money moves a payment plan, and where money goes while there is one (R9.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.core.account import Account
from chalicelib.core.agreements import Plan, PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.book import Book
from chalicelib.core.decide import decide
from chalicelib.core.effects import PlanMoved
from chalicelib.core.facts import (
    CashApplied,
    ChargeReinstated,
    ChargeWaived,
    CreditNote,
    ExternalOpen,
    Fact,
    InvoiceVoided,
    InvoiceWrittenOff,
    Payment,
    PaymentReversed,
)
from chalicelib.core.facts_collections import PlanApproved, PlanCancelled, PlanMade
from chalicelib.core.plan_money import balance_of
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

FEES = """
[[stages]]
id = "fee"
days = 15
notice = "late_fee"
charges = [ { kind = "flat", amount = { USD = "10.00" } } ]
"""
RULES = policy(stages=FEES, tables='[dunning]\nonboarding = "full"')
ON = DAY + days(1)  # of the plan; the fees were posted the day before
TERMS = PlanTerms("USD", "monthly", DAY + days(10), count=3)
PLAN = f"pln_{ON}_01"


def planned(*facts: Fact, **changes: Any) -> Account:
    """I1 and I2 of 289.00 and their fees of 10.00 in three instalments of 199.34, 199.33, 199.33."""
    issued = [invoice("I1", 28_900), invoice("I2", 28_900, 19), invoice("I3", 5_000, -30)]
    fined = decide(account(issued, RULES), RULES, DAY).account
    return after(fined, PlanMade(ON, replace(TERMS, **changes)), *facts)


def after(here: Account, *facts: Fact) -> Account:
    return apply_all(here, facts, RULES).account


def pay(cents: int, *names: str, on: date = ON, number: str = "P1", **changes: Any) -> Payment:
    return paid(cents, *names, on=on, payment_id=number, **changes)


def plan_of(here: Account, plan_id: str = PLAN) -> Plan:
    """A plan, after a look that what is open of it is what is open of what it covers."""
    plan = here.plans[plan_id]
    if plan.is_active:
        assert plan.open_minor == balance_of(Book(here), plan)
    return plan


def instalments(here: Account, plan_id: str = PLAN) -> list[tuple[int, int]]:
    """The amount of each instalment, and what was paid of it."""
    return [(one.amount_minor, one.paid_minor) for one in plan_of(here, plan_id).instalments]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([pay(10_000)], [(19_934, 10_000), (19_933, 0), (19_933, 0)]),
        ([pay(19_935)], [(19_934, 19_934), (19_933, 1), (19_933, 0)]),
        ([pay(5_000, "I2")], [(19_934, 5_000), (19_933, 0), (19_933, 0)]),
        ([pay(5_000, "I3")], [(19_934, 0), (19_933, 0), (19_933, 0)]),
        ([CreditNote(ON, "C", "USD", 20_000, "I1")], [(19_934, 0), (19_866, 0), (0, 0)]),
        ([CreditNote(ON, "C", "USD", 20_000)], [(19_934, 0), (19_933, 0), (19_933, 0)]),
        (
            [CreditNote(ON, "C", "USD", 20_000), CashApplied(ON, "USD")],
            [(19_934, 19_934), (19_933, 66), (19_933, 0)],
        ),
        ([InvoiceVoided(ON, "I2")], [(19_934, 0), (9_966, 0), (0, 0)]),
        ([InvoiceWrittenOff(ON, "I2", "settled")], [(19_934, 0), (10_966, 0), (0, 0)]),
        ([ChargeWaived(ON, "I1", "I1:fee:flat", "x")], [(19_934, 0), (19_933, 0), (18_933, 0)]),
        (
            [
                ChargeWaived(ON, "I1", "I1:fee:flat", "x"),
                ChargeReinstated(ON, "I1", "I1:fee:flat", "x"),
            ],
            [(19_934, 0), (19_933, 0), (19_933, 0)],
        ),
        ([ExternalOpen(ON, "I1", 20_000)], [(19_934, 8_900), (19_933, 0), (19_933, 0)]),
        (
            [ExternalOpen(ON, "I1", 20_000), ExternalOpen(ON, "I1", 30_000)],
            [(19_934, 0), (19_933, 0), (21_033, 0)],
        ),
        (
            [pay(30_000), CreditNote(ON, "C", "USD", 25_000, "I2")],
            [(19_934, 19_934), (14_866, 10_066), (0, 0)],
        ),
    ],
)
def test_instalments_follow_what_happens_to_what_they_cover(
    facts: list[Fact], expected: list[tuple[int, int]]
) -> None:
    assert instalments(planned(*facts)) == expected


def test_an_instalment_says_when_it_was_filled() -> None:
    here = planned(pay(19_934), pay(10_000, on=ON + days(3), number="P2"))
    rest = [ChargeWaived(ON + days(4), name, f"{name}:fee:flat", "x") for name in ("I1", "I2")]
    later = after(here, CreditNote(ON + days(4), "C", "USD", 27_866, "I2"), *rest)

    assert [one.paid_on for one in plan_of(here).instalments] == [ON, None, None]
    assert [one.paid_on for one in plan_of(later).instalments] == [ON, ON + days(4), None]


def test_a_bounce_empties_the_newest_instalments_first() -> None:
    first, second = pay(19_934), pay(15_000, number="P2")
    here = planned(first, second, PaymentReversed(ON + days(1), "P1"))

    assert instalments(here) == [(19_934, 15_000), (19_933, 0), (19_933, 0)]
    assert plan_of(here).instalments[0].paid_on is None


def test_a_bounce_of_what_was_paid_before_the_plan_is_due_with_the_last_instalment() -> None:
    issued = [invoice("I1", 60_000)]
    before = after(account(issued, policy()), pay(30_000, on=DAY))
    made = PlanMade(ON, TERMS)

    here = after(before, made, pay(10_000, number="P2"), PaymentReversed(ON, "P1"))

    assert instalments(here) == [(10_000, 10_000), (10_000, 0), (40_000, 0)]


def test_a_bounce_of_what_was_paid_on_the_plans_day_goes_by_which_was_first() -> None:
    known = account([invoice("I1", 60_000)], policy())

    earlier = after(known, pay(30_000), PlanMade(ON, TERMS), pay(10_000, number="P2"))
    later = after(known, PlanMade(ON, TERMS), pay(30_000), pay(10_000, number="P2"))

    bounce = PaymentReversed(ON + days(1), "P1")
    assert instalments(after(earlier, bounce)) == [(10_000, 10_000), (10_000, 0), (40_000, 0)]
    assert instalments(after(later, bounce)) == [(20_000, 10_000), (20_000, 0), (20_000, 0)]


def test_a_bounce_of_what_was_paid_while_the_plan_waited_empties_what_it_had_filled() -> None:
    rules = policy("[plans]\nmax_days = 20")
    waits = apply_all(account([invoice("I1", 60_000)], rules), [PlanMade(ON, TERMS)], rules).account
    facts: list[Fact] = [pay(20_000), PlanApproved(ON + days(1), PLAN), pay(5_000, number="P2")]

    here = apply_all(waits, [*facts, PaymentReversed(ON + days(2), "P1")], rules).account

    assert instalments(here) == [(20_000, 5_000), (20_000, 0), (20_000, 0)]


@pytest.mark.parametrize("cents", [25_000, 59_800, 70_000])
def test_a_bounce_of_older_cash_that_was_applied_to_a_plan_empties_what_it_had_filled(
    cents: int,
) -> None:
    """Also where it had completed the plan."""
    facts: list[Fact] = [invoice("I1", 59_800), pay(cents, "GHOST", on=DAY)]
    before = account(facts, policy())
    made = after(before, PlanMade(ON, TERMS), pay(100, number="P2"))

    applied = after(made, CashApplied(ON + days(1), "USD"))
    here = after(applied, PaymentReversed(ON + days(2), "P1"))

    assert plan_of(applied).open_minor == max(59_800 - 100 - cents, 0)
    assert instalments(here) == instalments(made)
    assert plan_of(here).is_active


TOLERANT = policy(
    stages=FEES,
    tables="""
    [dunning]
    onboarding = "full"
    [cash]
    reverse_on_value_date = true
    write_off_short_payments = true
    short_payment_tolerance = { USD = "1.00" }
    """,
)


def test_an_instalment_that_is_paid_as_agreed_is_no_short_payment() -> None:
    terms = replace(TERMS, count=None, instalment_minor=10_000)
    made = apply_all(account([invoice("I1", 10_090)], TOLERANT), [PlanMade(ON, terms)], TOLERANT)

    paid_one = apply_all(made.account, [pay(10_000)], TOLERANT).account

    assert instalments(paid_one) == [(10_000, 10_000), (90, 0)]


def test_a_bounce_brings_back_what_the_payment_also_took_back_or_wrote_off() -> None:
    rules = TOLERANT
    fined = decide(account([invoice("I1", 28_900), invoice("I2", 28_900)], rules), rules, DAY)
    made = apply_all(fined.account, [PlanMade(ON, TERMS)], rules).account
    early = pay(28_850, "I1", received_on=DAY - days(9))

    paid_up = apply_all(made, [early], rules).account
    bounced = apply_all(paid_up, [PaymentReversed(ON, "P1")], rules).account

    assert instalments(paid_up) == [(19_934, 19_934), (19_933, 8_916), (18_883, 0)]
    assert instalments(bounced) == instalments(made)


def test_paid_in_full_a_plan_is_completed_at_once() -> None:
    booking = apply_all(planned(), [pay(59_800)], RULES)

    plan = booking.account.plans[PLAN]
    assert (plan.state, plan.ended_on, plan.letters_owed) == ("completed", ON, ("plan_completed",))
    assert [effect for effect in booking.effects if isinstance(effect, PlanMoved)] == [
        PlanMoved(ON, "A", PLAN, "completed", 0, "USD")
    ]
    assert booking.account.unapplied.get("USD", 0) == 0


def test_a_plan_of_which_nothing_is_left_to_pay_is_completed_whatever_took_it() -> None:
    here = planned(InvoiceVoided(ON, "I1"), pay(10_000), CreditNote(ON, "C", "USD", 18_900, "I2"))

    assert here.plans[PLAN].open_minor == 1_000  # the fee of I2
    here = after(here, ChargeWaived(ON, "I2", "I2:fee:flat", "goodwill"))

    assert here.plans[PLAN].state == "completed"


def test_a_completed_plan_opens_again_with_the_bounce_of_a_payment_towards_it() -> None:
    before = planned(pay(19_934))
    here = after(before, pay(39_866, number="P2"), PaymentReversed(ON + days(2), "P2"))

    assert plan_of(here).instalments == plan_of(before).instalments
    assert plan_of(here).ended_on is None
    assert "plan_completed" not in plan_of(here).letters_owed


def test_a_completed_plan_stays_so_when_the_bounce_is_not_its_own_or_a_newer_plan_takes_it() -> (
    None
):
    other = planned(pay(5_000, "I3", number="P0"), pay(59_800), PaymentReversed(ON, "P0"))
    external = planned(pay(59_800), ExternalOpen(ON, "I1", 3_000))
    newer = after(
        external,
        PlanMade(ON, replace(TERMS, invoice_ids=("I1",))),
        PaymentReversed(ON + days(1), "P1"),
    )

    assert other.plans[PLAN].state == external.plans[PLAN].state == "completed"
    assert newer.plans[PLAN].state == "completed"
    assert plan_of(newer, f"pln_{ON}_02").open_minor == 3_000 + 28_900 + 1_000


def test_a_completed_plan_stays_so_when_what_came_after_it_bounces() -> None:
    facts: list[Fact] = [
        ChargeWaived(ON, "I1", "I1:fee:flat", "goodwill"),
        pay(58_800),
        ChargeReinstated(ON + days(1), "I1", "I1:fee:flat", "mistake"),
        pay(1_000, on=ON + days(2), number="P2"),
        PaymentReversed(ON + days(3), "P2"),
    ]

    assert planned(*facts).plans[PLAN].state == "completed"


def test_a_plan_that_ended_follows_nothing_any_more() -> None:
    here = planned(pay(10_000), PlanCancelled(ON, PLAN))

    later = after(here, pay(5_000, number="P2"), PaymentReversed(ON, "P1"))

    assert later.plans == here.plans


def test_money_for_a_plan_goes_by_the_waterfall_over_what_it_covers() -> None:
    """I2 is younger than I1 and I3 than both; the plan of I2 comes before either."""
    here = planned(pay(29_500), invoice_ids=("I2",))

    (went,) = here.money.values()
    assert [(part.invoice_id, part.amount_minor, part.charge_id) for part in went.allocations] == [
        ("I2", 28_900, None),
        ("I2", 600, "I2:fee:flat"),
    ]


def test_what_a_payment_leaves_after_the_plan_goes_by_the_waterfall() -> None:
    here = planned(pay(40_000), invoice_ids=("I2",))

    (went,) = here.money.values()
    assert [(part.invoice_id, part.amount_minor) for part in went.allocations] == [
        ("I2", 28_900), ("I2", 1_000), ("I1", 10_100),
    ]  # fmt: skip


def test_named_invoices_come_first_and_the_rest_of_the_money_goes_to_the_plan() -> None:
    here = planned(pay(10_000, "I3"), invoice_ids=("I2",))

    (went,) = here.money.values()
    assert [(part.invoice_id, part.amount_minor) for part in went.allocations] == [
        ("I3", 5_000), ("I2", 5_000),
    ]  # fmt: skip
    assert instalments(here)[0] == (9_967, 5_000)


def test_of_several_plans_the_oldest_unpaid_instalment_is_paid_first() -> None:
    """I2 from 28 March, I1 every week from 2 April: the second of March's plan is due in April."""
    weekly = PlanTerms("USD", "weekly", date(2024, 4, 2), count=5, invoice_ids=("I1",))
    here = planned(PlanMade(ON, weekly), invoice_ids=("I2",))
    assert [a for a, _ in instalments(here)] == [9_967, 9_967, 9_966]

    here = after(here, pay(9_967 + 4 * 5_980 + 100))

    assert instalments(here) == [(9_967, 9_967), (9_967, 100), (9_966, 0)]
    assert [p for _, p in instalments(here, f"pln_{ON}_02")] == [5_980, 5_980, 5_980, 5_980, 0]


def test_a_plan_in_another_currency_gets_nothing() -> None:
    rules = policy(currencies='["USD", "EUR"]')
    issued = [invoice("I1", 10_000), invoice("I2", 9_000), invoice("E1", 10_000, currency="EUR")]
    facts: list[Fact] = [
        PlanMade(ON, replace(TERMS, currency="EUR")),
        PlanMade(ON, replace(TERMS, invoice_ids=("I2",))),
        pay(8_000),
    ]

    here = apply_all(account(issued, rules), facts, rules).account

    assert [p for _, p in instalments(here)] == [0, 0, 0]
    assert [p for _, p in instalments(here, f"pln_{ON}_02")] == [3_000, 3_000, 2_000]


def test_a_down_payment_is_filled_before_the_first_instalment() -> None:
    here = planned(pay(11_000), down_payment_minor=10_000, down_payment_on=ON + days(2))

    assert instalments(here) == [(10_000, 10_000), (16_600, 1_000), (16_600, 0), (16_600, 0)]


def test_a_plan_of_a_thousand_invoices_follows_the_money() -> None:
    issued = [invoice(f"I{n:04d}", 100 + n % 7) for n in range(1_000)]
    here = after(account(issued, policy()), PlanMade(ON, replace(TERMS, count=12)))
    plan = plan_of(here)

    here = after(here, pay(plan.open_minor // 2), CreditNote(ON, "C", "USD", 50, "I0007"))
    assert plan_of(here).open_minor == plan.covered_minor - plan.covered_minor // 2
    here = after(here, pay(plan.covered_minor, number="P2"))

    assert here.plans[PLAN].state == "completed"
