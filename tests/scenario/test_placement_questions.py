"""What somebody is asked to settle with an agency, because no remittance will (R10.6, R10.8)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.facts import InvoiceVoided, PaymentReversed
from chalicelib.core.facts_placements import RemittanceConfirmed
from tests.unit.accounts import DAY, days, invoice, paid
from tests.unit.placed import ACCEPT, PLACED, act, booked, collected, offered, placement_of

BOUNCED = PaymentReversed(DAY + days(1), "agy_acme_1")
CONFIRMED = RemittanceConfirmed(DAY, PLACED, "R1", ("agy_acme_1",))


def test_money_that_bounces_after_its_remittance_is_a_question_to_settle() -> None:
    account = offered([invoice("I1", 100_00)])
    found = booked(account, ACCEPT, collected(30_00), CONFIRMED, BOUNCED)

    assert f"A:review_account:remitted_bounced:{PLACED}" in found.account.tasks


def test_money_that_bounces_before_its_remittance_is_none() -> None:
    found = booked(offered([invoice("I1", 100_00)]), ACCEPT, collected(30_00), BOUNCED)

    assert not found.account.tasks


def test_money_that_bounced_before_its_remittance_was_confirmed_is_one_too() -> None:
    account = offered([invoice("I1", 100_00)])
    found = booked(account, ACCEPT, collected(30_00), BOUNCED, CONFIRMED)

    assert f"A:review_account:remitted_bounced:{PLACED}" in found.account.tasks


def test_direct_money_that_bounces_after_its_commission_was_remitted_is_one_too() -> None:
    account = offered([invoice("I1", 100_00)])
    confirmed = RemittanceConfirmed(DAY, PLACED, "R1", ("D1",))
    direct = paid(30_00, payment_id="D1")
    found = booked(account, ACCEPT, direct, confirmed, PaymentReversed(DAY + days(1), "D1"))

    assert f"A:review_account:remitted_bounced:{PLACED}" in found.account.tasks


def test_commission_that_a_void_takes_back_after_it_was_remitted_is_one_too() -> None:
    account = offered([invoice("I1", 100_00), invoice("I2", 50_00)])
    confirmed = RemittanceConfirmed(DAY, PLACED, "R1", ("D1",))
    direct = paid(30_00, "I1", payment_id="D1")
    found = booked(account, ACCEPT, direct, confirmed, InvoiceVoided(DAY, "I1"))

    assert f"A:review_account:remitted_changed:{PLACED}" in found.account.tasks


def test_money_that_comes_after_all_was_settled_is_awaited() -> None:
    ended = booked(offered([invoice("I1", 100_00)]), ACCEPT, act("return")).account
    one = replace(placement_of(ended), state="closed", closed_on=DAY)
    found = booked(replace(ended, placements={one.id: one}), collected(30_00))

    assert f"A:review_account:trailing_money:{PLACED}" in found.account.tasks
