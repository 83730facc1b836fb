"""Interest as it accrues, to the cent: days, bases, rates and one rounding (R4.3, R4.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.facts import (
    CreditNote,
    DisputeOpened,
    DisputeResolved,
    Extension,
    ExternalOpen,
    Fact,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    PaymentReversed,
)
from chalicelib.core.interest import accrue, interest_on, posted_minor
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.policy import InterestRules
from chalicelib.core.rates import RateSpan, RateTable
from chalicelib.core.workings import SEGMENTS_KEPT, Working, kept
from chalicelib.store.codec import from_map, to_map
from tests.unit.accounts import account, invoice, paid, policy

DUE = date(2025, 1, 1)
YEAR = date(2025, 12, 31)  # 364 days later
PLAIN = policy('[interest]\nannual_rate = "0.365"')  # of 1,000.00 a year that is 1.00 a day
RULES = PLAIN.interest or InterestRules()


def day(number: int) -> date:
    """A day after the due date."""
    return DUE + timedelta(days=number)


def debt(*facts: Fact, cents: int = 100_000, rules: Any = PLAIN) -> Invoice:
    """An invoice that is due on `DUE`, after these facts."""
    taken: list[Fact] = [issued(cents), *facts]
    found = account(taken, rules)
    return found.invoices.get("I1") or found.closed["I1"]


def issued(cents: int = 100_000) -> InvoiceIssued:
    return invoice("I1", cents, issued_on=day(-30), due_on=DUE, on=day(-30), seen_on=day(-30))


def minor(one: Invoice, through: date, rules: InterestRules = RULES, *rests: Any) -> int:
    return accrue(one, rules, rests, through).running_minor


def at(rate: str, day_count: str = "actual/365") -> InterestRules:
    return InterestRules(annual_rate=Decimal(rate), day_count=day_count)


@pytest.mark.parametrize(
    ("rate", "day_count", "due_on", "through", "cents"),
    [
        ("0.085", "actual/365", DUE, day(50), 11_64),  # a rounded daily amount would make it 11.50
        ("0.1275", "actual/365", DUE, date(2025, 2, 20), 17_47),
        ("0.1275", "actual/360", DUE, date(2025, 2, 20), 17_71),
        ("0.1275", "30/360", DUE, date(2025, 2, 20), 17_35),
        ("0.10", "30/360", date(2025, 1, 30), date(2025, 1, 31), 0),  # a 31st brings nothing
        ("0.10", "30/360", date(2025, 2, 28), date(2025, 3, 1), 83),  # and 1 March three days
        ("0.10", "30/360", date(2024, 2, 29), date(2024, 3, 1), 56),  # two in a leap year
        ("0.10", "actual/365", date(2023, 12, 31), date(2024, 12, 31), 100_27),  # 366 days
        ("0", "actual/365", DUE, day(50), 0),
        ("0.10", "actual/365", DUE, DUE, 0),
        ("0.10", "actual/365", DUE, day(1), 27),
        ("0.10", "actual/365", DUE, day(-40), 0),  # asked for a day before it falls due
    ],
)
def test_the_days_after_the_due_date_are_counted_and_rounded_once(
    rate: str, day_count: str, due_on: date, through: date, cents: int
) -> None:
    one = debt().having(due_on=due_on, effective_due_on=due_on)

    assert minor(one, through, at(rate, day_count)) == cents


def test_half_a_minor_unit_is_rounded_up_and_less_is_not() -> None:
    assert minor(debt(cents=1), day(1), at("182.5")) == 1  # 0.5 exactly
    assert minor(debt(cents=1), day(1), at("182.499999999")) == 0
    assert minor(debt(cents=1), day(1), at("-182.5")) == -1


@pytest.mark.parametrize(
    ("facts", "through", "cents"),
    [
        ([], 10, 10_00),
        ([paid(50_000, "I1", on=day(4))], 4, 4_00),  # a payment of a day is late through it
        ([paid(50_000, "I1", on=day(4))], 10, 4_00 + 3_00),
        ([paid(100_000, "I1", on=day(4))], 10, 4_00),
        ([paid(50_000, "I1", on=day(-4))], 10, 5_00),
        ([paid(50_000, "I1", on=DUE)], 10, 5_00),
        ([paid(50_000, "I1", on=day(9), received_on=day(2))], 10, 2_00 + 4_00),
        (
            [paid(20_000, "I1", on=day(4)), paid(30_000, "I1", on=day(4), payment_id="P2")],
            10,
            4_00 + 3_00,
        ),
        ([CreditNote(day(4), "C1", "USD", 50_000, "I1")], 10, 4_00 + 3_00),
        ([CreditNote(day(9), "C1", "USD", 50_000, "I1", issued_on=day(-9))], 10, 5_00),
        ([InvoiceWrittenOff(day(4), "I1", "small")], 10, 4_00),
        ([InvoiceVoided(day(4), "I1")], 10, 0),
        ([Extension(day(4), "I1", day(6))], 10, 4_00),
        ([Extension(day(4), "I1", day(60))], 10, 0),
        ([paid(50_000, "I1", on=day(4)), PaymentReversed(day(6), "P1")], 10, 10_00),
        # What a mirrored ledger says went down and came back counts from the day after.
        ([ExternalOpen(day(4), "I1", 0), ExternalOpen(day(7), "I1", 100_000)], 10, 4_00 + 3_00),
        ([ExternalOpen(day(4), "I1", 150_000)], 10, 4_00 + 9_00),
    ],
)
def test_each_day_counts_what_was_open_on_it_by_value_date(
    facts: list[Fact], through: int, cents: int
) -> None:
    assert minor(debt(*facts), day(through)) == cents


DISPUTED = DisputeOpened(day(3), "I1", 40_000)


@pytest.mark.parametrize(
    ("facts", "cents"),
    [
        ([], 6_00),  # also for the days before the customer objected
        ([DisputeResolved(day(5), "I1", "won")], 6_00),
        ([DisputeResolved(day(5), "I1", "lost")], 10_00),  # the total jumps to the whole
        ([DisputeResolved(day(5), "I1", "partly", 10_000)], 9_00),
        ([DisputeResolved(day(5), "I1", "won"), DisputeResolved(day(6), "I1", "lost")], 10_00),
        ([CreditNote(day(5), "C1", "USD", 40_000, "I1")], 6_00),
        ([CreditNote(day(5), "C1", "USD", 60_000, "I1")], 3_00 + 2_00),
        # What a credit note took stays out; the rest, which the customer lost, counts.
        (
            [CreditNote(day(5), "C1", "USD", 30_000, "I1"), DisputeResolved(day(6), "I1", "lost")],
            7_00,
        ),
        ([InvoiceWrittenOff(day(5), "I1", "given up")], 3_00),
        ([paid(60_000, "I1", on=day(5))], 3_00),
        ([paid(100_000, "I1", on=day(5))], 5_00),  # who pays it has conceded it
        ([paid(100_000, "I1", on=day(5)), PaymentReversed(day(7), "P1")], 6_00),
        ([DisputeOpened(day(5), "I1", 70_000)], 3_00),
        ([DisputeOpened(day(5), "I1")], 0),
    ],
)
def test_what_is_disputed_is_left_out_of_every_day(facts: list[Fact], cents: int) -> None:
    assert minor(debt(DISPUTED, *facts), day(10)) == cents


SHORT = policy(
    '[interest]\nannual_rate = "0.365"\n'
    '[cash]\nshort_payment_tolerance = { USD = "100.00" }\nwrite_off_short_payments = true'
)


@pytest.mark.parametrize(
    ("after", "cents"),
    [
        ([], 5 * 95),
        ([PaymentReversed(day(8), "P1")], 9_50),
        ([DisputeResolved(day(7), "I1", "lost"), PaymentReversed(day(8), "P1")], 10_00),
    ],
)
def test_a_short_payment_that_bounces_gives_back_what_it_wrote_off(
    after: list[Fact], cents: int
) -> None:
    """Also where the dispute, of which the write-off took a part, is forgotten meanwhile."""
    facts = [DisputeOpened(day(3), "I1", 5_000), paid(95_000, "I1", on=day(5)), *after]

    assert minor(debt(*facts, rules=SHORT), day(10)) == cents


@pytest.mark.parametrize(
    ("rests", "cents"),
    [
        ([(day(3), day(5))], 7_00),
        ([(day(-9), day(2))], 8_00),
        ([(day(-9), day(-2))], 10_00),
        ([(day(9), day(99))], 8_00),
        ([(day(11), day(99))], 10_00),
        ([(day(1), day(10))], 0),
        ([(date.min, date.max)], 0),
        ([(day(2), day(2)), (day(4), day(4)), (day(10), date.max)], 7_00),
    ],
)
def test_days_of_rest_are_left_out(rests: list[Any], cents: int) -> None:
    assert minor(debt(), day(10), RULES, *rests) == cents


def test_a_rest_may_span_what_a_payment_parts() -> None:
    one = debt(paid(50_000, "I1", on=day(4)), paid(25_000, "I1", on=day(6), payment_id="P2"))

    working = accrue(one, RULES, [(day(3), day(5)), (day(7), day(7))], day(10))

    spans = [(part.since, part.through, part.base_minor) for part in working.segments]
    assert spans == [
        (day(1), day(2), 100_000), (day(6), day(6), 50_000), (day(8), day(10), 25_000),
    ]  # fmt: skip


def test_days_in_a_row_of_one_base_and_one_rate_are_one_segment() -> None:
    one = debt(paid(10_000, "I1", on=day(4)), ExternalOpen(day(4), "I1", 100_000))

    assert len(accrue(one, RULES, (), day(10)).segments) == 1


TABLE = RateTable(
    "test-base", "Base rate", "made up", date(2025, 9, 1),
    (
        RateSpan(date(2024, 1, 1), date(2024, 12, 30), Decimal("0.02")),
        RateSpan(date(2024, 12, 31), date(2025, 6, 29), Decimal("0.04")),
        RateSpan(date(2025, 6, 30), date(2025, 7, 1), Decimal("0.06")),
        RateSpan(date(2025, 7, 2), date(2025, 12, 1), Decimal("0.08")),
    ),
)  # fmt: skip
LOCKED = InterestRules(table="test-base", margin=Decimal("0.08"), mode="locked", rates=TABLE)
FLOATING = replace(LOCKED, mode="floating_half_year")


@pytest.mark.parametrize(
    ("due_on", "reference"),
    [
        (date(2024, 12, 30), "0.02"),  # begins on 31 December: the 30 June before
        (date(2024, 12, 31), "0.04"),  # begins on 1 January: the 31 December before
        (date(2025, 6, 29), "0.04"),
        (date(2025, 6, 30), "0.06"),
        (date(2025, 8, 1), "0.06"),
    ],
)
def test_a_locked_rate_is_that_of_the_day_before_the_half_year_of_the_debt(
    due_on: date, reference: str
) -> None:
    one = debt().having(due_on=due_on, effective_due_on=due_on)

    (segment,) = accrue(one, LOCKED, (), due_on + timedelta(days=400)).segments

    assert segment.rate == Decimal(reference) + Decimal("0.08")
    assert segment.days == 400


def test_a_floating_rate_is_that_of_the_first_day_for_the_whole_half_year() -> None:
    segments = accrue(debt(), FLOATING, (), YEAR).segments

    told = [(one.since, one.through, one.rate) for one in segments]
    assert told == [
        (day(1), date(2025, 6, 30), Decimal("0.12")),
        (date(2025, 7, 1), YEAR, Decimal("0.14")),  # also beyond the last day that is known
    ]
    assert segments[0].source == "Base rate 4% on 2025-01-01 + 8%"


def test_reference_rates_below_zero_are_not_raised_to_zero() -> None:
    table = replace(TABLE, spans=(RateSpan(date(2024, 1, 1), YEAR, Decimal("-0.0088")),))
    german = replace(FLOATING, rates=table, margin=Decimal("0.09"))
    bare = replace(FLOATING, rates=table, margin=None)

    assert accrue(debt(), german, (), day(10)).segments[0].rate == Decimal("0.0812")
    assert minor(debt(), YEAR, bare) == -8_78


@pytest.mark.parametrize(("rules", "asked"), [(LOCKED, "2026-06-30"), (FLOATING, "2026-07-01")])
def test_a_day_beyond_the_table_stops_the_interest_and_names_the_day(
    rules: InterestRules, asked: str
) -> None:
    late = debt().having(effective_due_on=date(2026, 7, 9))

    with pytest.raises(RateUnknownError, match=f"test-base.*{asked}"):
        accrue(late, rules, (), date(2026, 8, 1))


def test_a_table_is_asked_only_for_days_on_which_something_bears_interest() -> None:
    closed = debt(paid(100_000, "I1", on=day(20)))
    resting = [(day(300), date.max)]

    assert minor(closed, date(2027, 1, 1), FLOATING) == 6_58
    assert accrue(debt(), FLOATING, resting, date(2027, 1, 1)).segments[-1].through == day(299)


def test_the_calendars_last_days_can_be_asked_for() -> None:
    assert minor(debt(), date.max, at("0")) == 0
    assert accrue(debt().having(effective_due_on=date.max), RULES, (), date.max).segments == ()


def test_without_interest_in_the_policy_there_is_none() -> None:
    rules = policy()
    found = account([issued()], rules)

    assert interest_on(found, found.invoices["I1"], rules, YEAR) == Working((), 365, 0)


def test_what_was_posted_is_net_of_reversals_and_counts_waived_interest() -> None:
    posted = (
        Charge("a", "s", "interest", DUE, 500, 100, reversed_minor=150, waived_minor=250),
        Charge("b", "s", "percent", DUE, 999, 999),
        Charge("c", "s", "interest", DUE, 70, 0),
    )

    assert posted_minor(debt().having(charges=posted)) == 350 + 70


def test_a_line_tells_of_a_total_that_fell_below_what_was_charged() -> None:
    working = replace(accrue(debt(), RULES, (), day(10)), posted_before_minor=12_00)

    said = "USD 1,000.00 x 36.5% x 10/365 = 10.00, less 12.00 charged before = nothing more"
    assert working.line("USD", 2) == said


def ten_years() -> Working:
    """Of an invoice with a payment each ninth day, at rates that change each half-year."""
    first, spans = date(2015, 1, 1), (RateSpan(date(2014, 1, 1), YEAR, Decimal("0.04")),)
    rules = replace(FLOATING, rates=replace(TABLE, spans=spans))
    parts = [
        paid(100, "I1", on=first + timedelta(days=9 * n), payment_id=f"P{n}") for n in range(400)
    ]
    return accrue(debt(*parts).having(effective_due_on=first), rules, (), date(2025, 1, 1))


def test_a_charge_keeps_the_first_segments_and_the_last_and_all_figures() -> None:
    whole = ten_years()
    small = kept(whole)

    assert len(whole.segments) > 400
    assert len(small.segments) == SEGMENTS_KEPT
    assert (small.segments[0], small.segments[-1]) == (whole.segments[0], whole.segments[-1])
    assert small.running_minor == whole.running_minor
    assert small.line("USD", 2) == whole.line("USD", 2)
    assert kept(small) == small


def test_a_working_is_read_from_a_stored_charge_as_it_was_written() -> None:
    working = kept(replace(ten_years(), posted_before_minor=5))
    charge = Charge("c", "s", "interest", DUE, 5, 5, working=working)

    assert from_map(Charge, to_map(charge)) == charge
