"""What a payment that is booked late takes back of interest, and what its bounce brings back (R4.9).

A rate of 36.5% a year is one dollar a day on a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from chalicelib.core.account import Account, money_key
from chalicelib.core.aging import out_of_balance
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.apply import apply_all
from chalicelib.core.book import Book
from chalicelib.core.decide import decide
from chalicelib.core.effects import ChargePosted, ChargeReversed, ChargeStopped, Entry
from chalicelib.core.facts import (
    ChargeReinstated,
    ChargeWaived,
    ExternalOpen,
    Fact,
    Payment,
    PaymentReversed,
)
from chalicelib.core.facts_collections import PlanMade
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.plan_money import balance_of
from chalicelib.core.policy import InterestRules, Policy
from chalicelib.core.rates import RateSpan, RateTable
from tests.unit.accounts import account, days, invoice, policy

DUE = date(2024, 3, 1)
ISSUED = DUE - days(30)
STAGES = """
[[stages]]
id = "first"
days = 10
charges = [ { kind = "interest" } ]

[[stages]]
id = "second"
days = 20
charges = [ { kind = "interest" } ]

[[stages]]
id = "third"
days = 30
charges = [ { kind = "interest" } ]
"""
INTEREST = '[interest]\nannual_rate = "0.365"\n'
CASH = '[cash]\nreverse_on_value_date = true\nwaterfall = ["interest", "late_fee", "principal"]\n'
FIRST, SECOND = "I1:first:interest", "I1:second:interest"


def charging(tables: str = "", stages: str = STAGES, interest: str = "") -> Policy:
    return policy(INTEREST + interest + CASH + tables, stages)


RULES = charging()


def charged(number: int, rules: Policy = RULES) -> Account:
    """1,000.00 that was due on DUE, decided on each of so many days since."""
    whole = invoice("I1", 100_000, issued_on=ISSUED, due_on=DUE, seen_on=ISSUED, on=ISSUED)
    return on_days(account([whole], rules), range(1, number + 1), rules)


def on_days(before: Account, numbers: Iterable[int], rules: Policy = RULES) -> Account:
    for number in numbers:
        before = decide(before, rules, DUE + days(number)).account
    return before


def late(cents: int, *names: str, received: int, booked: int = 12, number: int = 1) -> Payment:
    """A payment by the days since the due date."""
    on, received_on = DUE + days(booked), DUE + days(received)
    return Payment(on, f"P{number}", received_on, "USD", cents, names)


class Told:
    """What some facts did to an account."""

    def __init__(self, before: Account, *facts: Fact, rules: Policy = RULES) -> None:
        booking = apply_all(before, facts, rules)
        self.account, self.entries, self.effects = booking.account, booking.entries, booking.effects
        assert out_of_balance(self.account) == {}

    @property
    def invoice(self) -> Invoice:
        return (self.account.invoices | self.account.closed)["I1"]

    @property
    def taken_back(self) -> list[tuple[str, int]]:
        effects = [e for e in self.effects if isinstance(e, ChargeReversed)]
        return [(effect.id, effect.amount_minor) for effect in effects]

    def charge(self, charge_id: str = FIRST) -> Charge:
        return next(one for one in self.invoice.charges if one.id == charge_id)

    def of_kind(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == kind]

    def unapplied(self, number: int) -> int:
        return self.account.money[money_key("payment", f"P{number}")].unapplied_minor


def test_a_part_that_was_paid_in_time_takes_back_its_part_of_the_interest() -> None:
    told = Told(charged(11), late(50_000, "I1", received=4))

    assert told.taken_back == [(FIRST, 300)]  # 4 x 1.00 + 6 x 0.50 = 7.00
    assert (told.charge().open_minor, told.charge().reversed_minor) == (700, 300)


def test_what_the_same_payment_had_paid_on_it_becomes_unapplied_cash() -> None:
    told = Told(charged(11), late(101_000, "I1", received=4))

    assert told.taken_back == [(FIRST, 600)]
    assert (told.charge().open_minor, told.unapplied(1)) == (0, 600)
    assert told.invoice.is_settled


def test_what_another_payment_had_paid_on_it_becomes_unapplied_cash_after_what_is_open() -> None:
    interest = late(600, received=11, booked=11, number=1)

    told = Told(charged(11), interest, late(100_000, "I1", received=2, number=2))

    assert told.taken_back == [(FIRST, 800)]  # 4.00 that are open, 4.00 of the 6.00 that are paid
    assert (told.charge().open_minor, told.unapplied(1), told.unapplied(2)) == (0, 400, 0)


def test_of_several_payments_the_last_one_gets_its_money_back_first() -> None:
    first = late(600, received=11, booked=11, number=1)
    second = late(400, received=12, booked=12, number=2)

    told = Told(charged(11), first, second, late(100_000, "I1", received=5, number=3))

    assert told.taken_back == [(FIRST, 500)]
    assert [told.unapplied(number) for number in (1, 2, 3)] == [100, 400, 0]


def test_each_posting_is_held_to_the_running_total_of_its_own_day() -> None:
    told = Told(charged(21), late(50_000, "I1", received=4, booked=22))

    assert told.taken_back == [(FIRST, 300), (SECOND, 500)]  # 7.00 by then, and 12.00


def test_postings_of_days_before_the_money_came_stay() -> None:
    told = Told(charged(21), late(50_000, "I1", received=14, booked=22))

    assert told.taken_back == [(SECOND, 300)]  # 14 x 1.00 + 6 x 0.50 = 17.00


@pytest.mark.parametrize("received", [10, 11, 12])
def test_interest_through_the_day_of_payment_stays(received: int) -> None:
    assert Told(charged(11), late(100_000, "I1", received=received)).taken_back == []


def test_payments_of_one_day_make_one_line_a_charge_and_entries_of_their_own() -> None:
    told = Told(
        charged(11),
        late(50_000, "I1", received=4, number=1),
        late(50_000, "I1", received=6, number=2),
    )

    assert told.taken_back == [(FIRST, 500)]  # 3.00, and 2.00 more
    assert [(one.ref, one.amount_minor) for one in told.of_kind("charge_reversal")] == [
        (f"{FIRST}:reversal", 300),
        (f"{FIRST}:reversal:300", 200),
    ]


def test_what_was_waived_is_not_taken_back_and_later_postings_are_less() -> None:
    waived = ChargeWaived(DUE + days(11), "I1", FIRST, "goodwill")

    told = Told(charged(10), waived, late(50_000, "I1", received=4))
    later = on_days(told.account, range(12, 21))

    assert told.taken_back == []
    # 12.00 by then; the 10.00 that were waived count as posted.
    assert later.invoices["I1"].charges[-1].amount_minor == 200


def test_what_was_reinstated_counts_once_and_is_taken_back() -> None:
    waived = ChargeWaived(DUE + days(11), "I1", FIRST, "goodwill")
    again = ChargeReinstated(DUE + days(11), "I1", FIRST, "mistake")

    told = Told(charged(10), waived, again, late(50_000, "I1", received=4))

    assert told.taken_back == [(f"{FIRST}:r1", 300)]


def test_what_another_system_settled_is_not_taken_back() -> None:
    settled = ExternalOpen(DUE + days(11), "I1", 100, charge_id=FIRST)

    told = Told(charged(10), settled, late(50_000, "I1", received=4))

    assert told.taken_back == [(FIRST, 100)]


def test_what_a_cap_had_cut_off_is_not_taken_back_first() -> None:
    rules = charging('[caps]\nmax_total_percent = "0.008"\n')

    told = Told(charged(11, rules), late(50_000, "I1", received=4), rules=rules)
    more = Told(charged(11, rules), late(100_000, "I1", received=4), rules=rules)

    assert told.taken_back == [(FIRST, 100)]  # 8.00 of 10.00 were posted, 7.00 are right
    assert more.taken_back == [(FIRST, 400)]


def test_money_that_came_within_grace_takes_all_of_it_back() -> None:
    rules = charging(interest="grace_days = 5\n")

    in_grace = Told(charged(11, rules), late(100_000, "I1", received=5), rules=rules)
    beyond = Told(charged(11, rules), late(100_000, "I1", received=6), rules=rules)

    assert in_grace.taken_back == [(FIRST, 1_000)]
    assert beyond.taken_back == [(FIRST, 400)]


def test_without_the_switch_nothing_is_taken_back() -> None:
    rules = policy(INTEREST, STAGES)

    assert Told(charged(11, rules), late(100_000, "I1", received=4), rules=rules).taken_back == []


def test_compensation_is_taken_back_as_a_whole_or_not_at_all() -> None:
    stages = STAGES.replace(
        '[ { kind = "interest" } ]',
        '[ { kind = "compensation", bands = [ { amount = { USD = "40.00" } } ] } ]',
        1,
    )
    rules = charging(stages=stages)

    whole = Told(charged(11, rules), late(100_000, "I1", received=10), rules=rules)
    part = Told(charged(11, rules), late(99_999, "I1", received=4), rules=rules)

    assert whole.taken_back == [("I1:first:compensation", 4_000)]
    assert part.taken_back == []


def test_a_bounce_posts_what_was_taken_back_as_the_next_revision() -> None:
    taken = Told(charged(11), late(50_000, "I1", received=4))

    told = Told(taken.account, PaymentReversed(DUE + days(13), "P1"))
    again = told.charge(f"{FIRST}:r1")

    assert [(e.id, e.amount_minor) for e in told.effects if isinstance(e, ChargePosted)] == [
        (f"{FIRST}:r1", 300)
    ]
    assert (again.posted_on, again.open_minor) == (DUE + days(10), 300)
    assert again.basis.endswith("= 10.00, of which USD 3.00 is owed again")


def test_after_a_bounce_the_next_stage_posts_as_if_nothing_had_come() -> None:
    taken = Told(charged(11), late(50_000, "I1", received=4))
    bounced = Told(taken.account, PaymentReversed(DUE + days(13), "P1"))

    later = on_days(bounced.account, range(13, 21))

    assert sum(one.open_minor for one in later.invoices["I1"].charges) == 2_000


def test_what_bounced_is_taken_back_again_by_the_next_late_payment() -> None:
    first = Told(charged(11), late(50_000, "I1", received=4))
    bounced = Told(first.account, PaymentReversed(DUE + days(13), "P1"))

    told = Told(bounced.account, late(100_000, "I1", received=4, booked=14, number=2))

    assert told.taken_back == [(FIRST, 300), (f"{FIRST}:r1", 300)]  # 4.00 are right


def test_a_late_payment_of_what_a_plan_covers_moves_the_plan_by_all_it_did() -> None:
    plan = PlanMade(
        DUE + days(11), PlanTerms("USD", "weekly", DUE + days(18), 2, invoice_ids=("I1",))
    )

    told = Told(charged(10), plan, late(50_000, "I1", received=4))
    (made,) = told.account.plans.values()
    bounced = Told(told.account, PaymentReversed(DUE + days(13), "P1"))
    (after,) = bounced.account.plans.values()

    assert told.taken_back == [(FIRST, 300)]
    assert made.open_minor == balance_of(Book(told.account), made) == 50_700
    assert after.open_minor == balance_of(Book(bounced.account), after) == 101_000


def without_working(current: Account) -> Account:
    """The account with charges of which nobody knows any more how they were worked out."""
    invoice = current.invoices["I1"]
    charges = tuple(replace(charge, working=None) for charge in invoice.charges)
    return replace(current, invoices={"I1": invoice.having(charges=charges)})


def test_a_policy_without_interest_corrects_only_what_it_knows_the_rate_of() -> None:
    rules, payment = replace(RULES, interest=None), late(100_000, "I1", received=4)

    assert Told(charged(11), payment, rules=rules).taken_back == [(FIRST, 600)]
    assert Told(without_working(charged(11)), payment, rules=rules).taken_back == []


def test_a_missing_rate_takes_nothing_back_and_raises_an_alarm() -> None:
    spans = (RateSpan(DUE, DUE + days(1), Decimal("0.2")),)
    table = RateTable("short", "Short", "made up", DUE, spans)
    floating = InterestRules(
        table="short", margin=Decimal("0.1"), mode="floating_half_year", rates=table
    )

    told = Told(
        without_working(charged(11)),
        late(50_000, "I1", received=4),
        rules=replace(RULES, interest=floating),
    )

    assert told.taken_back == []
    (stopped,) = [effect for effect in told.effects if isinstance(effect, ChargeStopped)]
    assert (stopped.id, stopped.because) == (FIRST, "rate_unknown")
