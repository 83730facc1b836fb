"""What money, fees and settlements do to what an agency works (R10.3-R10.8), and what it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from chalicelib.core.account import Account, money_key
from chalicelib.core.apply import Booking
from chalicelib.core.book import Book
from chalicelib.core.decide import decide
from chalicelib.core.effects_placements import PlacementBalance
from chalicelib.core.facts import (
    CashApplied,
    ChargeReinstated,
    ChargeWaived,
    CreditNote,
    Fact,
    InvoiceVoided,
    InvoiceWrittenOff,
    NoticeCounted,
    PaymentReversed,
)
from chalicelib.core.facts_placements import (
    RemittanceConfirmed,
    SettlementAnswered,
    SettlementProposed,
)
from chalicelib.core.placement_settlements import lapse_settlement
from tests.unit.accounts import DAY, days, decided, invoice, paid, policy
from tests.unit.placed import (
    ACCEPT,
    ESCALATION,
    FEE,
    NO_FEES,
    PLACED,
    TERMS,
    act,
    booked,
    collected,
    gap,
    offered,
    placed,
    placement_of,
    told,
)

LATER = DAY + days(5)
ERROR = act("recall", reason="creditor_error")
BOUNCED = PaymentReversed(DAY, "agy_acme_1")


def two() -> Account:
    """Invoices of 100.00, the older one, and 50.00."""
    return offered([invoice("I1", 100_00, 40), invoice("I2", 50_00)])


def proposed(cents: int, pay_by: date = LATER) -> SettlementProposed:
    return SettlementProposed(DAY, PLACED, "s1", cents, pay_by)


def answered(*, is_agreed: bool) -> SettlementAnswered:
    return SettlementAnswered(DAY, PLACED, "s1", is_agreed=is_agreed, reason="too_little")


# What happens after two() was accepted: a fee of 22.50, so 172.50 is open.
TOLD: dict[str, tuple[list[Fact], list[str]]] = {
    "the agency's money pays the fee first": (
        [collected(30_00)],
        ["payment_agency -30.00 = 142.50, earns 6.00"],
    ),
    "what is paid to the seller is told at once": (
        [paid(100_00, "I1")],
        ["payment_direct -100.00 = 72.50, earns 20.00"],
    ),
    "nothing open of an invoice withdraws it": (
        [paid(50_00, "I2")],
        ["payment_direct -50.00 = 122.50, earns 10.00", "without I2"],
    ),
    "all paid ends it": (
        [collected(172_50)],
        ["payment_agency -172.50 = 0.00, earns 34.50", "without I1", "without I2",
         "paid payment_agency"],
    ),
    "what the agency took too much earns too": (
        [collected(200_00)],
        ["payment_agency -172.50 = 0.00, earns 40.00", "without I1", "without I2",
         "paid payment_agency"],
    ),
    "money that bounced comes back with its commission": (
        [collected(30_00), BOUNCED],
        ["payment_agency -30.00 = 142.50, earns 6.00",
         "payment_reversed +30.00 = 172.50, earns -6.00"],
    ),
    "direct money that bounced, too": (
        [paid(50_00, "I2"), PaymentReversed(DAY, "P1")],
        ["payment_direct -50.00 = 122.50, earns 10.00", "without I2",
         "payment_reversed +50.00 = 172.50, earns -10.00"],
    ),
    "an invoice that a bounce opened ends again": (
        [paid(50_00, "I2"), PaymentReversed(DAY, "P1"), CreditNote(DAY, "C1", "USD", 50_00, "I2")],
        ["payment_direct -50.00 = 122.50, earns 10.00", "without I2",
         "payment_reversed +50.00 = 172.50, earns -10.00", "credit_note -50.00 = 122.50",
         "without I2"],
    ),
    "a credit note, a write-off and a waiver earn nothing": (
        [
            CreditNote(DAY, "C1", "USD", 20_00, "I1"),
            InvoiceWrittenOff(DAY, "I2", "bad_debt"),
            ChargeWaived(DAY, "I1", FEE, "goodwill"),
        ],
        ["credit_note -20.00 = 152.50", "write_off -50.00 = 102.50", "without I2",
         "waiver -22.50 = 80.00"],
    ),
    "a fee that is owed again is told": (
        [ChargeWaived(DAY, "I1", FEE, "goodwill"), ChargeReinstated(DAY, "I1", FEE, "mistake")],
        ["waiver -22.50 = 150.00", "fee +22.50 = 172.50"],
    ),
    "a void takes what is open of the invoice, and the fee stays": (
        [InvoiceVoided(DAY, "I1")],
        ["void -100.00 = 72.50", "without I1"],
    ),
    "a void of all that is open ends it": (
        [InvoiceVoided(DAY, "I2"), InvoiceVoided(DAY, "I1")],
        ["void -50.00 = 122.50", "without I2", "void -122.50 = 0.00", "without I1", "paid void"],
    ),
    "what was paid on a voided invoice earns nothing any more": (
        [paid(40_00, "I2"), InvoiceVoided(DAY, "I2")],
        ["payment_direct -40.00 = 132.50, earns 8.00", "void -10.00 = 122.50, earns -8.00",
         "without I2"],
    ),
    "a creditor's error takes it back and waives the fee": (
        [ERROR],
        ["recall creditor_error", "recalled creditor_error", "waiver -22.50 = 150.00"],
    ),
    "money for a placement of another currency is not there": (
        [collected(30_00, currency="EUR")],
        [],
    ),
    "the same money is taken once": (
        [collected(30_00), collected(30_00)],
        ["payment_agency -30.00 = 142.50, earns 6.00"],
    ),
    "money that arrives after a recall is taken and told": (
        [act("recall", reason="legal"), collected(30_00), paid(20_00, "I1")],
        ["recall legal", "recalled legal", "payment_agency -30.00 = 142.50, earns 6.00",
         "payment_direct -20.00 = 122.50"],
    ),
    "once it is closed only the agency's own money is told": (
        [act("recall", reason="legal"), act("close"), collected(30_00), paid(20_00, "I1")],
        ["recall legal", "recalled legal", "close", "payment_agency -30.00 = 142.50, earns 6.00"],
    ),
    "what was charged after the end is nothing to the agency": (
        [ChargeWaived(DAY, "I1", FEE, "x"), act("return"), ChargeReinstated(DAY, "I1", FEE, "y"),
         collected(172_50)],
        ["waiver -22.50 = 150.00", "return", "payment_agency -150.00 = 0.00, earns 34.50"],
    ),
    "what bounced after the end is told": (
        [collected(172_50), BOUNCED],
        ["payment_agency -172.50 = 0.00, earns 34.50", "without I1", "without I2",
         "paid payment_agency", "payment_reversed +172.50 = 172.50, earns -34.50"],
    ),
    "a settlement within the floor is agreed at once": (
        [proposed(138_00)],
        ["settlement_proposed", "settlement_agreed"],
    ),
    "a settlement below the floor waits": ([proposed(137_99)], ["settlement_proposed"]),
    "a settlement that waits is declined": (
        [proposed(100_00), answered(is_agreed=False)],
        ["settlement_proposed", "settlement_declined too_little"],
    ),
    "one settlement at a time": (
        [proposed(100_00), proposed(160_00)],
        ["settlement_proposed"],
    ),
    "what is not for less is no settlement": ([proposed(172_50)], []),
    "what was settled is given up": (
        [proposed(138_00), collected(138_00)],
        ["settlement_proposed", "settlement_agreed", "payment_agency -138.00 = 34.50, earns 27.60",
         "without I1", "write_off -34.50 = 0.00", "without I2", "settled settled"],
    ),
    "a settlement is fulfilled by money that came before its answer": (
        [proposed(100_00), paid(100_00, "I1"), answered(is_agreed=True)],
        ["settlement_proposed", "payment_direct -100.00 = 72.50, earns 20.00", "settlement_agreed",
         "waiver -22.50 = 50.00", "write_off -50.00 = 0.00", "without I1", "without I2",
         "settled settled"],
    ),
    "money that bounced does not count for a settlement": (
        [proposed(138_00), collected(100_00), BOUNCED, collected(38_00, "agy_acme_2")],
        ["settlement_proposed", "settlement_agreed", "payment_agency -100.00 = 72.50, earns 20.00",
         "payment_reversed +100.00 = 172.50, earns -20.00",
         "payment_agency -38.00 = 134.50, earns 7.60"],
    ),
    "money of before a settlement does not count for it, nor does its bounce": (
        [collected(30_00), proposed(120_00), BOUNCED, collected(120_00, "agy_acme_2")],
        ["payment_agency -30.00 = 142.50, earns 6.00", "settlement_proposed", "settlement_agreed",
         "payment_reversed +30.00 = 172.50, earns -6.00",
         "payment_agency -120.00 = 52.50, earns 24.00", "write_off -2.50 = 50.00",
         "write_off -50.00 = 0.00", "without I1", "without I2", "settled settled"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TOLD)
def test_what_happens_to_what_is_placed_is_told(what: str) -> None:
    facts, expected = TOLD[what]

    booking = booked(two(), ACCEPT, *facts)

    assert told(booking.effects)[:2] == ["accept", "fee +22.50 = 172.50"]
    assert told(booking.effects)[2:] == expected
    assert gap(booking.account) == 0


def placed_again() -> Account:
    """I2, which another agency works after the first one gave both back."""
    ended = booked(two(), ACCEPT, act("recall", reason="legal")).account
    again = replace(
        placement_of(two()),
        id="plc_2",
        agency="south",
        state="active",
        invoice_ids=frozenset({"I2"}),
        placed_minor=50_00,
        balance_minor=50_00,
    )
    return replace(ended, placements={**ended.placements, again.id: again})


def lines_by_agency(booking: Booking) -> list[tuple[str, str, int, int]]:
    return [
        (one.agency, one.because, one.amount_minor, one.commission_minor)
        for one in booking.effects
        if isinstance(one, PlacementBalance)
    ]


def test_direct_money_for_what_is_placed_again_is_told_to_the_new_agency_only() -> None:
    booking = booked(placed_again(), paid(30_00, "I2"))

    assert lines_by_agency(booking) == [("south", "payment_direct", -30_00, 6_00)]


def test_trailing_money_of_the_first_agency_earns_the_second_nothing() -> None:
    booking = booked(placed_again(), collected(62_50, invoice_ids=("I2",)))

    assert lines_by_agency(booking) == [
        ("acme", "payment_agency", -62_50, 12_50),
        ("south", "payment_direct", -40_00, 0),
    ]


def test_a_fee_that_comes_to_hang_on_what_is_placed_again_is_told_as_a_correction() -> None:
    booking = booked(placed_again(), InvoiceVoided(DAY, "I1"))

    assert lines_by_agency(booking) == [("south", "correction", 22_50, 0)]
    assert gap(booking.account) == 0


def test_the_agencys_money_goes_to_what_was_placed_only() -> None:
    other = booked(two(), ACCEPT, invoice("I0", 70_00, 60)).account

    found = booked(other, collected(200_00)).account

    assert (found.invoices["I0"].open_minor, found.unapplied["USD"]) == (70_00, 27_50)


def test_the_agencys_money_goes_to_the_fee_then_to_what_it_names() -> None:
    found = booked(two(), ACCEPT, collected(40_00, invoice_ids=("I2", "GHOST"))).account

    money = found.money[money_key("payment", "agy_acme_1")]
    assert [(part.invoice_id, part.charge_id, part.amount_minor) for part in money.allocations] == [
        ("I1", FEE, 22_50), ("I2", None, 17_50),
    ]  # fmt: skip
    assert not money.waits_for


def test_final_interest_is_posted_for_the_agencys_money_too() -> None:
    """R4.3 `post_final`: USD 100.00 x 36% x 40 days, of which 30 days were posted."""
    tables = f'{ESCALATION}\n[interest]\nannual_rate = "0.36"\npost_final = true'
    stages = '[[stages]]\nid = "s"\ndays = 10\ncharges = [ { kind = "interest" } ]'
    rules = policy(tables, stages)
    charged = decided([invoice("I1", 100_00, 30)], rules).account
    before = booked(placed(charged), ACCEPT, rules=rules).account

    booking = booked(before, collected(120_00, on=DAY + days(10)), rules=rules)

    assert told(booking.effects)[:2] == [
        "charge +0.99 = 118.95",
        "payment_agency -118.95 = 0.00, earns 24.00",
    ]


def test_direct_money_earns_nothing_where_the_terms_do_not_say_so() -> None:
    before = placed(two(), terms=replace(TERMS, commission_on_direct=False))

    booking = booked(before, ACCEPT, paid(50_00, "I2"))

    assert told(booking.effects)[2] == "payment_direct -50.00 = 122.50"
    assert [one.amount_minor for one in placement_of(booking).takings] == [50_00]


def test_direct_money_of_before_acceptance_earns_nothing() -> None:
    booking = booked(two(), paid(50_00, "I2"), ACCEPT)

    assert told(booking.effects)[0] == "payment_direct -50.00 = 100.00"
    assert placement_of(booking).takings == ()


def test_direct_money_that_a_void_freed_is_known_to_have_bounced() -> None:
    facts = (paid(100_00, "I1", payment_id="D1"), InvoiceVoided(DAY, "I1"))
    booking = booked(two(), ACCEPT, *facts, PaymentReversed(DAY, "D1"))

    (taking,) = placement_of(booking).takings
    assert (taking.amount_minor, taking.bounced) == (0, True)
    assert told(booking.effects)[-2:] == ["suspend cash_covers", "resume"]


def test_an_offer_of_which_all_was_paid_is_withdrawn() -> None:
    booking = booked(two(), paid(150_00))

    assert told(booking.effects)[-1] == "withdraw paid"
    assert placement_of(booking).outcome == "withdrawn"


def test_unapplied_money_of_the_agency_earns_once() -> None:
    before = booked(two(), ACCEPT, collected(160_00), ChargeReinstated(DAY, "I1", FEE, "x")).account
    voided = booked(before, InvoiceVoided(DAY, "I1")).account

    applied = booked(voided, CashApplied(DAY, "USD"))

    assert sum(one.commission_minor for one in placement_of(applied).takings) == 32_00
    assert placement_of(applied).balance_minor == 0


@pytest.mark.parametrize(("settled", "thanks"), [(True, False), (False, True)])
def test_a_case_is_thanked_for_unless_it_was_settled(*, settled: bool, thanks: bool) -> None:
    rules = policy(f"{NO_FEES}\n[letters]\nthank_you = true")
    first = decided([invoice("I1", 100_00, 40)], rules)
    sent = [NoticeCounted(DAY, notice.id) for notice in first.notices]
    before = booked(placed(first.account), *sent, ACCEPT, rules=rules).account
    money = [proposed(80_00), collected(80_00)] if settled else [collected(100_00)]

    after = decide(booked(before, *money, rules=rules).account, rules, DAY + days(1)).account

    assert after.case is None
    assert (after.thanks is not None) is thanks


def test_a_settlement_lapses_after_its_day_and_not_on_it() -> None:
    book = Book(booked(two(), ACCEPT, proposed(138_00)).account)

    kept = lapse_settlement(book, book.placements[PLACED], LATER)
    lapsed = lapse_settlement(book, kept, LATER + days(1))

    assert kept.settlement is not None
    assert lapsed.settlement is None
    assert told(book.effects) == ["settlement_lapsed"]


def test_money_of_after_a_settlements_day_does_not_fulfil_it() -> None:
    late = collected(138_00, on=LATER + days(1))

    booking = booked(two(), ACCEPT, proposed(138_00), late)

    assert placement_of(booking).state == "active"


def test_a_bounce_after_a_settlement_asks_its_owner() -> None:
    settled = booked(two(), ACCEPT, proposed(138_00), collected(138_00))

    found = booked(settled.account, BOUNCED)

    assert f"A:review_account:settlement_bounced:{PLACED}" in found.account.tasks
    assert gap(found.account) == 0


def test_what_finance_confirms_is_no_longer_unremitted() -> None:
    before = booked(two(), ACCEPT, collected(30_00), collected(20_00, "agy_acme_2"))
    confirmed = RemittanceConfirmed(DAY, PLACED, "r1", ("agy_acme_1",))

    found = placement_of(booked(before.account, confirmed))

    assert [one.remittance_id for one in found.takings] == ["r1", ""]
    assert found.unremitted_minor == 20_00
