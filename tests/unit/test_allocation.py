"""Where money goes, and how it comes back (R7.1-R7.4, R4.9)."""

from __future__ import annotations

from datetime import date

import pytest
from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.facts import (
    CreditNote,
    DisputeOpened,
    Fact,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    PaymentReversed,
)
from chalicelib.core.policy import Policy
from tests.unit.accounts import DAY, account, days, invoice, paid, policy

FEES = """
[[stages]]
id = "fee"
days = 10
charges = [ { kind = "flat", amount = { USD = "5.00" } } ]
"""
YESTERDAY = DAY - days(1)
# I1 is the oldest; I1 and I2 bear a fee of 5.00; half of I2 was advanced.
OPEN: list[Fact] = [
    invoice("I1", 10_000, 30),
    invoice("I2", 20_000, 20, advanced_minor=10_000),
    invoice("I3", 30_000, 5),
]


def charged(rules: Policy) -> Account:
    return decide(account(OPEN, rules), rules, YESTERDAY).account


def left(here: Account) -> dict[str, tuple[int, int]]:
    """Open principal and open charges of each invoice, and unapplied cash under `cash`."""
    known = {**here.closed, **here.invoices}
    found = {name: (i.open_minor, i.open_charges_minor) for name, i in sorted(known.items())}
    return found | {"cash": (here.unapplied.get("USD", 0), 0)}


def table(i1: tuple[int, int], i2: tuple[int, int], i3: int, cash: int = 0) -> object:
    return {"I1": i1, "I2": i2, "I3": (i3, 0), "cash": (cash, 0)}


WHOLE = ((10_000, 500), (20_000, 500), 30_000)


@pytest.mark.parametrize(
    ("cents", "names", "expected"),
    [
        (4_000, ("I3",), table((10_000, 500), (20_000, 500), 26_000)),
        (12_000, ("I1",), table((0, 0), (18_500, 500), 30_000)),  # its fee, then the advanced part
        (31_000, ("I3", "I2"), table((10_000, 500), (19_000, 500), 0)),  # in the order named
        (5_000, (), table((10_000, 500), (15_000, 500), 30_000)),  # advanced principal first
        (12_000, (), table((8_000, 500), (10_000, 500), 30_000)),  # then the oldest due date
        (60_500, (), table((0, 0), (0, 500), 0)),  # late fees last, oldest first
        (70_000, (), table((0, 0), (0, 0), 0, 9_000)),  # the rest is unapplied
        (3_000, ("GHOST",), table(*WHOLE, 3_000)),  # it waits for what is not there
        (12_000, ("GHOST", "I1"), table((0, 0), (20_000, 500), 30_000, 1_500)),
    ],
)
def test_a_payment_pays_what_it_names_and_then_down_the_waterfall(
    cents: int, names: tuple[str, ...], expected: object
) -> None:
    rules = policy(stages=FEES)

    assert left(apply_all(charged(rules), [paid(cents, *names)], rules).account) == expected


def test_a_waterfall_may_pay_fees_before_principal() -> None:
    rules = policy('[cash]\nwaterfall = ["late_fee", "principal"]', FEES)

    here = apply_all(charged(rules), [paid(1_500)], rules).account

    assert left(here) == table((9_500, 0), (20_000, 0), 30_000)


def test_a_payment_in_another_currency_pays_nothing() -> None:
    rules = policy(stages=FEES)

    here = apply_all(charged(rules), [paid(5_000, "I1", currency="EUR")], rules).account

    assert left(here) == table(*WHOLE)
    assert here.unapplied["EUR"] == 5_000


def test_waiting_money_pays_the_principal_of_what_comes_in_and_keeps_the_rest() -> None:
    rules = policy()
    waits = account([paid(5_000, "I9"), invoice("I1", 1_000)], rules)

    here = apply_all(waits, [invoice("I9", 4_000)], rules).account

    assert left(here) == {"I1": (1_000, 0), "I9": (0, 0), "cash": (1_000, 0)}


@pytest.mark.parametrize(
    ("cents", "named", "expected"),
    [
        (4_000, "I1", (6_000, 0)), (12_000, "I1", (0, 2_000)), (4_000, None, (10_000, 4_000)),
        (4_000, "GHOST", (10_000, 4_000)),
    ],
)  # fmt: skip
def test_a_credit_note_reduces_the_invoice_it_names_and_nothing_else(
    cents: int, named: str | None, expected: tuple[int, int]
) -> None:
    facts: list[Fact] = [invoice("I1", 10_000), CreditNote(DAY, "C1", "USD", cents, named)]

    found = left(account(facts, policy()))

    assert (found["I1"][0], found["cash"][0]) == expected


