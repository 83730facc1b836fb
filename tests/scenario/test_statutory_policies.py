"""The shipped `uk-statutory` and `eu-statutory` on dated debts, figures worked out by hand (R4.4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.effects import (
    ChargePosted,
    ChargeReversed,
    ChargeStopped,
    Effect,
    NoticeCreated,
)
from chalicelib.core.facts import CreditNote, Delivery, Fact, InvoiceIssued, NoticeCounted, Payment
from chalicelib.core.policy import Policy
from chalicelib.flows.policies import load

UK, EU = load("uk-statutory"), load("eu-statutory")
ONE_DAY = timedelta(days=1)
DAY = date.fromisoformat


def debt(currency: str, minor: int, due_on: date, *, delivered: bool = True) -> InvoiceIssued:
    """An invoice on net 30 terms, delivered on the day of issue unless said otherwise."""
    issued_on = due_on - timedelta(days=30)
    return InvoiceIssued(
        on=issued_on, invoice_id="I1", currency=currency, amount_minor=minor, open_minor=minor,
        issued_on=issued_on, due_on=due_on, seen_on=issued_on,
        delivered_on=issued_on if delivered else None,
    )  # fmt: skip


def pounds(minor: int, due: str, *, delivered: bool = True) -> InvoiceIssued:
    return debt("GBP", minor, DAY(due), delivered=delivered)


def paid(currency: str, minor: int, received: str, booked: str = "") -> Payment:
    return Payment(
        on=DAY(booked or received), payment_id="P1", received_on=DAY(received), currency=currency,
        amount_minor=minor, invoice_ids=("I1",),
    )  # fmt: skip


def told(invoice: InvoiceIssued, *more: Fact, to: date, debtor_kind: str = "company") -> list[str]:
    """What is charged and which letters go out, decided on every day; each letter arrives."""
    policy = UK if invoice.currency == "GBP" else EU
    account = Account("A1", AccountDetails(name="Customer", debtor_kind=debtor_kind))
    effects: list[Effect] = []
    day = invoice.on
    while day <= to:
        booked = apply_all(account, [fact for fact in (invoice, *more) if fact.on == day], policy)
        decision = decide(booked.account, policy, day)
        effects += (*booked.effects, *decision.effects)
        counted = [NoticeCounted(day, notice.id) for notice in decision.notices]
        account = apply_all(decision.account, counted, policy).account
        day += ONE_DAY
    return [said for effect in effects for said in _said(effect)]


def _said(effect: Effect) -> list[str]:
    day = f"{effect.on:%m-%d}"
    if isinstance(effect, ChargePosted):
        return [f"{day} {effect.id[3:]} {effect.amount_minor}"]
    if isinstance(effect, ChargeReversed):
        return [f"{day} back {effect.id[3:]} {effect.amount_minor}"]
    if isinstance(effect, ChargeStopped):
        return [f"{day} stopped {effect.id[3:]} {effect.because}"]
    return [f"{day} letter {effect.stage}"] if isinstance(effect, NoticeCreated) else []


def test_a_debt_of_a_thousand_pounds_runs_up_to_its_final_demand_and_beyond() -> None:
    """GBP 1,000.00 bears 4.75% of 31 December 2024 + 8% = 12.75%, though Bank Rate falls twice."""
    assert told(pounds(100_000, "2025-01-01"), to=DAY("2025-06-05")) == [
        "01-08 letter reminder",
        "01-31 statutory_30:compensation 7000",
        "01-31 statutory_30:interest 1048",  # 30 days: 10.479
        "01-31 letter statutory_30",
        "02-17 interest_45:interest 594",  # 47 days, for the 45th was a Saturday: 16.418
        "02-17 letter interest_45",
        "03-03 interest_45:interest:2 489",  # 61 days, for the 60th was a Sunday: 21.308
        "03-03 letter interest_45",
        "03-17 interest_45:interest:3 489",  # 75 days: 26.199
        "03-17 letter interest_45",
        "04-01 final_demand:interest 524",  # 90 days: 31.438
        "04-01 letter final_demand",
        "05-01 interest_after_demand:interest 1048",  # 120 days: 41.918
        "06-02 interest_after_demand:interest:2 1118",  # 152, 31 May was a Saturday: 53.096
    ]


def test_when_it_is_paid_the_days_since_the_last_letter_are_charged() -> None:
    """Through 2025-02-20 they are 50 days and 17.47, of which 16.42 had been charged."""
    story = told(
        pounds(100_000, "2025-01-01"),
        paid("GBP", 100_000, "2025-02-20", "2025-02-21"),
        to=DAY("2025-03-31"),
    )

    assert story[-1] == "02-21 final:interest 105"


def test_who_pays_before_the_first_interest_is_charged_nothing() -> None:
    story = told(
        pounds(100_000, "2025-01-01"),
        paid("GBP", 100_000, "2025-01-30"),
        to=DAY("2025-03-31"),
    )

    assert story == ["01-08 letter reminder"]


@pytest.mark.parametrize(
    ("due", "interest"),
    [
        ("2025-06-29", 10479),  # starts on 30 June: 4.75% of 31 December 2024
        ("2025-06-30", 10068),  # starts on 1 July: 4.25% of 30 June 2025
    ],
)
def test_the_rate_is_that_of_the_half_years_end_before_interest_starts(
    due: str, interest: int
) -> None:
    story = told(pounds(1_000_000, due), to=DAY(due) + timedelta(days=30))

    assert [line.partition(" ")[2] for line in story[1:3]] == [
        "statutory_30:compensation 10000",
        f"statutory_30:interest {interest}",
    ]


@pytest.mark.parametrize(
    ("minor", "compensation"),
    [(1001, 4000), (99_999, 4000), (100_000, 7000), (999_999, 7000), (1_000_000, 10_000)],
)
def test_the_fixed_sum_goes_by_the_size_of_the_debt(minor: int, compensation: int) -> None:
    story = told(pounds(minor, "2025-01-01"), to=DAY("2025-01-31"))

    assert f"01-31 statutory_30:compensation {compensation}" in story


def test_a_credit_note_bears_interest_through_its_day_and_leaves_the_fixed_sum() -> None:
    """2,460.00 at 11.75% for 33 days, then 2,000.00 for 12 days: 26.133 + 7.726 = 33.86."""
    credit = CreditNote(DAY("2026-03-06"), "C1", "GBP", 46_000, "I1")
    story = told(pounds(246_000, "2026-02-01"), credit, to=DAY("2026-03-18"))

    assert [line for line in story if "letter" not in line] == [
        "03-03 statutory_30:compensation 7000",
        "03-03 statutory_30:interest 2376",
        "03-18 interest_45:interest 1010",
    ]


def test_an_invoice_delivered_late_falls_due_later() -> None:
    invoice = pounds(100_000, "2025-01-01", delivered=False)
    story = told(invoice, Delivery(DAY("2024-12-12"), "I1"), to=DAY("2025-02-10"))

    assert story[0] == "01-20 letter reminder"  # delivered 10 days late: due on 11 January
    assert "02-10 statutory_30:interest 1048" in story


def test_a_natural_person_is_reminded_and_charged_nothing() -> None:
    story = told(pounds(100_000, "2025-01-01"), to=DAY("2025-06-05"), debtor_kind="natural_person")

    assert [line.partition(" ")[2] for line in story] == [
        "letter reminder",
        "letter statutory_30",
        *["letter interest_45"] * 3,
        "letter final_demand",
    ]


def test_euros_bear_the_rate_of_each_half_year_and_no_day_after_the_payment() -> None:
    """Due 15 June 2023: 15 days at 10.5%, then 12%: 32 days are 99.04, the 30 to payment 92.47."""
    invoice = debt("EUR", 1_000_000, DAY("2023-06-15"))
    payment = paid("EUR", 1_000_000, "2023-07-15", "2023-07-20")

    assert told(invoice, payment, to=DAY("2023-08-31")) == [
        "06-22 letter reminder",
        "07-17 statutory_30:compensation 4000",
        "07-17 statutory_30:interest 9904",
        "07-17 letter statutory_30",
        "07-20 back statutory_30:compensation 4000",
        "07-20 back statutory_30:interest 657",
    ]


@pytest.mark.parametrize("rules", [UK, EU], ids=lambda rules: rules.id)
def test_a_debt_that_the_table_does_not_reach_bears_no_guess(rules: Policy) -> None:
    assert rules.interest is not None
    assert rules.interest.rates is not None
    due_on = rules.interest.rates.known_through + timedelta(days=400)

    story = told(debt(rules.currencies[0], 50_000, due_on), to=due_on + timedelta(days=37))

    charged = [line.partition(" ")[2] for line in story if "letter" not in line]
    assert charged == [
        "statutory_30:compensation 4000",
        "stopped statutory_30:interest rate_unknown",
    ]


@pytest.mark.parametrize("rules", [UK, EU], ids=lambda rules: rules.id)
def test_every_charge_is_for_companies_only_and_no_cap_cuts_it(rules: Policy) -> None:
    charges = [rule for stage in rules.stages for rule in stage.charges]
    assert [rule.kind for rule in charges] == ["compensation", *["interest"] * 4]
    assert {rule.debtor_kind for rule in charges} == {"company"}
    assert (rules.caps.max_total_percent, rules.caps.max_annual_rate) == (None, None)
    assert rules.dunning.count_from_delivery
