"""Laws of what people decide about invoices and charges, in any order (R7.5, R4.5, R4.7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from chalicelib.core.account import Account
from chalicelib.core.aging import out_of_balance
from chalicelib.core.apply import apply
from chalicelib.core.decide import decide
from chalicelib.core.effects import Entry
from chalicelib.core.facts import (
    ChargeReinstated,
    ChargeWaived,
    DisputeOpened,
    DisputeResolved,
    Extension,
    Fact,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    Payment,
    PaymentReversed,
)
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy
from chalicelib.flows.policies import load
from hypothesis import given, settings
from hypothesis import strategies as st

FIRST = date(2024, 1, 2)
NAMES = ("I1", "I2")
STAGES = ("s10", "s20", "s30")
CAP = 60  # minor units, of 600: 10%
FEES = 'charges = [ { kind = "percent", rate = "0.04" } ]'
ALL_KINDS = """
charges = [
  { kind = "interest" },
  { kind = "percent", rate = "0.04" },
  { kind = "compensation", bands = [ { amount = { USD = "0.40" } } ] },
]
"""
INTEREST = """
[interest]
annual_rate = "0.90"
grace_days = 3
post_final = true
"""


def policy(charges: str, tables: str = "") -> Policy:
    """A cap of 10%, and stages of 10, 20 and 30 days with the same charges."""
    stages = "".join(
        f"""
[[stages]]
id = "{stage}"
days = {stage[1:]}
notice = "late_fee"
{charges}
"""
        for stage in STAGES
    )
    document = f"""
id = "acts"
currencies = ["USD"]
[dunning]
min_days_between_notices = 0
[cash]
reverse_on_value_date = true
short_payment_tolerance = {{ USD = "0.20" }}
write_off_short_payments = true
[caps]
max_total_percent = "0.{CAP // 6}"
{tables}
{stages}
"""
    return load(document.encode())


POLICY = policy(FEES)
POLICIES = st.sampled_from((POLICY, policy(ALL_KINDS, INTEREST)))


def issued(name: str) -> InvoiceIssued:
    return InvoiceIssued(FIRST, name, "USD", 600, 600, FIRST, FIRST, FIRST, delivered_on=FIRST)


@st.composite
def charge_ids(draw: st.DrawFn) -> str:
    """The ids of charges that there are, or might be."""
    revision = draw(st.sampled_from(["", "", "", ":r1"]))
    name, stage = (
        draw(st.sampled_from(["I1", "I1", "I2"])),
        draw(st.sampled_from(["s10", "s10", "s20"])),
    )
    kind = draw(st.sampled_from(["percent", "percent", "interest", "compensation"]))
    return f"{name}:{stage}:{kind}{revision}"


@st.composite
def acts(draw: st.DrawFn, on: date, number: int) -> Fact:
    """What somebody decides on a day; mostly about charges."""
    name, charge = draw(st.sampled_from(NAMES)), draw(charge_ids())
    of_it = charge.partition(":")[0]
    amount = draw(st.sampled_from([600, 590, 300, 24, 10, 1_300]))
    received = on - timedelta(days=draw(st.integers(0, 25)))
    outcome: Literal["won", "lost"] = draw(st.sampled_from(["won", "lost"]))
    found: list[Fact] = [
        *[ChargeWaived(on, of_it, charge, "goodwill")] * 4,
        *[ChargeReinstated(on, of_it, charge, "mistake")] * 6,
        Payment(on, f"P{number}", received, "USD", amount, draw(st.sampled_from([(), (name,)]))),
        PaymentReversed(on, f"P{draw(st.integers(0, number))}"),
        Extension(on, name, on + timedelta(days=draw(st.integers(-20, 20)))),
        DisputeOpened(on, name, draw(st.sampled_from([None, 100]))),
        DisputeResolved(on, name, outcome),
        InvoiceWrittenOff(on, name, "bad_debt"),
        InvoiceVoided(on, name),
    ]
    return draw(st.sampled_from(found))


@st.composite
def histories(draw: st.DrawFn) -> list[Fact | date]:
    """Two invoices that were charged, then acts, and days on which the account is decided."""
    told: list[Fact | date] = [issued(name) for name in NAMES]
    day = FIRST
    for _ in range(draw(st.integers(1, 2))):
        day += timedelta(days=10)
        told.append(day)
    for number in range(draw(st.integers(5, 20))):
        day += timedelta(days=draw(st.integers(0, 6)))
        told.append(draw(acts(day, number)) if draw(st.integers(0, 4)) else day)
    return told


def step(
    account: Account, told: Fact | date, policy: Policy = POLICY
) -> tuple[Account, tuple[Entry, ...]]:
    if isinstance(told, date):
        decision = decide(account, policy, told)
        return decision.account, decision.entries
    booking = apply(account, told, policy)
    return booking.account, booking.entries


def invoices_of(account: Account) -> list[Invoice]:
    return [*account.invoices.values(), *account.closed.values()]


@settings(max_examples=60, deadline=None)
@given(POLICIES, histories())
def test_the_ledger_balances_and_every_entry_has_an_id_of_its_own(
    rules: Policy, told: list[Fact | date]
) -> None:
    account, refs = Account("A"), list[tuple[str, str]]()
    for one in told:
        account, entries = step(account, one, rules)
        assert out_of_balance(account) == {}, one
        assert all(entry.amount_minor > 0 for entry in entries), one
        refs += [(entry.kind, entry.ref) for entry in entries if entry.charge_id]

    assert len(refs) == len(set(refs))


@settings(max_examples=60, deadline=None)
@given(histories())
def test_what_the_caps_count_is_never_above_them(told: list[Fact | date]) -> None:
    account = Account("A")
    for one in told:
        account, _ = step(account, one)
        for invoice in invoices_of(account):
            counted = sum(charge.counts_for_caps_minor for charge in invoice.charges)
            owed = invoice.open_charges_minor
            assert 0 <= counted <= CAP, one
            assert owed <= CAP, one


@settings(max_examples=60, deadline=None)
@given(POLICIES, histories())
def test_no_part_of_a_charge_is_more_than_there_was(rules: Policy, told: list[Fact | date]) -> None:
    account = Account("A")
    for one in told:
        account, _ = step(account, one, rules)
        for invoice in invoices_of(account):
            for charge in invoice.charges:
                assert 0 <= charge.reinstated_minor <= charge.waived_minor <= charge.amount_minor
                assert charge.open_minor + charge.waived_minor <= charge.amount_minor
                assert not invoice.voided or charge.open_minor == 0


@settings(max_examples=60, deadline=None)
@given(POLICIES, histories())
def test_a_reinstatement_brings_back_exactly_what_was_waived(
    rules: Policy, told: list[Fact | date]
) -> None:
    account = Account("A")
    for one in told:
        before, (account, entries) = account, step(account, one, rules)
        if isinstance(one, ChargeReinstated) and entries:
            undone = apply(
                account, ChargeWaived(one.on, one.invoice_id, entries[0].charge_id, "x"), rules
            )
            assert owed(undone.account) == owed(before)


def owed(account: Account) -> dict[str, int]:
    return {one.id: one.open_minor + one.open_charges_minor for one in invoices_of(account)}
