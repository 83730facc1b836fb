"""Interest and day counts as published, one test per vector (`docs/vectors.md`; R4.3, R4.4)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.errors import PolicyError
from chalicelib.core.facts import CreditNote, Fact, InvoiceIssued
from chalicelib.core.interest import accrue, interest_on
from chalicelib.core.policy import InterestRules, Policy
from chalicelib.core.rates import RateSpan, RateTable
from chalicelib.core.terms import due_date
from chalicelib.core.workings import Segment, working_of
from chalicelib.flows.interest_sum import Sum, invoice_of
from chalicelib.flows.interest_worth import Worth, worth
from chalicelib.flows.policies import load
from chalicelib.flows.rates import shipped_rates
from tests.real.vectors import Vector, in_part, minor, of_topic

DAY = date.fromisoformat
ONE_DAY = timedelta(days=1)
DUE_ON = date(2025, 1, 15)
DAY_COUNTS = {"act/365f": "actual/365", "act/360": "actual/360", "30/360": "30/360"}
POLICY = """
id = "published"
currencies = ["{currency}"]
[interest]
{terms}
day_count = "{day_count}"
[[stages]]
id = "interest"
days = 1
charges = [ {{ kind = "interest" }} ]
"""


def share(percent: str) -> str:
    """A published percentage as a policy says it: 8.5 is 0.085."""
    return f"{Decimal(percent) / 100:f}"


def contract(
    annual_rate_pct: str, currency: str = "EUR", day_count: str = "act/365f", more: str = ""
) -> Policy:
    terms = f'annual_rate = "{share(annual_rate_pct)}"\n{more}'
    text = POLICY.format(currency=currency, terms=terms, day_count=DAY_COUNTS[day_count])
    return load(text.encode())


def after(days: int, principal: str, policy: Policy) -> Worth:
    """What a principal comes to so many days after it fell due."""
    (currency,) = policy.currencies
    through = DUE_ON + timedelta(days=days)
    return worth(Sum(minor(principal), currency, DUE_ON, through), policy)


def in_months(months: int, principal: str, annual_rate_pct: str) -> int:
    """What a principal comes to in months of 30 days."""
    through = date(2025 + months // 12, 1 + months % 12, DUE_ON.day)
    asked = Sum(minor(principal), "EUR", DUE_ON, through)
    return worth(asked, contract(annual_rate_pct, day_count="30/360")).interest_minor


@of_topic("interest.simple")
def test_simple_interest_is_rounded_once(vector: Vector) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    rate = inputs.get("annual_rate_pct")
    rate = rate or str(Decimal(inputs["basiszinssatz_pct"]) + Decimal(inputs["margin_pp"]))
    if "months" in inputs:
        found = in_months(inputs["months"], inputs["principal"], rate)
        assert found == minor(expected["interest"])
        return
    days = inputs.get("days") or (DAY(inputs["paid_on"]) - DAY(inputs["due_date"])).days
    policy = contract(rate, inputs["currency"], inputs["day_count"])

    found_worth = after(days, inputs["principal"], policy)

    assert found_worth.interest_minor == minor(expected["interest"])
    (segment,) = found_worth.accrued.segments
    assert segment.days == expected.get("days", days)
    assert segment.rate == Decimal(share(expected.get("rate_pct", rate)))
    if "annual_interest" in expected:
        year = after(365, inputs["principal"], policy)
        assert year.interest_minor == minor(expected["annual_interest"])


@in_part("UK-001", "UK-005")
def test_a_daily_amount_is_not_rounded_before_it_is_multiplied(vector: Vector) -> None:
    ours = {"UK-001": 11_64, "UK-005": 169_49}[vector["id"]]
    inputs, expected = vector["inputs"], vector["expected"]
    policy = contract(inputs["annual_rate_pct"], inputs["currency"])

    found = after(inputs["days"], inputs["principal"], policy)

    assert found.interest_minor == ours != minor(expected["interest"])
    daily = after(1, inputs["principal"], policy)
    assert daily.interest_minor == minor(expected["daily_interest"])


@in_part("UK-005")
def test_a_fixed_sum_is_beside_the_interest(vector: Vector) -> None:
    inputs = vector["inputs"]

    found = after(inputs["days"], inputs["principal"], load("uk-statutory"))

    assert found.compensation_minor == minor(vector["expected"]["fixed_sum"])


@in_part("US-PPA-6", "AU-SA-2")
def test_little_interest_is_charged_as_well(vector: Vector) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    rate = inputs.get("annual_rate_pct")
    rate = rate or str(Decimal(inputs["cash_rate_pct"]) + Decimal(inputs["margin_pp"]))
    policy = contract(rate, inputs["currency"], inputs["day_count"])
    principal = inputs.get("principal") or inputs["invoice_ex_gst"]

    found = after(inputs.get("days") or inputs["days_late"], principal, policy)

    computed = expected.get("computed") or expected["interest"]
    assert found.interest_minor == minor(computed) > minor(expected["payable"])


@in_part("NL-COMP-1")
def test_interest_bears_no_interest(vector: Vector) -> None:
    inputs = vector["inputs"]

    found = in_months(12 * inputs["years"], inputs["principal"], inputs["annual_rate_pct"])

    assert found == minor(vector["expected"]["simple_would_be"])


@in_part("US-PPA-7")
def test_interest_does_not_end_after_a_year(vector: Vector) -> None:
    inputs = vector["inputs"]

    found = in_months(inputs["months_late"], inputs["principal"], inputs["annual_rate_pct"])

    assert found == 90_00


@of_topic("interest.monthly_rate")
def test_a_rate_a_month_is_twelve_of_them_a_year(vector: Vector) -> None:
    monthly, expected = Decimal(vector["inputs"]["monthly_rate_pct"]), vector["expected"]
    year = contract(expected["apr_pct"])

    assert in_months(1, "100.00", expected["apr_pct"]) == monthly * 100
    assert in_months(12, "100.00", expected["apr_pct"]) == minor(expected["apr_pct"])
    daily = Decimal(after(1, "1000000.00", year).interest_minor) / 1_000_000
    assert daily.quantize(Decimal(expected["daily_pct"])) == Decimal(expected["daily_pct"])


@in_part("CA-001", "CA-002")
def test_a_years_simple_interest_is_the_nominal_rate(vector: Vector) -> None:
    nominal = vector["expected"]["nominal_annual_pct"]
    monthly = Decimal(vector["inputs"]["monthly_rate_pct"])

    assert in_months(1, "100.00", nominal) == monthly * 100
    assert in_months(12, "100.00", nominal) == minor(nominal)


@in_part("CA-003")
def test_a_policy_for_canada_states_its_rate_a_year_or_is_refused(vector: Vector) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    with pytest.raises(PolicyError, match="annual_rate_stated"):
        contract("24", inputs["currency"])

    stated = contract(
        expected["applied_annual_rate_pct"], inputs["currency"], more="annual_rate_stated = true"
    )

    found = after(inputs["days"], inputs["principal"], stated)
    assert found.interest_minor == minor(expected["interest"])


@of_topic("rate_change.mid_period")
def test_each_day_bears_the_rate_of_its_half_year(vector: Vector) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    terms = (
        f'table = "de_basiszinssatz"\nmargin = "{share(inputs["margin_pp"])}"\n'
        f'mode = "{inputs["rate_mode"]}"'
    )
    day_count = DAY_COUNTS[inputs["day_count"]]
    text = POLICY.format(currency=inputs["currency"], terms=terms, day_count=day_count)
    asked = Sum(
        minor(inputs["principal"]),
        inputs["currency"],
        DAY(inputs["due_date"]),
        DAY(inputs["paid_on"]),
    )

    found = worth(asked, load(text.encode()))

    assert [told(one) for one in found.accrued.segments] == [
        (one["from"], one["to"], one["days"], Decimal(share(one["rate_pct"])))
        for one in expected["segments"]
    ]
    assert sum(one.days for one in found.accrued.segments) == expected["days"]
    assert found.interest_minor == minor(expected["interest"])


def told(one: Segment) -> tuple[str, str, int, Decimal]:
    return (one.since.isoformat(), one.through.isoformat(), one.days, one.rate)


def first_rate(reference_pct: str, margin_pp: str) -> Decimal:
    """The rate of the first day of interest, in percent, by a table of one rate."""
    since, through = DAY("2020-01-01"), DAY("2029-12-31")
    span = RateSpan(since, through, Decimal(share(reference_pct)))
    table = RateTable("published", "Published", "the vector", through, (span,))
    rules = InterestRules(
        table="published", margin=Decimal(share(margin_pp)), mode="locked", rates=table
    )
    asked = Sum(100_00, "EUR", DUE_ON, DUE_ON + ONE_DAY)
    (segment,) = accrue(invoice_of(asked), rules, (), asked.through).segments
    return segment.rate * 100


@of_topic("reference_rate")
def test_a_margin_is_added_to_the_reference_rate(vector: Vector) -> None:
    inputs = vector["inputs"]

    found = first_rate(inputs["reference_pct"], inputs["margin_pp"])

    assert found == Decimal(vector["expected"]["rate_pct"])


@in_part("FR-RATE-1")
def test_french_interest_is_ten_points_above_the_ecbs_rate(vector: Vector) -> None:
    assert vector["inputs"]["half_year"] == "2024H2"
    reference = vector["inputs"]["ecb_mro_pct"]

    assert shipped_rates()["ecb_mro"].rate_on(DAY("2024-07-01")) == Decimal(share(reference))
    assert first_rate(reference, "10") == Decimal(vector["expected"]["default_rate_pct"])


@of_topic("partial_payment.principal_first")
def test_a_part_payment_lowers_the_base_from_the_day_after_it(vector: Vector) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    policy = contract(inputs["annual_rate_pct"], inputs["currency"], inputs["day_count"])
    payments = tuple((DAY(one["date"]), minor(one["amount"])) for one in inputs["payments"])
    asked = Sum(
        minor(inputs["principal"]),
        inputs["currency"],
        DAY(inputs["due_date"]),
        DAY(inputs["as_of"]),
        payments,
    )

    found = worth(asked, policy)

    before, rest = found.accrued.segments
    assert (before.days, rest.days) == (expected["days_before"], expected["days_after"])
    alone = [working_of((one,), found.accrued.year_days).running_minor for one in (before, rest)]
    assert alone == [minor(expected["interest_before"]), minor(expected["interest_after"])]
    assert found.interest_minor == minor(expected["interest_total"])
    assert rest.base_minor == minor(expected["principal_open"])


@of_topic("credit_note.interest_base")
def test_a_credit_note_lowers_the_base_from_the_day_after_it_was_issued(vector: Vector) -> None:
    """Of the vector's two readings R7.4 takes the second: from the note's own date."""
    inputs, expected, note = vector["inputs"], vector["expected"], vector["inputs"]["credit_note"]
    policy = contract(inputs["annual_rate_pct"], "USD", inputs["day_count"])
    due, as_of = DAY(inputs["due_date"]), DAY(inputs["as_of"])
    issued, noted = due - timedelta(days=30), DAY(note["issued"])
    amount = minor(inputs["principal"])
    facts: list[Fact] = [
        InvoiceIssued(issued, "I1", "USD", amount, amount, issued, due, issued),
        CreditNote(noted, "C1", "USD", minor(note["amount"]), "I1"),
    ]

    account = apply_all(Account("A"), facts, policy).account
    found = interest_on(account, account.invoices["I1"], policy, as_of)

    assert sum(one.days for one in found.segments) == expected["days"]
    assert found.running_minor == minor(expected["interest_effective_issue_date"])


@of_topic("default_term")
def test_interest_begins_after_the_terms_that_the_law_gives(vector: Vector) -> None:
    """30 days beginning with the receipt are `net 29` from it; 30 days following it, `net 30`."""
    inputs, expected = vector["inputs"], vector["expected"]
    terms = {"GB": "net 29", "EU": "net 30"}[inputs["jurisdiction"]]
    last_day = expected.get("relevant_day") or expected["last_day"]

    due = due_date(terms, DAY(inputs["invoice_received"]))

    asked = Sum(100_00, "EUR", due, due + timedelta(days=10))
    (segment,) = worth(asked, contract("8")).accrued.segments
    assert (due.isoformat(), segment.since.isoformat()) == (last_day, expected["interest_from"])


@of_topic("day_count.30_360")
def test_every_month_of_30_360_has_30_days(vector: Vector) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    asked = Sum(100_00, "EUR", DAY(inputs["start"]), DAY(inputs["end"]))

    found = worth(asked, contract("8", day_count=inputs["day_count"])).accrued

    days = sum(one.days for one in found.segments)
    assert days == expected["days"]
    off = Decimal(days) / found.year_days - Decimal(expected["year_fraction"])
    assert abs(off) < Decimal(expected["tolerance"])


@in_part("DC-AAISDA-1")
def test_a_day_count_of_actual_days_and_years_is_refused(vector: Vector) -> None:
    assert vector["inputs"]["day_count"] == "act/act isda"
    text = POLICY.format(currency="EUR", terms='annual_rate = "0.08"', day_count="actual/actual")

    with pytest.raises(PolicyError, match="day_count"):
        load(text.encode())
