"""Laws of disputes: they stand exactly as long as something is disputed, and a lost one never was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.core.account import Account
from chalicelib.core.apply import apply, apply_all
from chalicelib.core.decide import decide
from chalicelib.core.disputes import Dispute, task_of
from chalicelib.core.facts import (
    DisputeOpened,
    DisputeResolved,
    ExternalOpen,
    Fact,
    InvoiceIssued,
    InvoiceVoided,
    TaskClosed,
    day_order,
)
from chalicelib.core.facts_collections import DisputeReassigned, PlanMade, TaskCompleted
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.stories import ANY_DAY, Story, stories

PART = st.one_of(st.none(), st.integers(1, 200_000))


@st.composite
def disputed(draw: st.DrawFn) -> Story:
    """A story in which customers object more than they do elsewhere."""
    story = draw(stories())
    names = [fact.invoice_id for fact in story.facts if isinstance(fact, InvoiceIssued)]
    told: list[Fact] = []
    for _ in range(draw(st.integers(1, 8)) if names else 0):
        name, on, part = draw(st.sampled_from(names)), draw(ANY_DAY), draw(PART)
        facts: list[Fact] = [
            DisputeOpened(on, name, part),
            DisputeOpened(on, name, part, "quality", "paula", None, "RMA 7", "anna"),
            DisputeResolved(on, name, draw(st.sampled_from(["won", "lost"]))),
            DisputeResolved(on, name, "partly", part or 0),
            DisputeReassigned(on, f"dsp_{name}_{on}", "otto", on),
            ExternalOpen(on, name, part or 0),
            InvoiceVoided(on, name),
        ]
        told.append(draw(st.sampled_from(facts)))
    return Story(story.policy, tuple(sorted((*story.facts, *told), key=day_order)))


def standing(account: Account) -> list[Dispute]:
    return [dispute for dispute in account.disputes.values() if dispute.stands]


def check(account: Account) -> None:
    """One dispute stands for each invoice with something disputed, and it is the one named."""
    of_invoices = {
        one.dispute_id: one.disputed_minor
        for one in (*account.invoices.values(), *account.closed.values())
        if one.disputed_minor
    }
    stand = standing(account)

    assert {one.id for one in stand} == of_invoices.keys()
    for one in stand:
        invoice = account.invoices[one.invoice_id]
        assert invoice.dispute_id == one.id
        assert 0 < invoice.disputed_minor <= one.amount_minor
        assert invoice.dispute_won == (one.outcome in ("won", "partly"))
        assert one.won_minor >= invoice.disputed_minor or one.is_open


@settings(max_examples=30, deadline=None)
@given(disputed())
def test_a_dispute_stands_exactly_as_long_as_something_is_disputed(story: Story) -> None:
    account = Account("A")
    for fact in story.facts:
        account = apply(account, fact, story.policy).account
        check(account)


@settings(max_examples=15, deadline=None)
@given(disputed())
def test_each_open_dispute_has_one_open_task_and_no_other_has_one(story: Story) -> None:
    # A person may be done with a task whose dispute goes on: nobody is asked twice.
    told = [fact for fact in story.facts if not isinstance(fact, TaskClosed | TaskCompleted)]
    account, facts = Account("A"), told
    while facts:
        day = facts[0].on
        today = [fact for fact in facts if fact.on == day]
        facts = facts[len(today) :]
        account = decide(apply_all(account, today, story.policy).account, story.policy, day).account
        check(account)
        asked = {name for name in account.tasks if ":dispute:" in name}

        assert asked == {task_of("A", one.invoice_id) for one in standing(account) if one.is_open}
        assert all(one.is_asked for one in standing(account) if one.is_open)


def undisputed(story: Story) -> list[Fact]:
    """The story's facts without any dispute; nor plans, which cover nothing that is disputed."""
    return [
        replace(fact, disputed_minor=0) if isinstance(fact, InvoiceIssued) else fact
        for fact in story.facts
        if not isinstance(fact, DisputeOpened | DisputeResolved | PlanMade)
    ]


def booked(facts: Sequence[Fact], policy: Policy) -> Account:
    """The account after the facts, without what is remembered of disputes as such.

    What a credit note took of a disputed part bears no interest, however the dispute ends (R4.3).
    """
    account = apply_all(Account("A"), facts, policy).account
    return replace(
        account,
        invoices={name: _without_disputed(one) for name, one in account.invoices.items()},
        closed={name: _without_disputed(one) for name, one in account.closed.items()},
        disputes={},
        dispute_outcomes={},
    )


def _without_disputed(invoice: Invoice) -> Invoice:
    return invoice.having(
        reductions=tuple(replace(cut, disputed_minor=0) for cut in invoice.reductions)
    )


@settings(max_examples=25, deadline=None)
@given(stories(), PART, st.data())
def test_a_dispute_that_was_lost_leaves_no_trace_on_the_account(
    story: Story, part: int | None, data: st.DataObject
) -> None:
    plain = undisputed(story)
    at = data.draw(st.integers(1, len(plain)))
    until = data.draw(st.integers(at, len(plain)))
    issued = [one for one in plain[:at] if isinstance(one, InvoiceIssued)]
    if not issued:
        return
    name, since = issued[0].invoice_id, plain[at - 1].on
    lost_on = plain[until - 1].on
    facts = [
        *plain[:at], DisputeOpened(since, name, part),
        *plain[at:until], DisputeResolved(lost_on, name, "lost"), *plain[until:],
    ]  # fmt: skip

    assert booked(facts, story.policy) == booked(plain, story.policy)