@pytest.mark.parametrize(
    ("fact", "open_and_disputed"),
    [
        (paid(5_000, "I1"), (5_000, 4_000)),  # the undisputed part first
        (paid(8_000, "I1"), (2_000, 2_000)),
        (CreditNote(DAY, "C1", "USD", 3_000, "I1"), (7_000, 1_000)),  # the disputed part first
        (CreditNote(DAY, "C1", "USD", 6_000, "I1"), (4_000, 0)),
    ],
)
def test_payments_take_the_undisputed_part_and_credit_notes_the_disputed_one(
    fact: Fact, open_and_disputed: tuple[int, int]
) -> None:
    here = account([invoice("I1", 10_000), DisputeOpened(DAY, "I1", 4_000), fact], policy())

    one = here.invoices["I1"]
    assert (one.open_minor, one.disputed_minor) == open_and_disputed


TOLERANT = '[cash]\nshort_payment_tolerance = { USD = "1.00" }\nwrite_off_short_payments = true'


@pytest.mark.parametrize(("cents", "still_open"), [(9_900, 0), (9_899, 101), (9_999, 0)])
def test_a_short_payment_within_the_tolerance_closes_its_invoice(
    cents: int, still_open: int
) -> None:
    here = account([invoice("I1", 10_000), paid(cents, "I1")], policy(TOLERANT))

    assert left(here)["I1"] == (still_open, 0)
    assert here.totals["USD"].get("write_off", 0) == (10_000 - cents if not still_open else 0)


def test_a_void_returns_what_was_paid_and_cancels_the_fees() -> None:
    rules = policy(stages=FEES)
    part_paid = apply_all(charged(rules), [paid(4_000, "I1")], rules).account

    here = apply_all(part_paid, [InvoiceVoided(DAY, "I1")], rules).account

    assert left(here) == table((0, 0), (20_000, 500), 30_000, 4_000)


def test_a_void_is_entered_with_what_was_returned_so_that_the_books_balance() -> None:
    """R7.5: 100.00 and a fee of 5.00, less 40.00 paid and the void, are 40.00 of unapplied cash."""
    rules = policy(stages=FEES)
    fined = decide(account([invoice("I1", 10_000, 30)], rules), rules, YESTERDAY).account

    here = apply_all(fined, [paid(4_000, "I1"), InvoiceVoided(DAY, "I1")], rules).account

    assert here.totals["USD"] == {
        "invoice": 10_000,
        "charge": 500,
        "payment": 4_000,
        "void": 10_500,
    }
    assert left(here) == {"I1": (0, 0), "cash": (4_000, 0)}


def test_a_short_payment_is_entered_with_the_value_date_of_its_payment() -> None:
    rules, received = policy(TOLERANT), DAY - days(3)
    here = account([invoice("I1", 10_000)], rules)

    entries = apply_all(here, [paid(9_950, "I1", received_on=received)], rules).entries

    written_off = [(e.on, e.value_on) for e in entries if e.kind == "write_off"]
    assert written_off == [(DAY, received)]


def test_a_write_off_gives_up_the_principal_and_leaves_the_fees() -> None:
    rules = policy(stages=FEES)

    here = apply_all(charged(rules), [InvoiceWrittenOff(DAY, "I1", "settled")], rules).account

    assert left(here)["I1"] == (0, 500)


def test_a_bounced_payment_gives_back_principal_fees_and_the_short_payment() -> None:
    rules = policy(TOLERANT, FEES)
    before = charged(rules)
    facts: list[Fact] = [paid(60_950), PaymentReversed(DAY, "P1")]

    assert left(apply_all(before, facts[:1], rules).account) != left(before)
    assert left(apply_all(before, facts, rules).account) == left(before)


@pytest.mark.parametrize(
    ("received", "paid_cents", "reversed_minor"),
    [
        (YESTERDAY, 10_000, 500),  # the fee's own day: nothing was open on it
        (YESTERDAY - days(5), 10_000, 500),
        (DAY, 10_000, 0),  # after the fee: it stays
        (YESTERDAY - days(5), 9_999, 0),  # something was open still
    ],
)
def test_a_payment_booked_late_takes_back_fees_of_days_on_which_nothing_was_open(
    received: date, paid_cents: int, reversed_minor: int
) -> None:
    rules = policy("[cash]\nreverse_on_value_date = true", FEES)
    one: InvoiceIssued = invoice("I1", 10_000, 30)
    fined = decide(account([one], rules), rules, YESTERDAY).account
    booked_on = DAY + days(3)

    payment = paid(paid_cents, "I1", on=booked_on, received_on=received)
    here = apply_all(fined, [payment], rules).account

    known = {**here.closed, **here.invoices}
    assert [charge.reversed_minor for charge in known["I1"].charges] == [reversed_minor]
