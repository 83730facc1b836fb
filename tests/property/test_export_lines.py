"""Laws of the export feed's lines: whoever books them all stands where the charges stand (R7.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from chalicelib.core.account import Account
from chalicelib.core.apply import apply_all
from chalicelib.core.decide import decide
from chalicelib.core.effects import Entry
from chalicelib.core.export_lines import CHARGE, ExportLine, export_lines
from chalicelib.core.facts import (
    ChargeReinstated,
    ChargeWaived,
    Fact,
    InvoiceIssued,
    InvoiceVoided,
    NoticeCounted,
    Payment,
    PaymentReversed,
)
from chalicelib.flows.policies import load
from hypothesis import given, settings
from hypothesis import strategies as st

FIRST = date(2024, 1, 10)
STANDARD = load("standard")
NAMES = ("I0", "I1", "I2")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["decide", "decide", "waive", "reinstate", "void", "pay", "bounce"]),
        st.integers(0, 5),
    ),
    min_size=4,
    max_size=16,
)


def charged() -> tuple[Account, date]:
    """An account whose three invoices have a late fee each."""
    facts = [
        InvoiceIssued(FIRST, name, "USD", 100_000, 100_000, FIRST, FIRST, FIRST, delivered_on=FIRST)
        for name in NAMES
    ]
    account = apply_all(Account("A"), facts, STANDARD).account
    day = FIRST
    while not any(invoice.charges for invoice in account.invoices.values()):
        account, day, _ = decided(account, day)
    return account, day


def decided(account: Account, day: date) -> tuple[Account, date, Sequence[Entry]]:
    """The account decided on a day, its letters sent; and the day of the next decision."""
    decision = decide(account, STANDARD, day)
    sent = [NoticeCounted(day, notice.id) for notice in decision.notices]
    after = apply_all(decision.account, sent, STANDARD).account
    return after, day + timedelta(days=15), decision.entries


def fact_of(account: Account, act: str, number: int, day: date) -> Fact | None:
    """What an act says of the account, None where it has nothing to say it of."""
    every = {**account.closed, **account.invoices}
    invoice = every[NAMES[number % 3]]
    payments = sorted(account.money)
    match act:
        case "waive" | "reinstate" if invoice.charges:
            charge = invoice.charges[number % len(invoice.charges)]
            kind = ChargeWaived if act == "waive" else ChargeReinstated
            return kind(day, invoice.id, charge.id, "goodwill")
        case "void":
            return InvoiceVoided(day, invoice.id)
        case "pay":
            amount = 99_000 + 1_100 * number  # some of them a part of the charges too
            received = day - timedelta(days=20 * (number % 2))
            name = f"P{len(payments)}"
            return Payment(day, name, received, "USD", amount, (invoice.id,))
        case "bounce" if payments:
            key = payments[number % len(payments)]
            return PaymentReversed(day, key.partition(":")[2])
        case _:
            return None


def owed_or_paid(account: Account) -> Counter[str]:
    """What is open of each charge, and what payments that stayed have paid on it."""
    found: Counter[str] = Counter()
    for invoice in (*account.invoices.values(), *account.closed.values()):
        for charge in invoice.charges:
            found[charge.id] += charge.open_minor
    for money in account.money.values():
        for taken in money.allocations:
            if taken.charge_id is not None:
                found[taken.charge_id] += taken.amount_minor
    return +found


@settings(max_examples=90, deadline=None)
@given(ACTS)
def test_lines_add_up_to_what_is_owed_or_paid_of_each_charge(acts: list[tuple[str, int]]) -> None:
    account, day = charged()
    booked = owed_or_paid(account)
    seen_ids: set[str] = set()
    for version, (act, number) in enumerate(acts, start=1):
        before = account
        entries: Sequence[Entry] = ()
        if act == "decide":
            account, day, entries = decided(account, day)
        elif (fact := fact_of(account, act, number, day)) is not None:
            result = apply_all(account, [fact], STANDARD)
            account, entries = result.account, result.entries
        for line in export_lines(before, account, entries, version):
            assert line.amount_minor > 0
            assert line.id not in seen_ids
            seen_ids.add(line.id)
            booked[line.charge_id] += signed(line)
        assert +booked == owed_or_paid(account)
        assert min(booked.values(), default=0) >= 0


def signed(line: ExportLine) -> int:
    return line.amount_minor if line.kind == CHARGE else -line.amount_minor


def lines_of(account: Account, *facts: Fact, version: int = 1) -> tuple[Account, list[ExportLine]]:
    result = apply_all(account, facts, STANDARD)
    return result.account, list(export_lines(account, result.account, result.entries, version))


def told(lines: Sequence[ExportLine]) -> list[tuple[str, int]]:
    return [(line.kind, line.amount_minor) for line in lines]


def test_what_a_bounced_payment_had_paid_on_a_voided_invoices_charge_is_cancelled() -> None:
    account, day = charged()
    pay = Payment(day, "P1", day, "USD", 101_000, ("I0",))  # 10.00 of it on the late fee of 15.00

    account, _ = lines_of(account, pay)
    account, voided = lines_of(account, InvoiceVoided(day, "I0"), version=2)
    _, bounced = lines_of(account, PaymentReversed(day, "P1"), version=3)

    assert told(voided) == [("charge_cancelled", 500)]
    assert told(bounced) == [("charge_cancelled", 1_000)]


def test_a_charge_that_is_waived_twice_has_two_lines_with_ids_of_their_own() -> None:
    account, day = charged()
    charge_id = account.invoices["I0"].charges[0].id
    waive = ChargeWaived(day, "I0", charge_id, "goodwill")

    account, _ = lines_of(account, Payment(day, "P1", day, "USD", 101_000, ("I0",)))
    account, first = lines_of(account, waive, version=2)
    account, _ = lines_of(account, PaymentReversed(day, "P1"), version=3)
    account, second = lines_of(account, waive, version=4)

    assert (told(first), told(second)) == ([("waiver", 500)], [("waiver", 1_000)])
    assert first[0].id != second[0].id


def test_a_waiver_and_a_void_in_one_change_cancel_each_charge_once() -> None:
    account, day = charged()
    charge_id = account.invoices["I0"].charges[0].id

    _, lines = lines_of(
        account, ChargeWaived(day, "I0", charge_id, "goodwill"), InvoiceVoided(day, "I0")
    )

    assert told(lines) == [("waiver", 1_500)]
