"""What a bounced payment must not leave behind (R7.4, R8.1, R7.3)."""

from __future__ import annotations

from chalicelib.core.apply import apply_all
from chalicelib.core.facts import CreditNote, Fact, InvoiceVoided, PaymentReversed
from tests.unit.accounts import DAY, account, days, decided, invoice, paid, policy

TOLERANT = policy(
    '[cash]\nshort_payment_tolerance = { USD = "1.00" }\nwrite_off_short_payments = true'
)


def test_a_bounce_does_not_open_a_voided_invoice_again() -> None:
    facts: list[Fact] = [
        invoice("I1", 10_000),
        paid(9_950, "I1"),
        InvoiceVoided(DAY, "I1"),
        PaymentReversed(DAY, "P1"),
    ]

    assert account(facts, TOLERANT).invoices == {}


def test_an_invoice_closed_without_a_payment_that_stayed_is_not_settled_late() -> None:
    facts: list[Fact] = [
        invoice("I1", 10_000),
        paid(10_000, "I1"),
        PaymentReversed(DAY, "P1"),
        CreditNote(DAY + days(1), "C1", "USD", 10_000, "I1"),
    ]

    assert account(facts, policy()).settlements == ()


def test_a_short_payment_is_what_the_payment_left_open_and_not_what_came_later() -> None:
    facts: list[Fact] = [
        invoice("I1", 10_000),
        paid(9_000, "I1", "I2"),
        CreditNote(DAY, "C1", "USD", 950, "I1"),
        invoice("I2", 5_000),
    ]

    assert account(facts, TOLERANT).invoices["I1"].open_minor == 50


def test_what_a_bounce_cancels_of_a_voided_invoices_charge_counts_as_voided() -> None:
    """R7.5: a fee of 10.00, paid, cancelled because the payment bounced: nothing was collected."""
    fee = '[[stages]]\nid = "fee"\ndays = 10\ncharges = [ { kind = "flat", amount = { USD = "10" } } ]'
    rules = policy("", fee)
    charged = decided([invoice("I1", 10_000)], rules).account
    facts: list[Fact] = [paid(10_400, "I1"), InvoiceVoided(DAY, "I1")]
    voided = apply_all(charged, facts, rules).account

    bounced = apply_all(voided, [PaymentReversed(DAY, "P1")], rules).account

    assert (voided.voided_charges, bounced.voided_charges) == ({"USD": 600}, {"USD": 1_000})
