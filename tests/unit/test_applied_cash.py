"""Unapplied cash and credit, applied by a person (R7.2, R5.8)."""

from __future__ import annotations

from datetime import date

import pytest
from chalicelib.core.account import Account
from chalicelib.core.aging import out_of_balance
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.effects import ENTRY_SIGN
from chalicelib.core.facts import (
    CashApplied,
    CreditNote,
    ExternalOpen,
    Fact,
    InvoiceVoided,
    PaymentReversed,
)
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

FEES = """
[[stages]]
id = "fee"
days = 10
charges = [ { kind = "flat", amount = { USD = "5.00" } } ]
"""
RULES = policy(stages=FEES)
# The cash came for invoices that are not there. I1 and I2 bear a fee of 5.00.
OPEN: list[Fact] = [
    invoice("I1", 10_000, 30),
    invoice("I2", 20_000, 20),
    paid(12_000, "GHOST"),
    CreditNote(DAY, "C1", "USD", 3_000, issued_on=DAY - days(9)),
]


def fined() -> Account:
    return decide(account(OPEN, RULES), RULES, DAY).account


def left(here: Account) -> dict[str, int]:
    """What is open of each invoice and its charges, and the unapplied cash."""
    known = {**here.closed, **here.invoices}
    found = {name: i.open_minor + i.open_charges_minor for name, i in sorted(known.items())}
    return found | {"cash": here.unapplied.get("USD", 0)}


def applied(money_key: str = "", *names: str, currency: str = "USD") -> CashApplied:
    return CashApplied(DAY, currency, money_key, names)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (applied(), {"I1": 500, "I2": 15_000 + 500, "cash": 0}),  # down the waterfall
        (applied("", "I2"), {"I1": 10_500, "I2": 5_500, "cash": 0}),
        (applied("", "I1"), {"I1": 0, "I2": 20_500, "cash": 4_500}),  # its fee too; the rest stays
        (applied("credit_note:C1"), {"I1": 7_500, "I2": 20_500, "cash": 12_000}),
        (applied("payment:P1", "I2", "I1"), {"I1": 10_500, "I2": 8_500, "cash": 3_000}),
        (applied("", "GHOST"), {"I1": 10_500, "I2": 20_500, "cash": 15_000}),
        (applied(currency="EUR"), {"I1": 10_500, "I2": 20_500, "cash": 15_000}),
    ],
)
def test_applied_cash_goes_where_a_person_says(fact: CashApplied, expected: dict[str, int]) -> None:
    booking = apply_all(fined(), [fact], RULES)

    assert left(booking.account) == expected
    assert booking.entries == ()  # the ledger's balance is the same: cash became a settlement


def test_the_oldest_money_goes_first() -> None:
    here = apply_all(fined(), [applied("", "I1")], RULES).account

    assert here.money["credit_note:C1"].unapplied_minor == 0
    assert here.money["payment:P1"].unapplied_minor == 4_500


def test_applying_cash_that_covers_the_account_closes_the_task_that_asked_for_it() -> None:
    enough: list[Fact] = [invoice("I1", 10_000, 30), paid(12_000, "GHOST")]
    asked = decide(account(enough, RULES), RULES, DAY).account

    done = decide(apply_all(asked, [applied()], RULES).account, RULES, DAY + days(1)).account

    assert list(asked.tasks) == ["A:review_account:cash_covers:USD"]
    assert done.tasks == {}


@pytest.mark.parametrize("names", [(), ("I1",), ("I2", "I1")])
def test_a_bounce_takes_back_what_a_person_applied(names: tuple[str, ...]) -> None:
    before = decide(account(OPEN[:2], RULES), RULES, DAY).account
    facts: list[Fact] = [paid(12_000, "GHOST"), applied("", *names), PaymentReversed(DAY, "P1")]

    assert left(apply_all(before, facts, RULES).account) == left(before)


def test_a_late_fee_goes_when_cash_that_came_before_it_is_applied() -> None:
    """R4.9: by value date nothing was open on the fee's day."""
    rules = policy("[cash]\nreverse_on_value_date = true", FEES)
    yesterday, later = DAY - days(1), DAY + days(2)
    facts: list[Fact] = [
        invoice("I1", 10_000, 30),
        paid(9_000, "GHOST", received_on=yesterday),
    ]
    charged = decide(account(facts, rules), rules, DAY).account
    rest = paid(1_000, "I1", on=later, payment_id="P2", received_on=yesterday)

    here = apply_all(charged, [rest, CashApplied(later, "USD")], rules).account

    assert left(here) == {"I1": 0, "cash": 0}
    assert here.totals["USD"]["charge_reversal"] == 500


def test_applied_cash_within_the_tolerance_writes_the_rest_off() -> None:
    rules = policy(
        '[cash]\nshort_payment_tolerance = { USD = "1.00" }\nwrite_off_short_payments = true'
    )
    here = account([invoice("I1", 10_000), paid(9_950, "GHOST"), applied("", "I1")], rules)

    assert left(here) == {"I1": 0, "cash": 0}
    assert here.totals["USD"]["write_off"] == 50


def test_a_credit_note_counts_from_its_own_date() -> None:
    issued_on: date = DAY - days(9)
    note = CreditNote(DAY, "C1", "USD", 3_000, "I1", issued_on=issued_on)

    booking = apply_all(account([invoice("I1", 10_000)], RULES), [note], RULES)

    assert [(e.kind, e.on, e.value_on) for e in booking.entries] == [
        ("credit_note", DAY, issued_on)
    ]
    assert booking.account.invoices["I1"].reductions[0].value_on == issued_on


def test_applying_cash_keeps_the_ledgers_identity() -> None:
    here = apply_all(fined(), [applied("", "I2"), applied()], RULES).account

    booked = sum(ENTRY_SIGN[kind] * amount for kind, amount in here.totals["USD"].items())
    owed = sum(i.open_minor + i.open_charges_minor for i in here.invoices.values())
    assert booked == owed - here.unapplied["USD"]


def test_a_fee_that_the_erp_calls_settled_is_not_taken_back_again() -> None:
    """R7.5: it is not open here, and no money here had paid it."""
    rules = policy("[cash]\nreverse_on_value_date = true", FEES)
    charged = decide(account([invoice("I1", 10_000, 30)], rules), rules, DAY).account
    later = DAY + days(2)
    settled = ExternalOpen(later, "I1", 0, "I1:fee:flat")
    payment = paid(10_000, "I1", on=later, received_on=DAY - days(1))

    here = apply_all(charged, [settled, payment], rules).account

    assert left(here) == {"I1": 0, "cash": 0}
    assert here.totals["USD"] == {
        "invoice": 10_000, "charge": 500, "external_decrease": 500, "payment": 10_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("named", "unapplied"),
    [(None, 3_000), ("I2", 3_000), ("I1", 0)],  # what reduced I1 by its own name went with it
)
def test_a_void_gives_back_the_credit_that_was_applied_to_its_invoice(
    named: str | None, unapplied: int
) -> None:
    note = CreditNote(DAY, "C1", "USD", 3_000, named)
    facts: list[Fact] = [
        invoice("I2", 1_000, 30),
        paid(1_000, "I2"),
        invoice("I1", 10_000, 30),
        note,
    ]
    here = account([*facts, CashApplied(DAY, "USD", "", ("I1",))], RULES)

    after = apply_all(here, [InvoiceVoided(DAY, "I1")], RULES).account

    assert after.unapplied.get("USD", 0) == unapplied
    assert out_of_balance(after) == {}
