"""Interest that is posted when the principal is paid (R4.3 `post_final`).

A rate of 36.5% a year is one dollar a day on a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from chalicelib.core.account import Account, AccountDetails, money_key
from chalicelib.core.aging import out_of_balance
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.effects import ChargePosted, ChargeStopped
from chalicelib.core.facts import (
    BlockEnded,
    BlockSet,
    CashApplied,
    CreditNote,
    ExternalOpen,
    Fact,
    InvoiceVoided,
    InvoiceWrittenOff,
    Payment,
    PaymentReversed,
)
from chalicelib.core.facts_collections import PlanMade
from chalicelib.core.invoice import Charge
from chalicelib.core.policy import InterestRules, Policy
from chalicelib.core.rates import RateSpan, RateTable
from chalicelib.flows.policies import load
from tests.unit.accounts import DETAILS, account, days, invoice, policy

DUE = date(2024, 3, 1)
ISSUED = DUE - days(30)
STAGE = """
[[stages]]
id = "stage"
days = 10
charges = [ {{ kind = "interest"{more} }} ]
"""
FINAL = "I1:final:interest"
INTEREST = '[interest]\nannual_rate = "0.365"\npost_final = true\n'


def charging(more: str = "", interest: str = "", tables: str = "") -> Policy:
    return policy(INTEREST + interest + tables, STAGE.format(more=more))


RULES = charging()


def owing(rules: Policy = RULES, through: int = 10, details: AccountDetails = DETAILS) -> Account:
    """1,000.00 (I1) that was due on DUE and 500.00 (I2) that is not yet, decided on each day."""
    first = invoice("I1", 100_000, issued_on=ISSUED, due_on=DUE, seen_on=ISSUED, on=ISSUED)
    later = DUE + days(60)
    second = invoice("I2", 50_000, issued_on=ISSUED, due_on=later, seen_on=ISSUED, on=ISSUED)
    return on_days(account([first, second], rules, details), range(1, through + 1), rules)


def on_days(before: Account, numbers: Iterable[int], rules: Policy = RULES) -> Account:
    for number in numbers:
        before = decide(before, rules, DUE + days(number)).account
    return before


def pay(
    cents: int, *names: str, booked: int = 15, received: int | None = None, number: int = 1
) -> Payment:
    """A payment by the days since the due date."""
    received_on = DUE + days(booked if received is None else received)
    return Payment(DUE + days(booked), f"P{number}", received_on, "USD", cents, names)


class Told:
    """What some facts did to an account."""

    def __init__(self, before: Account, *facts: Fact, rules: Policy = RULES) -> None:
        booking = apply_all(before, facts, rules)
        self.account, self.effects = booking.account, booking.effects
        assert out_of_balance(self.account) == {}

    @property
    def posted(self) -> list[tuple[str, int, str | None]]:
        effects = [e for e in self.effects if isinstance(e, ChargePosted)]
        return [(effect.id, effect.amount_minor, effect.capped_by) for effect in effects]

    def charge(self, charge_id: str = FINAL) -> Charge:
        known = self.account.invoices | self.account.closed
        return next(one for one in known["I1"].charges if one.id == charge_id)

    def unapplied(self, number: int = 1) -> int:
        return self.account.money[money_key("payment", f"P{number}")].unapplied_minor


def test_what_accrued_since_the_last_stage_is_posted_when_the_principal_is_paid() -> None:
    told = Told(owing(), pay(100_000, "I1"))

    assert told.posted == [(FINAL, 500, None)]
    final = told.charge()
    assert (final.stage, final.posted_on) == ("final", DUE + days(15))
    assert final.basis == (
        "USD 1,000.00 x 36.5% x 15/365 = 15.00, less 10.00 charged before = 5.00"
    )
    assert "I1" in told.account.invoices  # its charges are open


def test_it_is_posted_on_the_day_of_booking_through_the_value_date() -> None:
    told = Told(owing(), pay(100_000, "I1", received=13))

    assert told.posted == [(FINAL, 300, None)]
    assert told.charge().posted_on == DUE + days(15)


def test_the_caps_leave_out_what_the_same_booking_takes_back() -> None:
    fee = '[[stages]]\nid = "fee"\ndays = 20\ncharges = [{ kind = "flat", amount = { USD = "90.00" } }]'
    tables = '[caps]\nmax_total_percent = "0.10"\n[cash]\nreverse_on_value_date = true\n'
    rules = policy(INTEREST + tables, STAGE.format(more="") + fee)

    told = Told(owing(rules, through=20), pay(100_000, "I1", booked=25, received=15), rules=rules)

    assert told.posted == [(FINAL, 500, None)]
    assert told.charge("I1:fee:flat").reversed_minor == 9_000


def test_a_part_payment_posts_nothing_and_the_rest_posts_through_the_latest_value_date() -> None:
    part = Told(owing(), pay(40_000, "I1", booked=14))
    rest = Told(part.account, pay(60_000, "I1", booked=16, received=12, number=2))

    assert part.posted == []
    assert rest.posted == [(FINAL, 280, None)]  # 12 x 1.00 + 2 x 0.40, less 10.00


def test_without_the_switch_it_lapses() -> None:
    rules = charging()
    assert rules.interest is not None
    lapses = replace(rules, interest=replace(rules.interest, post_final=False))

    assert Told(owing(lapses), pay(100_000, "I1"), rules=lapses).posted == []


def test_without_an_applied_interest_stage_it_lapses() -> None:
    assert Told(owing(through=9), pay(100_000, "I1")).posted == []


def test_a_stage_that_was_passed_over_was_not_applied() -> None:
    late = invoice("I1", 100_000, due_on=DUE, issued_on=ISSUED, seen_on=DUE + days(12))
    seen = decide(account([late], RULES), RULES, DUE + days(12)).account

    assert Told(seen, pay(100_000, "I1")).posted == []


def test_a_payment_received_within_grace_posts_none() -> None:
    rules = charging(interest="grace_days = 9\n")

    assert Told(owing(rules), pay(100_000, "I1", received=9), rules=rules).posted == []


def test_nothing_is_posted_where_all_was_posted() -> None:
    assert Told(owing(), pay(100_000, "I1", booked=10)).posted == []


def test_a_payment_that_names_the_invoice_pays_it_before_other_principal() -> None:
    told = Told(owing(), pay(102_000, "I1"))

    assert told.charge().open_minor == 0
    assert told.account.invoices["I2"].open_minor == 49_500


def test_by_the_waterfall_other_principal_comes_before_it() -> None:
    told = Told(owing(), pay(102_000))

    assert told.charge().open_minor == 500
    assert told.account.invoices["I2"].open_minor == 48_000


def test_by_the_waterfall_it_is_posted_before_the_step_of_interest() -> None:
    told = Told(owing(), pay(151_200))

    assert told.posted == [(FINAL, 500, None)]
    assert told.charge("I1:stage:interest").open_minor == 0
    assert told.charge().open_minor == 300


def test_where_interest_comes_before_principal_what_is_left_pays_it_too() -> None:
    rules = charging(tables='[cash]\nwaterfall = ["interest", "principal"]\n')

    told = Told(owing(rules), pay(151_200), rules=rules)

    assert told.posted == [(FINAL, 500, None)]
    assert (told.charge().open_minor, told.unapplied()) == (300, 0)


def test_a_step_that_the_waterfall_leaves_out_is_not_paid() -> None:
    rules = charging(tables='[cash]\nwaterfall = ["principal"]\n')

    told = Told(owing(rules), pay(151_200), rules=rules)

    assert (told.charge().open_minor, told.unapplied()) == (500, 1_200)


def test_a_short_payment_that_is_written_off_posts_it() -> None:
    cash = '[cash]\nshort_payment_tolerance = { USD = "1.00" }\nwrite_off_short_payments = true\n'
    rules = charging(tables=cash)

    told = Told(owing(rules), pay(99_950, "I1"), rules=rules)

    assert told.posted == [(FINAL, 500, None)]


def test_cash_that_a_person_applies_posts_it_through_the_day_it_came() -> None:
    cash = Told(owing(), pay(100_000, "I9", booked=12))

    told = Told(cash.account, CashApplied(DUE + days(15), "USD", invoice_ids=("I1",)))

    assert told.posted == [(FINAL, 200, None)]
    assert told.charge().posted_on == DUE + days(15)


def test_what_another_system_says_is_paid_posts_it() -> None:
    assert Told(owing(), ExternalOpen(DUE + days(15), "I1", 0)).posted == [(FINAL, 500, None)]
    assert Told(owing(), ExternalOpen(DUE + days(15), "I1", 1)).posted == []


@pytest.mark.parametrize(
    "fact",
    [
        CreditNote(DUE + days(15), "C1", "USD", 100_000, "I1"),
        InvoiceWrittenOff(DUE + days(15), "I1", "bad_debt"),
        InvoiceVoided(DUE + days(15), "I1"),
    ],
)
def test_what_ends_without_a_payment_posts_none(fact: Fact) -> None:
    assert Told(owing(), fact).posted == []


def test_it_lapses_in_a_plan() -> None:
    terms = PlanTerms("USD", "weekly", DUE + days(18), 2, invoice_ids=("I1",))
    planned = Told(owing(), PlanMade(DUE + days(11), terms)).account

    assert Told(planned, pay(100_000, "I1")).posted == []
    assert Told(planned, pay(101_000)).posted == []


@pytest.mark.parametrize(
    "block",
    [
        BlockSet(DUE + days(11), "legal_stop"),
        BlockSet(DUE + days(11), "legal_stop", until=DUE + days(15)),
        BlockSet(DUE + days(11), "in_plan", ("I1",)),
    ],
)
def test_it_lapses_under_a_legal_stop_and_in_a_plan_that_is_kept_elsewhere(block: Fact) -> None:
    assert Told(owing(), block, pay(100_000, "I1")).posted == []


def test_after_a_legal_stop_the_days_that_count_are_posted() -> None:
    stopped = BlockSet(DUE + days(12), "legal_stop")
    ended = BlockEnded(DUE + days(14), "legal_stop")

    assert Told(owing(), stopped, ended, pay(100_000, "I1")).posted == [(FINAL, 300, None)]


@pytest.mark.parametrize(
    ("more", "tables", "expected"),
    [
        (', max = { USD = "12.00" }', "", [(FINAL, 200, "max")]),
        (', max = { USD = "10.00" }', "", [(FINAL, 0, "max")]),
        ("", '[caps]\nmax_total_percent = "0.013"\n', [(FINAL, 300, "max_total_percent")]),
        ("", '[caps]\nmax_annual_rate = "0.365"\n', [(FINAL, 500, None)]),
        (', skip_below = { USD = "1000.01" }', "", []),
        (', skip_below = { USD = "1000.00" }', "", [(FINAL, 500, None)]),
    ],
)
def test_bounds_and_caps_hold_for_it(
    more: str, tables: str, expected: list[tuple[str, int, str | None]]
) -> None:
    rules = charging(more, tables=tables)

    assert Told(owing(rules), pay(100_000, "I1"), rules=rules).posted == expected


def test_the_caps_are_those_of_the_value_date() -> None:
    """A fee of 4.00 takes room: 13.00 are allowed by the value date, and 15.00 on the booking."""
    stage = STAGE.format(more="").replace(
        "charges = [", 'charges = [ { kind = "flat", amount = { USD = "4.00" } },'
    )
    rules = policy(INTEREST + '[caps]\nmax_annual_rate = "0.365"\n', stage)

    told = Told(owing(rules), pay(100_000, "I1", received=13), rules=rules)

    assert told.posted == [(FINAL, 300, "max_annual_rate")]
    assert sum(one.amount_minor for one in told.account.invoices["I1"].charges) == 1_300


def test_in_a_currency_that_the_policy_lists_no_more_there_is_none() -> None:
    euros = load(f'id = "unit"\ncurrencies = ["EUR"]\n{INTEREST}{STAGE.format(more="")}'.encode())

    assert Told(owing(), pay(100_000, "I1"), rules=euros).posted == []


def test_interest_for_the_other_kind_of_debtor_is_none() -> None:
    rules = charging(', debtor_kind = "natural_person"')

    assert Told(owing(rules), pay(100_000, "I1"), rules=rules).posted == []


def test_a_missing_rate_stops_it_and_raises_an_alarm() -> None:
    spans = (RateSpan(DUE, DUE + days(1), Decimal("0.2")),)
    table = RateTable("short", "Short", "made up", DUE, spans)
    floating = InterestRules(
        table="short", margin=Decimal("0.1"), mode="floating_half_year", rates=table,
        post_final=True,
    )  # fmt: skip

    told = Told(owing(), pay(100_000, "I1"), rules=replace(RULES, interest=floating))

    (stopped,) = [effect for effect in told.effects if isinstance(effect, ChargeStopped)]
    assert (stopped.id, stopped.stage, stopped.because) == (FINAL, "final", "rate_unknown")
    assert told.posted == []


def test_after_a_bounce_the_next_final_posting_has_an_id_of_its_own() -> None:
    first = Told(owing(), pay(100_000, "I1"))
    bounced = Told(first.account, PaymentReversed(DUE + days(17), "P1"))

    again = Told(bounced.account, pay(100_000, "I1", booked=20, number=2))

    assert again.posted == [(f"{FINAL}:2", 500, None)]  # 20.00 less 10.00 and 5.00


def test_what_a_late_payment_takes_back_is_posted_again_as_far_as_it_accrued() -> None:
    """The last payment came first: 8.75 were right on day 10, and 13.75 accrued in all."""
    rules = charging(tables="[cash]\nreverse_on_value_date = true\n")
    half = Told(owing(rules), pay(50_000, "I1", booked=40), rules=rules)

    told = Told(half.account, pay(50_000, "I1", booked=50, received=5, number=2), rules=rules)

    # By value date: 5 days on 1,000.00, then 35 on 500.00 are 22.50 in all, 7.50 on day 10.
    assert told.posted == [(FINAL, 1_500, None)]
    kept = [one.amount_minor - one.reversed_minor for one in told.account.invoices["I1"].charges]
    assert kept == [750, 1_500]
