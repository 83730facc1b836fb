"""An account taken through its days by the core alone, every state seen on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.apply import apply
from chalicelib.core.decide import decide
from chalicelib.core.effects import Effect, Entry
from chalicelib.core.facts import Fact, NoticeCounted
from tests.property.stories import Story


@dataclass(frozen=True)
class Seen:
    """One fact booked or one day decided: the account before and after, and what it made."""

    before: Account
    after: Account
    fact: Fact | None  # None: a decision
    day: date
    effects: tuple[Effect, ...]
    entries: tuple[Entry, ...]


def walk(story: Story, *, twice: bool = False) -> Iterator[Seen]:
    """Yield every booking and decision of a story, decided every day; `twice`: each day again."""
    account = Account("A")
    for day in story.days:
        for seen in _booked(account, story.facts_of(day), story, day):
            account = seen.after
            yield seen
        for _ in range(2 if twice else 1):
            for seen in _decided(account, story, day):
                account = seen.after
                yield seen


def _booked(account: Account, facts: Iterable[Fact], story: Story, day: date) -> Iterator[Seen]:
    for fact in facts:
        booking = apply(account, fact, story.policy)
        yield Seen(account, booking.account, fact, day, booking.effects, booking.entries)
        account = booking.account


def _decided(account: Account, story: Story, day: date) -> Iterator[Seen]:
    """Decide a day; its notices count as sent at once, and then it is decided again."""
    while True:
        decision = decide(account, story.policy, day)
        yield Seen(account, decision.account, None, day, decision.effects, decision.entries)
        account = decision.account
        if not decision.notices:
            return
        counted = [NoticeCounted(day, notice.id) for notice in decision.notices]
        for seen in _booked(account, counted, story, day):
            account = seen.after
            yield seen


def effects_of(seen: Iterable[Seen]) -> list[Effect]:
    return [effect for one in seen for effect in one.effects]


def carry_on(
    account: Account,
    story: Story,
    days: Iterable[date],
    is_decided: Callable[[date], bool] = lambda _: True,
) -> tuple[Account, list[Effect]]:
    """Take an account through some days; days without facts may be left undecided."""
    effects: list[Effect] = []
    for day in days:
        facts = story.facts_of(day)
        for seen in _booked(account, facts, story, day):
            account = seen.after
            effects += seen.effects
        if facts or is_decided(day):
            for seen in _decided(account, story, day):
                account = seen.after
                effects += seen.effects
    return account, effects
