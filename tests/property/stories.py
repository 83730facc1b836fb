"""Made-up histories of one account, for laws that hold whatever happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from chalicelib.core.account import Hold
from chalicelib.core.facts import (
    BlockEnded,
    BlockSet,
    ChargeWaived,
    Contact,
    CreditNote,
    Delivery,
    DisputeOpened,
    DisputeResolved,
    Extension,
    Fact,
    HoldReleased,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    Pause,
    Payment,
    PaymentReversed,
    PromiseMade,
    day_order,
)
from chalicelib.core.facts_holds import HoldOverruled, HoldSet
from chalicelib.core.policy import Policy
from chalicelib.flows.policies import load
from hypothesis import strategies as st
from tests.second_opinion.chance import Chance
from tests.second_opinion.random_policy import random_policy

FIRST_DAY = date(2024, 1, 15)
STORY_DAYS = 110
LAST_DAY = FIRST_DAY + timedelta(days=STORY_DAYS)
CURRENCIES = ("USD", "JPY")
STAGES_MAX = 5


@dataclass(frozen=True)
class Story:
    """A policy, and the facts of one account in the order of R5.10."""

    policy: Policy
    facts: tuple[Fact, ...]

    @property
    def days(self) -> list[date]:
        return [FIRST_DAY + timedelta(days=n) for n in range(STORY_DAYS + 1)]

    def facts_of(self, day: date) -> list[Fact]:
        return [fact for fact in self.facts if fact.on == day]


def days_from(low: int, high: int) -> st.SearchStrategy[date]:
    return st.integers(low, high).map(lambda n: FIRST_DAY + timedelta(days=n))


AMOUNTS = st.one_of(st.integers(20_000, 200_000), st.integers(1, 200_000))
ANY_DAY = days_from(0, STORY_DAYS)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    seed = draw(st.integers(0, 400))
    return load(random_policy(Chance(seed), list(CURRENCIES), seed).encode())


@st.composite
def invoices(draw: st.DrawFn, invoice_id: str) -> InvoiceIssued:
    amount = draw(AMOUNTS)
    opened = draw(st.sampled_from([amount, amount, amount, amount // 2, 0]))
    issued = draw(days_from(0, 40))
    delivered = draw(st.sampled_from([issued] * 7 + [None]))
    return InvoiceIssued(
        on=issued,
        invoice_id=invoice_id,
        currency=draw(st.sampled_from(CURRENCIES)),
        amount_minor=amount,
        open_minor=opened,
        issued_on=issued,
        due_on=issued + timedelta(days=draw(st.integers(0, 20))),
        seen_on=issued,
        delivered_on=delivered,
        advanced_minor=draw(st.one_of(st.just(0), st.integers(0, opened))),
        disputed_minor=draw(st.sampled_from([0] * 6 + [opened // 3, opened])),
    )


@st.composite
def money(draw: st.DrawFn, issued: Sequence[InvoiceIssued], number: int) -> list[Fact]:
    """A payment or credit note, about the size of an invoice; a payment may bounce."""
    invoice = draw(st.sampled_from(issued))
    whole = invoice.open_minor or 1
    amount = draw(st.sampled_from([whole, whole, max(1, whole - 40), whole // 2 + 1, 250_000]))
    booked = draw(ANY_DAY)
    names = draw(st.sampled_from([(invoice.invoice_id,), (), ("GHOST", invoice.invoice_id)]))
    if draw(st.integers(0, 3)) == 0:
        named = names[0] if names else None
        return [CreditNote(booked, f"C{number}", invoice.currency, amount, named)]
    received = booked - timedelta(days=draw(st.integers(0, 80)))
    found: list[Fact] = [Payment(booked, f"P{number}", received, invoice.currency, amount, names)]
    if draw(st.booleans()):
        later = booked + timedelta(days=draw(st.integers(1, 40)))
        found.append(PaymentReversed(later, f"P{number}"))
    return found


@st.composite
def said(draw: st.DrawFn, issued: Sequence[InvoiceIssued]) -> Fact:
    """What somebody says about an account or one of its invoices."""
    invoice, on = draw(st.sampled_from(issued)), draw(ANY_DAY)
    name, later = invoice.invoice_id, on + timedelta(days=draw(st.integers(0, 30)))
    part = draw(st.one_of(st.none(), AMOUNTS))
    stage = f"s{draw(st.integers(0, STAGES_MAX - 1))}"
    kind = draw(st.sampled_from(["percent", "flat"]))
    outcome: Literal["won", "lost"] = "won" if draw(st.booleans()) else "lost"
    direction: Literal["in", "out"] = "in" if draw(st.booleans()) else "out"
    covered = draw(st.sampled_from([(), (name,)]))
    facts: list[Fact] = [
        Delivery(on, name),
        DisputeOpened(on, name, part),
        DisputeResolved(on, name, outcome),
        Pause(on, later, draw(st.sampled_from([name, None]))),
        PromiseMade(on, invoice.currency, part or 1, later, covered),
        Extension(on, name, later),
        Contact(on, direction, "call"),
        BlockSet(on, "in_plan", (name,), until=later),
        BlockSet(on, "legal_stop"),
        BlockEnded(on, "legal_stop"),
        InvoiceVoided(on, name),
        InvoiceWrittenOff(on, name, "settled"),
        ChargeWaived(on, name, f"{name}:{stage}:{kind}", "goodwill"),
        HoldReleased(on, "oldest_days_past_due"),
        HoldOverruled(on, "oldest_days_past_due"),
        HoldOverruled(on, "past_due_total"),
        HoldSet(on, Hold("fraud_check", on, "anna")),
    ]
    return draw(st.sampled_from(facts))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Up to four invoices, with money and words about them."""
    issued = [draw(invoices(f"I{n}")) for n in range(draw(st.integers(1, 4)))]
    facts: list[Fact] = list(issued)
    for number in range(draw(st.integers(1, 6))):
        facts += draw(money(issued, number))
    for _ in range(draw(st.integers(0, 5))):
        facts.append(draw(said(issued)))
    known = [fact for fact in facts if fact.on <= LAST_DAY]
    return Story(draw(policies()), tuple(sorted(known, key=day_order)))
