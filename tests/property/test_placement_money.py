"""Laws of money for what is placed: payments that cross, direct and through the agency, add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from chalicelib.core.account import Account
from chalicelib.core.book import Book
from chalicelib.core.effects import Effect
from chalicelib.core.effects_placements import PlacementBalance
from chalicelib.core.facts import (
    CashApplied,
    ChargeReinstated,
    ChargeWaived,
    CreditNote,
    Fact,
    InvoiceVoided,
    InvoiceWrittenOff,
    Payment,
    PaymentReversed,
)
from chalicelib.core.facts_placements import SettlementAnswered, SettlementProposed
from chalicelib.core.money import round_half_up, share
from chalicelib.core.placement_moves import Move
from chalicelib.core.placement_steps import balance_of
from chalicelib.core.placements import AGENCY, PlacementTerms
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.stories import Story, placed_stories
from tests.property.walk import walk
from tests.unit.accounts import DAY, days, decided, invoice, paid, policy
from tests.unit.placed import (
    ACCEPT,
    ESCALATION,
    FEE,
    PLACED,
    act,
    booked,
    collected,
    gap,
    placed,
    placement_of,
)

NAMES = ("I1", "I2", "I3")
RATE = Decimal("0.175")
RULES = policy(
    f"{ESCALATION}\n[cash]\nreverse_on_value_date = true\n"
    'short_payment_tolerance = { USD = "0.05" }\nwrite_off_short_payments = true\n'
    '[interest]\nannual_rate = "0.30"\npost_final = true',
    '[[stages]]\nid = "s"\ndays = 10\ncharges = [ { kind = "interest" } ]',
)
AMOUNTS = st.sampled_from([1, 7, 33_33, 50_00, 99_96, 100_00, 180_00])
NUMBERS = st.integers(1, 4)


def accepted(*, on_direct: bool) -> Account:
    """Three invoices with interest charged, of which an agency accepted to collect all."""
    terms = PlacementTerms(RATE, on_direct, settlement_floor=Decimal("0.5"))
    issued = [invoice("I1", 100_00, 40), invoice("I2", 50_00), invoice("I3", 33_34)]
    return booked(placed(decided(issued, RULES).account, terms), ACCEPT, rules=RULES).account


@st.composite
def money_facts(draw: st.DrawFn) -> Fact:
    """Anything that moves the balance of what is placed."""
    number, name = draw(NUMBERS), draw(st.sampled_from(NAMES))
    cents, names = draw(AMOUNTS), draw(st.sampled_from([(), (name,)]))
    received_on = DAY - days(draw(st.sampled_from([0, 0, 15])))
    again: Move = draw(st.sampled_from(["recall", "return", "close"]))
    others: list[Fact] = [
        CreditNote(DAY, f"C{number}", "USD", cents, name),
        ChargeWaived(DAY, name, FEE, "goodwill"),
        ChargeReinstated(DAY, name, FEE, "mistake"),
        InvoiceVoided(DAY, name),
        InvoiceWrittenOff(DAY, name, "bad_debt"),
        CashApplied(DAY, "USD"),
        SettlementProposed(DAY, PLACED, "s", cents, DAY),
        SettlementAnswered(DAY, PLACED, "s", is_agreed=True),
        act(again, reason="creditor_error" if again == "recall" else ""),
    ]
    facts: list[Fact] = [
        collected(cents, f"A{number}", invoice_ids=names, received_on=received_on),
        paid(cents, *names, payment_id=f"D{number}", received_on=received_on),
        PaymentReversed(DAY, f"A{number}"),
        PaymentReversed(DAY, f"D{number}"),
        draw(st.sampled_from(others)),
    ]
    return draw(st.sampled_from(facts))


HISTORIES = st.lists(money_facts(), min_size=3, max_size=14)


def lines(effects: Iterable[Effect]) -> list[PlacementBalance]:
    return [one for one in effects if isinstance(one, PlacementBalance)]


def check_takings(account: Account) -> None:
    """Each cent that the agency received is in one taking; what bounced earns nothing."""
    placement = placement_of(account)
    mine = {one.id: one for one in account.money.values() if one.placement_id}
    takings = [one for one in placement.takings if one.by == AGENCY]
    assert sorted(one.payment_id for one in takings) == sorted(mine)
    for one in placement.takings:
        money = account.money[f"payment:{one.payment_id}"]
        assert one.bounced == money.bounced
        if one.by == AGENCY:
            assert one.amount_minor == money.amount_minor
        on_direct = placement.terms is not None and placement.terms.commission_on_direct
        earns = not one.bounced and (one.by == AGENCY or on_direct)
        expected = round_half_up(share(one.amount_minor, RATE)) if earns else 0
        assert one.commission_minor == expected


@settings(max_examples=30, deadline=None)
@given(HISTORIES, st.booleans())
def test_whatever_crosses_adds_up_after_every_fact(
    history: Sequence[Fact], on_direct: bool
) -> None:
    account = accepted(on_direct=on_direct)
    earned = 0
    for fact in history:
        before = placement_of(account)
        booking = booked(account, fact, rules=RULES)
        account, placement = booking.account, placement_of(booking)
        told = before.balance_minor
        for line in lines(booking.effects):
            told += line.amount_minor
            earned += line.commission_minor
            assert line.balance_minor == told >= 0
        assert placement.balance_minor == told
        if placement.is_with_agency:
            assert balance_of(Book(account), placement) == told > 0
        assert gap(account) == 0
        check_takings(account)
        assert earned == sum(one.commission_minor for one in placement.takings)


@settings(max_examples=20, deadline=None)
@given(HISTORIES)
def test_what_an_agency_received_goes_to_what_was_placed(history: Sequence[Fact]) -> None:
    before = booked(accepted(on_direct=True), invoice("I0", 80_00, 60), rules=RULES).account
    facts = [fact for fact in history if not isinstance(fact, CashApplied)]

    after = booked(before, *facts, rules=RULES).account

    for money in after.money.values():
        if money.placement_id:
            assert {part.invoice_id for part in money.allocations} <= set(NAMES)


@settings(max_examples=20, deadline=None)
@given(HISTORIES)
def test_payments_that_are_booked_again_change_nothing(history: Sequence[Fact]) -> None:
    once = booked(accepted(on_direct=True), *history, rules=RULES).account
    again = [
        fact
        for fact in history
        if (
            isinstance(fact, PaymentReversed)
            and f"payment:{fact.payment_id}" in once.money
            and once.money[f"payment:{fact.payment_id}"].bounced
        )
        or isinstance(fact, Payment)
    ]

    twice = booked(once, *again, rules=RULES)

    assert twice.account == once
    assert twice.effects == ()


@st.composite
def crossing(draw: st.DrawFn) -> tuple[list[Fact], list[Fact]]:
    """Payments of one day that the balance covers, some of which bounce, in two orders."""
    facts: list[list[Fact]] = []
    for number in range(draw(st.integers(1, 5))):
        cents, name = draw(st.integers(1, 40_00)), f"P{number}"
        is_own = draw(st.booleans())
        one = collected(cents, name) if is_own else paid(cents, payment_id=name)
        bounces = draw(st.booleans())
        facts.append([one, PaymentReversed(DAY, name)] if bounces else [one])
    first = draw(st.permutations(facts))
    second = draw(st.permutations(facts))
    late = [fact for group in second for fact in group[1:]]
    return (
        [fact for group in first for fact in group],
        [group[0] for group in second] + draw(st.permutations(late)),
    )


@settings(max_examples=20, deadline=None)
@given(crossing(), st.booleans())
def test_the_order_in_which_payments_cross_changes_neither_balance_nor_commission(
    orders: tuple[list[Fact], list[Fact]], on_direct: bool
) -> None:
    before = accepted(on_direct=on_direct)
    start = placement_of(before).balance_minor
    plain = replace(RULES, interest=None, cash=replace(RULES.cash, write_off_short_payments=False))
    stayed = [f for f in orders[0] if isinstance(f, Payment)]
    bounced = {f.payment_id for f in orders[0] if isinstance(f, PaymentReversed)}

    found = [placement_of(booked(before, *facts, rules=plain)) for facts in orders]

    paid_minor = sum(one.amount_minor for one in stayed if one.payment_id not in bounced)
    earning = [
        one for one in stayed
        if one.payment_id not in bounced and (one.placement_id or on_direct)
    ]  # fmt: skip
    commission = sum(round_half_up(share(one.amount_minor, RATE)) for one in earning)
    for placement in found:
        if placement.is_worked:  # in one of the orders all was paid for a while
            assert placement.balance_minor == start - paid_minor
            assert sum(one.commission_minor for one in placement.takings) == commission


@settings(max_examples=10, deadline=None)
@given(placed_stories())
def test_what_agencies_are_told_adds_up_through_whole_histories(story: Story) -> None:
    told: dict[str, int] = {}
    for seen in walk(story):
        for line in lines(seen.effects):
            told[line.id] = told.get(line.id, 0) + line.amount_minor
        assert gap(seen.after) == 0
        book = Book(seen.after)
        for placement in seen.after.placements.values():
            if placement.offered_on is None:
                continue
            changes = told.get(placement.id, 0)
            assert placement.placed_minor + changes == placement.balance_minor
            if placement.is_with_agency:
                assert placement.balance_minor == balance_of(book, placement)
