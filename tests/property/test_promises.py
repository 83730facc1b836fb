"""Laws of promises to pay: money counts once, each ends once, and tasks go with them (R6.6)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.effects import PromiseEnded
from chalicelib.core.facts import (
    CreditNote,
    ExternalOpen,
    Fact,
    InvoiceIssued,
    Payment,
    PaymentReversed,
    PromiseMade,
    day_order,
)
from chalicelib.core.facts_collections import PromiseApproved, PromiseWithdrawn
from chalicelib.core.policy import Policy, PromiseRules
from chalicelib.core.promise_ends import approval_task, confirm_task
from chalicelib.flows.simulate import simulate
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.property.stories import FIRST_DAY, LAST_DAY, Story, stories
from tests.property.walk import Seen, effects_of, walk

SOON = st.integers(0, 12)


@st.composite
def promise_stories(draw: st.DrawFn) -> Story:
    """A history of one account with many promises, and with money that keeps some of them."""
    story = draw(stories())
    rules = PromiseRules(
        grace_days=draw(st.sampled_from([0, 2, 5])),
        max_broken=draw(st.sampled_from([None, 1, 2])),
        broken_window_days=draw(st.sampled_from([None, 20])),
    )
    issued = [f for f in story.facts if isinstance(f, InvoiceIssued) and f.open_minor > 1_000]
    assume(issued)
    facts: list[Fact] = []
    for number in range(draw(st.integers(1, 4))):
        one = draw(st.sampled_from(issued))
        on = one.issued_on + timedelta(days=draw(st.integers(0, 60)))
        by = on + timedelta(days=draw(SOON))
        amount = draw(st.integers(1, 20_000))
        names = draw(st.sampled_from([(), (one.invoice_id,)]))
        facts.append(PromiseMade(on, one.currency, amount, by, names))
        facts += draw(what_follows(one, on, by, amount, f"Q{number}"))
    known = [fact for fact in (*story.facts, *facts) if fact.on <= LAST_DAY]
    policy = replace(story.policy, promises=rules)
    return Story(policy, tuple(sorted(known, key=day_order)))


@st.composite
def what_follows(
    draw: st.DrawFn, one: InvoiceIssued, on: date, by: date, amount: int, name: str
) -> list[Fact]:
    """What comes after a promise: money, part of it, a bounce, a credit note, a person's word."""
    later = on + timedelta(days=draw(st.integers(0, 20)))
    part = draw(st.sampled_from([amount, amount // 2 + 1, one.open_minor]))
    payment = Payment(later, name, on, one.currency, part, (one.invoice_id,))
    bounced = PaymentReversed(later + timedelta(days=draw(SOON)), name)
    first = f"ptp_{on}_01"
    found: list[list[Fact]] = [
        [],
        [payment],
        [payment],
        [payment, bounced],
        [CreditNote(later, name, one.currency, one.open_minor, one.invoice_id)],
        [ExternalOpen(later, one.invoice_id, 500), ExternalOpen(by, one.invoice_id, 900)],
        [PromiseWithdrawn(later, first)],
        [PromiseApproved(later, first)],
    ]
    return draw(st.sampled_from(found))


def check_money(account: Account) -> None:
    """No promise counts more than it asks for, and no payment counts for more than it paid."""
    counted: Counter[str] = Counter()
    for promise in account.promises:
        assert 0 <= promise.received_minor <= promise.amount_minor
        assert promise.received_minor == sum(amount for _, amount in promise.counted)
        counted.update(dict(promise.counted))
    for key, amount in counted.items():
        if key in account.money:
            assert not account.money[key].bounced
            assert amount <= account.money[key].amount_minor


def check_tasks(seen: Seen, policy: Policy) -> None:
    """Somebody looks for the money of a promise in force, somebody approves one that waits."""
    account, grace = seen.after, policy.promises.grace_days
    known = {promise.id: promise for promise in account.promises}
    for task in account.tasks.values():
        promise = known.get(task.subject)
        if promise is not None and task.id == confirm_task(account.id, promise.id):
            assert promise.is_in_force(seen.day, grace)
            assert promise.by <= seen.day
    for promise in known.values():
        waits = promise.needs_approval and not promise.is_over
        assert waits == (approval_task(account.id, promise.id) in account.tasks)


@settings(max_examples=20, deadline=None)
@given(promise_stories())
def test_money_counts_once_and_tasks_go_with_their_promises(story: Story) -> None:
    for seen in walk(story):
        check_money(seen.after)
        if seen.fact is None:
            check_tasks(seen, story.policy)
            assert not [
                promise
                for promise in seen.after.promises
                if not promise.is_over
                and seen.day > promise.ends_on(story.policy.promises.grace_days)
            ]


@settings(max_examples=20, deadline=None)
@given(promise_stories())
def test_a_promise_ends_once_but_for_a_bounce_and_is_broken_once(story: Story) -> None:
    ends: Counter[tuple[str, str]] = Counter()
    reopens = sum(isinstance(fact, PaymentReversed | ExternalOpen) for fact in story.facts)
    for effect in effects_of(walk(story)):
        if isinstance(effect, PromiseEnded):
            ends[effect.id, effect.outcome] += 1

    for (_, outcome), count in ends.items():
        assert count <= (1 + reopens if outcome == "kept" else 1)


@settings(max_examples=20, deadline=None)
@given(promise_stories())
def test_with_promises_deciding_only_on_the_days_of_the_wake_list_loses_nothing(
    story: Story,
) -> None:
    accounts = {"A": (AccountDetails(), story.facts)}
    woken, daily = (
        simulate(accounts, story.policy, FIRST_DAY, LAST_DAY, every_day=every)
        for every in (False, True)
    )

    assert woken.effects == daily.effects


@settings(max_examples=20, deadline=None)
@given(promise_stories())
def test_with_promises_deciding_a_day_again_brings_nothing(story: Story) -> None:
    assert effects_of(walk(story, twice=True)) == effects_of(walk(story))
