"""A law of value dates: booked late or on the day, payments come to the same interest (R4.3, R4.9)."""

from __future__ import annotations

from datetime import date, timedelta

from chalicelib.core.account import Account
from chalicelib.core.aging import out_of_balance
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.facts import Fact, InvoiceIssued, Payment, PaymentReversed, day_order
from chalicelib.core.invoice import Invoice
from chalicelib.flows.policies import load
from hypothesis import assume, given, settings
from hypothesis import strategies as st

DUE = date(2024, 1, 15)
LAST = 80
STAGE_DAYS = 10
AMOUNT = 100_000
POLICY = load(
    b"""
id = "late"
currencies = ["USD"]
[dunning]
catch_up = "jump"
[interest]
annual_rate = "0.37"
grace_days = 5
post_final = true
[cash]
reverse_on_value_date = true
[[stages]]
id = "every"
days = 10
repeat_every_days = 10
charges = [ { kind = "interest" } ]
"""
)
PAYMENTS = st.lists(
    st.tuples(
        st.integers(0, 40),  # the day it came, after the due date
        st.integers(0, 30),  # how much later it was booked
        st.one_of(st.integers(1, 60_000), st.sampled_from([AMOUNT // 2, AMOUNT])),
        st.booleans(),  # whether it names the invoice
    ),
    min_size=1,
    max_size=4,
)
Paid = list[tuple[int, int, int, bool]]


def on(day: int) -> date:
    return DUE + timedelta(days=day)


def payments(paid: Paid, *, late: bool) -> list[Fact]:
    return [
        Payment(
            on(came + (wait if late else 0)), f"P{number}", on(came), "USD", minor,
            ("I1",) if names else (),
        )
        for number, (came, wait, minor, names) in enumerate(paid)
    ]  # fmt: skip


def up_to_the_whole(paid: Paid) -> Paid:
    """The payments, the last one cut where they were more: what is over would go to charges."""
    left, found = AMOUNT, Paid()
    for came, wait, minor, names in paid:
        if left:
            found.append((came, wait, min(minor, left), names))
            left -= found[-1][2]
    return found


def told(facts: list[Fact]) -> Invoice:
    """The invoice after all its days."""
    issued = InvoiceIssued(DUE, "I1", "USD", AMOUNT, AMOUNT, DUE, DUE, DUE, delivered_on=DUE)
    account = apply_all(Account("A"), [issued], POLICY).account
    ordered = sorted(facts, key=day_order)
    for number in range(LAST + 1):
        here = [fact for fact in ordered if fact.on == on(number)]
        account = apply_all(account, here, POLICY).account
        assert out_of_balance(account) == {}
        if here or number % STAGE_DAYS == 0:
            account = decide(account, POLICY, on(number)).account
    return (account.invoices | account.closed)["I1"]


def interest(invoice: Invoice) -> int:
    return sum(one.amount_minor - one.reversed_minor for one in invoice.charges)


@settings(max_examples=40, deadline=None)
@given(PAYMENTS)
def test_payments_that_are_booked_late_come_to_the_interest_of_those_booked_in_time(
    paid: Paid,
) -> None:
    paid = up_to_the_whole(paid)
    # What is paid in full before the first stage is never charged; R4.9 asks only for the excess.
    assume(sum(minor for came, _, minor, _ in paid if came <= STAGE_DAYS) < AMOUNT)

    assert interest(told(payments(paid, late=True))) == interest(told(payments(paid, late=False)))


@settings(max_examples=25, deadline=None)
@given(PAYMENTS)
def test_payments_that_all_bounced_come_to_the_interest_of_none(paid: Paid) -> None:
    bounced: list[Fact] = [
        PaymentReversed(on(LAST - 5), f"P{number}") for number in range(len(paid))
    ]

    now = told([*payments(paid, late=True), *bounced])

    assert now.open_minor == AMOUNT
    assert interest(now) == interest(told([]))
