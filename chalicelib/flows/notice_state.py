"""Books what is known of a notice's send, whoever else changes the account meanwhile (R11.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

from chalicelib.core.account import Account, Notice
from chalicelib.core.apply import apply_all
from chalicelib.core.errors import StaleVersionError, UnavailableError
from chalicelib.core.facts import Fact, NoticeCounted, TaskOpened
from chalicelib.flows.counts import Counts
from chalicelib.flows.notice_events import events_between
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Change, Loaded, OutboxRow
from chalicelib.flows.work import outbox_id

TRIES = 6  # more than for a decision: what became of a letter must not get lost

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

    def book(self, loaded: Loaded, facts: Sequence[Fact], at: datetime | None = None) -> Loaded:
        """Book facts on an account as it was read; return it as it now stands.

        A notice that counts, does not any more, fails or is cancelled wakes the account; what is
        merely known of a send, or a task, changes no decision and leaves it asleep. The timeline
        tells what became of the notice, and one that is to be sent again gets an outbox row. What
        changes nothing is not written. `at`: when it happened, None: as the facts say.

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
        if on is not None and _wakes(account, booked.account):
            wake_on = on if wake_on is None else min(wake_on, on)
        at = at or _instant_of(facts)
        return self.accounts.commit(
            Change(
                loaded=loaded,
                after=booked.account,
                wake_on=wake_on,
                entries=booked.entries,
                effects=booked.effects,
                outbox=_hand_overs(account, booked.account, at),
                events=() if on is None else events_between(account, booked.account, on, at),
                policy=policy.label,
            )
        )

    def settle(
        self,
        account_id: str,
        notice_id: str,
        facts_for: Callable[[Account, Notice], Sequence[Fact]],
        at: datetime | None = None,
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
                self.book(loaded, facts_for(loaded.account, notice), at)
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

    def forget(self, account_id: str, notice_id: str, hand_overs: int = 0) -> None:
        """End a notice's outbox rows: nothing more is to be handed over for it.

        Those that the notice had when it was read with so many `hand_overs`; a later one stays.
        """
        for number in range(hand_overs + 1):
            self.accounts.delivered(account_id, outbox_id(notice_id, number))

    def forgotten(self, account_id: str, notice_id: str, hand_overs: int = 0) -> Counts:
        """End a notice's outbox rows if the store answers; return what to count.

        For when something was booked that counts whether or not this succeeds: a row that stays is
        handed over once more, and ended by whoever then finds nothing to do.
        """
        try:
            self.forget(account_id, notice_id, hand_overs)
        except UnavailableError:
            return {"mail_row_left": 1}
        return {}


def _wakes(before: Account, after: Account) -> bool:
    """Whether a change can change what is decided next: which notices live, or have failed."""
    if before.notices.keys() != after.notices.keys() or before.invoices != after.invoices:
        return True
    return any(
        notice.state == "failed" != before.notices[name].state
        for name, notice in after.notices.items()
    )


def _hand_overs(before: Account, after: Account, at: datetime) -> tuple[OutboxRow, ...]:
    """Return the outbox rows of the notices that wait to be sent anew (R11.4)."""
    return tuple(
        OutboxRow(outbox_id(name, one.hand_overs), "notice", name, at, one.lease_until)
        for name, one in after.notices.items()
        if one.hand_overs > (before.notices | before.past_notices)[name].hand_overs
    )


def _instant_of(facts: Sequence[Fact]) -> datetime:
    """Return the instant that the facts name, else the beginning of their day in UTC."""
    for fact in facts:
        at = getattr(fact, "at", None)
        if isinstance(at, datetime):
            return at
    return datetime.combine(facts[0].on, time(), UTC)
