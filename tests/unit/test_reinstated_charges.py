"""Waivers and reinstatements as entries of the ledger (R4.7, R4.5, R4.2)."""

from __future__ import annotations

from chalicelib.core.account import Account
from chalicelib.core.aging import out_of_balance
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.effects import Entry
from chalicelib.core.facts import ChargeReinstated, ChargeWaived, Fact, PaymentReversed
from chalicelib.core.invoice import Charge, Invoice
from tests.unit.accounts import DAY, account, invoice, paid, policy

RULES = policy(
    stages="""
[[stages]]
id = "fee"
days = 15
notice = "late_fee"
charges = [ { kind = "percent", rate = "0.10" } ]
"""
)
CHARGE = "I1:fee:percent"


def charged() -> Account:
    """An invoice of 100.00 with a fee of 10.00."""
    return decide(account([invoice("I1", 10_000)], RULES), RULES, DAY).account


def waived(charge_id: str = CHARGE) -> ChargeWaived:
    return ChargeWaived(DAY, "I1", charge_id, "goodwill")


def reinstated(charge_id: str = CHARGE) -> ChargeReinstated:
    return ChargeReinstated(DAY, "I1", charge_id, "mistake")


def after(*facts: Fact) -> tuple[Invoice, tuple[Entry, ...]]:
    booking = apply_all(charged(), facts, RULES)
    found = booking.account.invoices | booking.account.closed
    assert out_of_balance(booking.account) == {}
    return found["I1"], booking.entries


def charge(invoice_now: Invoice, charge_id: str = CHARGE) -> Charge:
    return next(one for one in invoice_now.charges if one.id == charge_id)


def counted(invoice_now: Invoice) -> int:
    return sum(one.counts_for_caps_minor for one in invoice_now.charges)


def test_a_reinstatement_is_an_entry_of_its_own() -> None:
    _, entries = after(waived(), reinstated())

    assert [(one.kind, one.ref, one.amount_minor, one.reason) for one in entries] == [
        ("waiver", f"{CHARGE}:waiver", 1_000, "goodwill"),
        ("charge", f"{CHARGE}:r1", 1_000, "mistake"),
    ]


def test_the_caps_count_an_amount_once_however_often_it_is_reinstated() -> None:
    again = f"{CHARGE}:r1"

    assert counted(after()[0]) == 1_000
    assert counted(after(waived())[0]) == 1_000
    assert counted(after(waived(), reinstated())[0]) == 1_000
    assert counted(after(waived(), reinstated(), waived(again), reinstated(again))[0]) == 1_000


def test_a_revision_keeps_the_day_and_the_basis_of_its_charge() -> None:
    now, _ = after(waived(), reinstated())
    old, new = charge(now), charge(now, f"{CHARGE}:r1")

    assert (new.posted_on, new.stage, new.kind, new.basis) == (
        old.posted_on,
        old.stage,
        old.kind,
        old.basis,
    )


def test_what_a_bounced_payment_opens_again_is_waived_under_an_id_of_its_own() -> None:
    now, entries = after(
        paid(10_400, "I1"), waived(), PaymentReversed(DAY, "P1"), waived(), reinstated()
    )
    refs = [entry.ref for entry in entries if entry.kind in ("waiver", "charge")]

    assert refs == [f"{CHARGE}:waiver", f"{CHARGE}:waiver:600", f"{CHARGE}:r1"]
    assert charge(now, f"{CHARGE}:r1").amount_minor == 1_000


def test_only_what_was_waived_is_reinstated() -> None:
    now, entries = after(reinstated(), paid(10_400, "I1"), waived(), reinstated(), reinstated())

    assert [one.open_minor for one in now.charges] == [0, 600]
    assert [entry.kind for entry in entries] == ["payment", "waiver", "charge"]


def test_what_is_not_there_is_neither_waived_nor_reinstated() -> None:
    _, entries = after(
        waived("I1:other:percent"),
        reinstated("I1:other:percent"),
        ChargeReinstated(DAY, "I9", "I9:fee:percent", "mistake"),
    )

    assert entries == ()
