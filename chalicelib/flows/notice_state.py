"""Books what is known of a notice's send, whoever else changes the account meanwhile (R11.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from chalicelib.core.account import Account, Notice
from chalicelib.core.apply import apply_all
from chalicelib.core.errors import StaleVersionError
from chalicelib.core.facts import Fact, NoticeCancelled, NoticeCounted, TaskOpened
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Change, Loaded
from chalicelib.flows.work import outbox_id

TRIES = 6  # more than for a decision: what became of a letter must not get lost
WAKING = (NoticeCounted, NoticeCancelled)  # only these can change what is decided next

DayOf = Callable[[datetime], date]  # the seller's calendar day of an instant
State = Literal["pending", "sending", "sent", "unknown", "failed"]


@dataclass(frozen=True, slots=True)
class Bookings:
    """Books facts about notices. `day_of` gives the seller's calendar day of an instant."""

    accounts: Accounts
    policies: PolicyShelf
    day_of: DayOf

    def load(self, account_id: str, notice_id: str) -> Loaded:
        """Return the account with what a notice needs at hand, closed invoices included."""
        return self.accounts.load(account_id, (NoticeCounted(date.min, notice_id),))

    def book(self, loaded: Loaded, facts: Sequence[Fact]) -> Loaded:
        """Book facts on an account as it was read; return it as it now stands.

        A notice that counts or is cancelled wakes the account; what is merely known of a send, or
        a task, changes no decision and leaves it asleep. What changes nothing is not written.

        Raises:
            StaleVersionError: someone else changed the account since it was read.
        """
        account = loaded.account
        on = facts[0].on if facts else None
        policy = self.policies.of(account.details, on)
        booked = apply_all(account, facts, policy)
        if booked.account == account:
            return loaded
        wake_on = loaded.wake_on
        for fact in facts:
            if isinstance(fact, WAKING):
                wake_on = fact.on if wake_on is None else min(wake_on, fact.on)
        return self.accounts.commit(
            Change(
                loaded=loaded,
                after=booked.account,
                wake_on=wake_on,
                entries=booked.entries,
                effects=booked.effects,
                policy=policy.label,
            )
        )

    def settle(
        self,
        account_id: str,
        notice_id: str,
        facts_for: Callable[[Account, Notice], Sequence[Fact]],
    ) -> bool:
        """Book what `facts_for` says of a notice as it then stands; reload when others were first.

        Returns whether the notice was still there.

        Raises:
            StaleVersionError: others kept changing the account.
        """
        for tries_left in reversed(range(TRIES)):
            loaded = self.load(account_id, notice_id)
            notice = loaded.account.notices.get(notice_id)
            if notice is None:
                return False
            try:
                self.book(loaded, facts_for(loaded.account, notice))
            except StaleVersionError:
                if not tries_left:
                    raise
            else:
                return True
        raise AssertionError("the last try returns or raises")

    def task(self, account: Account, about: str, kind: str, on: date, why: str) -> TaskOpened:
        """Return a task of a kind about something, due on the next business day; its id says both."""
        calendar = self.policies.of(account.details, on).calendar
        suffix = f":{about}" if about else ""
        task_id = f"{account.id}:{kind}{suffix}"
        return TaskOpened(on, task_id, kind, calendar.business_day_from(on), why)

    def review(self, account: Account, notice_id: str, on: date, why: str) -> TaskOpened:
        """Return the task for a person to look at a notice; there is one per notice (R11.3)."""
        return self.task(account, notice_id, "review_notice", on, why)

    def forget(self, account_id: str, notice_id: str) -> None:
        """End a notice's outbox row: nothing more is to be handed over for it."""
        self.accounts.delivered(account_id, outbox_id(notice_id))
