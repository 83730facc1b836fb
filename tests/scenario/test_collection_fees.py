"""The collection fee: posted, limited, moved, waived (R10.3, R4.1, R4.2)."""

from __future__ import annotations

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking
from chalicelib.core.effects import ChargePosted
from chalicelib.core.export_lines import export_lines
from chalicelib.core.facts import (
    InvoiceVoided,
    PaymentReversed,
)
from tests.unit.accounts import DAY, days, invoice, paid, policy
from tests.unit.placed import (
    ACCEPT,
    ESCALATION,
    FEE,
    NO_FEE,
    PLACED,
    act,
    booked,
    collected,
    gap,
    offered,
    told,
)

LATER = DAY + days(5)
ERROR = act("recall", reason="creditor_error")
BOUNCED = PaymentReversed(DAY, "agy_acme_1")


def two() -> Account:
    """Invoices of 100.00, the older one, and 50.00."""
    return offered([invoice("I1", 100_00, 40), invoice("I2", 50_00)])


def charge_of(booking: Booking) -> ChargePosted:
    (found,) = [effect for effect in booking.effects if isinstance(effect, ChargePosted)]
    return found


def test_the_fee_is_a_share_of_the_undisputed_principal_on_the_day_of_acceptance() -> None:
    before = offered([invoice("I1", 100_00, 40), invoice("I2", 50_00, disputed_minor=30_00)])

    fee = charge_of(booked(before, paid(10_00, "I1"), ACCEPT))

    assert (fee.id, fee.invoice_id, fee.stage, fee.charge) == (
        FEE, "I1", "placement", "collection_fee",
    )  # fmt: skip
    assert (fee.amount_minor, fee.basis) == (16_50, "15% of USD 110.00 = 16.50")


def test_the_most_of_a_fee_limits_it() -> None:
    fee = charge_of(booked(offered([invoice("I1", 1_000_00)]), ACCEPT))

    assert (fee.amount_minor, fee.capped_by) == (40_00, "max")


def test_a_cent_and_a_half_of_fee_is_two() -> None:
    fee = charge_of(booked(offered([invoice("I1", 10)]), ACCEPT))

    assert fee.amount_minor == 2


def test_no_fee_of_the_policy_is_no_fee() -> None:
    booking = booked(two(), ACCEPT, rules=NO_FEE)

    assert told(booking.effects) == ["accept"]


def test_the_caps_of_late_fees_leave_the_fee_out() -> None:
    rules = policy(f'{ESCALATION}\n[caps]\nmax_total_percent = "0.01"')

    assert charge_of(booked(two(), ACCEPT, rules=rules)).amount_minor == 22_50


def test_the_fee_is_not_taken_back_by_value_date() -> None:
    rules = policy(f"{ESCALATION}\n[cash]\nreverse_on_value_date = true")
    late = paid(150_00, "I1", "I2", on=LATER, received_on=DAY - days(9))

    found = booked(two(), ACCEPT, late, rules=rules).account

    assert found.invoices["I1"].open_charges_minor == 22_50


def test_a_void_moves_the_fee_with_what_was_paid_on_it() -> None:
    booking = booked(two(), ACCEPT, collected(10_00), InvoiceVoided(DAY, "I1"))

    (fee,) = booking.account.invoices["I2"].charges
    assert (fee.id, fee.amount_minor, fee.open_minor) == (FEE, 22_50, 12_50)
    assert booking.account.closed["I1"].charges == ()

    bounced = booked(booking.account, BOUNCED).account
    assert bounced.invoices["I2"].open_charges_minor == 22_50
    assert gap(bounced) == 0


def test_the_export_feed_sees_nothing_of_a_fee_that_moves() -> None:
    before = booked(two(), ACCEPT).account
    voided = booked(before, InvoiceVoided(DAY, "I1"))

    assert export_lines(before, voided.account, voided.entries, 2) == ()


def test_a_fee_that_moves_on_the_day_it_is_posted_is_exported_whole() -> None:
    before = two()
    booking = booked(before, ACCEPT, InvoiceVoided(DAY, "I1"))

    (line,) = export_lines(before, booking.account, booking.entries, 2)

    assert (line.charge_id, line.charge, line.amount_minor) == (FEE, "collection_fee", 22_50)


def test_a_fee_that_was_paid_is_asked_back_for_when_the_placement_was_an_error() -> None:
    booking = booked(two(), ACCEPT, collected(10_00), ERROR)

    assert f"A:review_account:fee_refund:{PLACED}" in booking.account.tasks
    assert booking.account.invoices["I1"].open_charges_minor == 0


def test_a_fee_that_nobody_paid_asks_for_no_refund() -> None:
    booking = booked(two(), ACCEPT, ERROR)

    assert f"A:review_account:fee_refund:{PLACED}" not in booking.account.tasks


def test_a_fee_is_waived_when_the_agency_returns_what_was_an_error() -> None:
    booking = booked(two(), ACCEPT, act("return", reason="creditor_error"))

    assert booking.account.invoices["I1"].open_charges_minor == 0
    assert told(booking.effects)[-2:] == ["return creditor_error", "waiver -22.50 = 150.00"]


def test_a_fee_stays_when_the_agency_returns_what_it_could_not_collect() -> None:
    booking = booked(two(), ACCEPT, act("return", reason="uncollectible"))

    assert booking.account.invoices["I1"].open_charges_minor == 22_50
