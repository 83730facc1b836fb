"""A bounce after something else happened: it undoes the payment and nothing more (R7.4)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from chalicelib.core.apply import apply_all
from chalicelib.core.charge_amounts import ChargeBase, compute_charge
from chalicelib.core.decide import decide
from chalicelib.core.facts import (
    DisputeOpened,
    DisputeResolved,
    Fact,
    InvoiceVoided,
    PaymentReversed,
    day_order,
)
from chalicelib.core.policy import Caps, ChargeRule
from tests.unit.accounts import DAY, account, days, invoice, paid, policy


def test_a_payment_that_bounces_on_the_day_it_is_booked_is_undone() -> None:
    facts: list[Fact] = [PaymentReversed(DAY, "P1"), paid(10_000, "I1"), invoice("I1", 10_000)]

    assert account(sorted(facts, key=day_order), policy()).invoices["I1"].open_minor == 10_000


def test_a_dispute_that_the_customer_lost_does_not_come_back_with_a_bounce() -> None:
    facts: list[Fact] = [
        invoice("I1", 10_000),
        DisputeOpened(DAY, "I1"),
        paid(10_000, "I1"),
        DisputeResolved(DAY + days(1), "I1", "lost"),
        PaymentReversed(DAY + days(2), "P1"),
    ]

    assert account(facts, policy()).invoices["I1"].undisputed_minor == 10_000


def test_a_voided_invoice_stays_void_when_its_payment_bounces() -> None:
    facts: list[Fact] = [
        invoice("I1", 10_000),
        paid(10_000, "I1"),
        InvoiceVoided(DAY + days(1), "I1"),
        PaymentReversed(DAY + days(2), "P1"),
    ]

    after = account(facts, policy())

    assert (after.invoices, after.unapplied) == ({}, {"USD": 0})


def test_a_cap_that_finds_nothing_left_is_not_the_one_that_lowered() -> None:
    rule = ChargeRule("flat", amount={"USD": 3_000})
    caps = Caps(max_total_percent=Decimal("0.03"), max_annual_rate=Decimal("0.24"))
    base = ChargeBase("USD", 2, 100_000, 100_000, charged_minor=3_000, days_past_due=20)

    computed = compute_charge(rule, caps, base)

    assert computed is not None
    assert (computed.amount_minor, computed.capped_by) == (0, "max_total_percent")


@pytest.mark.parametrize("ended", [True, False])
def test_a_bounce_brings_nothing_back_of_a_dispute_that_another_one_followed(
    *, ended: bool
) -> None:
    facts: list[Fact] = [
        invoice("I1", 10_000),
        DisputeOpened(DAY, "I1", 4_000),
        paid(8_000, "I1"),  # 2,000 of it on what was disputed
        *([DisputeResolved(DAY, "I1", "lost")] if ended else []),
        DisputeOpened(DAY, "I1", 500),
        PaymentReversed(DAY, "P1"),
    ]

    assert account(facts, policy()).invoices["I1"].disputed_minor == 500


def test_a_bounce_brings_back_that_the_customer_had_won() -> None:
    facts: list[Fact] = [
        invoice("I1", 10_000),
        DisputeOpened(DAY, "I1", 4_000),
        DisputeResolved(DAY, "I1", "won"),
    ]
    before = account(facts, policy()).invoices["I1"]

    after = account([*facts, paid(10_000, "I1"), PaymentReversed(DAY, "P1")], policy())

    assert after.invoices["I1"] == before


def test_what_was_paid_when_it_was_first_seen_is_passed_over_by_no_stage_after_a_bounce() -> None:
    rules = policy()
    facts: list[Fact] = [invoice("I1", 10_000, seen_on=DAY), paid(10_000, "I1")]
    seen = decide(account(facts, rules), rules, DAY).account

    bounced = apply_all(seen, [PaymentReversed(DAY + days(1), "P1")], rules).account

    assert "stage" in [effect.kind for effect in decide(bounced, rules, DAY + days(1)).effects]
