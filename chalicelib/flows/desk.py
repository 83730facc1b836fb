"""The desk: the one way in which the API changes an account (architecture, idea 2 and 3).

Load, ask the act what is to be booked, book it through `apply`, commit it in one change with its
ledger lines, its timeline, and the answer that is given again for the same idempotency key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking, apply_all
from chalicelib.core.calls import end_call
from chalicelib.core.effects import Event
from chalicelib.core.errors import (
    KeyReusedError,
    NotFoundError,
    PastdueError,
    PreconditionFailedError,
    PreconditionRequiredError,
    StaleVersionError,
)
from chalicelib.core.facts import Fact
from chalicelib.core.holds import end_holds
from chalicelib.core.policy import Policy
from chalicelib.flows.credit_news import with_news
from chalicelib.flows.notice_state import DayOf
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import REPLAYED_FOR, Accounts, Change, Loaded, Replay
from chalicelib.flows.principal import Principal

TRIES = 6  # while others change the account
ANY = "*"


@dataclass(frozen=True, slots=True)
class ReplayKey:
    """An idempotency key: `id` stands for principal, method, path and key, `digest` for the body."""

    id: str
    digest: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, when, and under which conditions. `if_match`: the header's ETags, "" for none.

    `must_match`: a change of what is there is refused without `if_match` (PUT and PATCH).
    """

    principal: Principal
    at: datetime
    request_id: str = ""
    replay_key: ReplayKey | None = None
    if_match: str = ""
    must_match: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, JSON values, where a new thing is, whether it was given before."""

    status: int
    body: Mapping[str, Any]
    location: str = ""
    is_replayed: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an act comes to: facts to book, and the reply to the account as it then stands.

    `events` go into the timeline. `finish_later` says of what was booked whether it is finished
    after the answer, if one transaction cannot hold it.
    """

    facts: Sequence[Fact]
    reply: Callable[[Booking], Reply]
    events: Sequence[Event] = ()
    finish_later: Callable[[Booking], bool] = lambda _: False


Act = Callable[[Account, Policy, date], Ruling]


@dataclass(frozen=True, slots=True)
class Desk:
    """Books what people and systems say through the API."""

    accounts: Accounts
    policies: PolicyShelf
    day_of: DayOf

    def book(
        self,
        account_id: str,
        caller: Caller,
        act: Act,
        *,
        needs: Sequence[Fact] = (),
        create: bool = False,
    ) -> Reply:
        """Let an act change an account, once, and return its reply.

        `needs` names, as facts do, what of the account's history must be at hand. The act is pure
        and may be asked again when others changed the account meanwhile; what it raises refuses.
        The account is due for a decision today at the latest. With `create` the account may be new.

        Raises:
            NotFoundError: there is no such account.
            KeyReusedError: the idempotency key was used for another request.
            StaleVersionError: others kept changing the account.
            UnavailableError: the store does not answer now.
        """
        for tries_left in reversed(range(TRIES)):
            loaded = self.accounts.load(account_id, needs)
            if loaded.version == 0 and not create:
                raise NotFoundError(f"there is no account {account_id[:64]!r}")
            try:
                return self._once(loaded, caller, act)
            except PastdueError as error:
                # Of two at once one commits; the other, late or refused by what the first one
                # did, gives that one's answer.
                given = answered_before(self.accounts, caller)
                if given is not None:
                    return given
                if not isinstance(error, StaleVersionError) or not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _once(self, loaded: Loaded, caller: Caller, act: Act) -> Reply:
        today = self.day_of(caller.at)
        policy = self.policies.of(loaded.account.details, today)
        ruling = act(loaded.account, policy, today)
        booking = booked(loaded.account, ruling.facts, policy, today)
        reply = ruling.reply(booking)
        wake_on = loaded.wake_on
        if booking.account != loaded.account:
            wake_on = today if wake_on is None else min(wake_on, today)
        change = Change(
            loaded=loaded,
            after=booking.account,
            wake_on=wake_on,
            entries=booking.entries,
            effects=booking.effects,
            events=ruling.events,
            policy=policy.label,
            replay=_kept(caller, reply),
            finish_later=ruling.finish_later(booking),
        )
        self.accounts.commit(with_news(change, policy, today, caller.at))
        return reply


def booked(account: Account, facts: Sequence[Fact], policy: Policy, today: date) -> Booking:
    """Return what facts come to, with what ends at once when nothing is left to ask for.

    These are the holds of rules (R5.4) and the call (R6.2).
    """
    booking = apply_all(account, facts, policy)
    freed, ended = end_holds(booking.account, policy, today)
    after, closed = end_call(freed, policy, today)
    return Booking(after, (*booking.effects, *ended, *closed), booking.entries)


def answered_before(accounts: Accounts, caller: Caller) -> Reply | None:
    """Return the answer that was given for the caller's idempotency key, None if there is none.

    Raises:
        KeyReusedError: it was given to a request with another body.
        UnavailableError: the store does not answer now.
    """
    key = caller.replay_key
    kept = accounts.replay(key.id) if key is not None else None
    if key is None or kept is None or kept.expires_at <= caller.at:
        return None
    if kept.digest != key.digest:
        raise KeyReusedError("this Idempotency-Key was used for a request with another body")
    return Reply(kept.status, json.loads(kept.body), kept.location, is_replayed=True)


def check_match(caller: Caller, there: Mapping[str, Any] | None) -> None:
    """Refuse a change of what the caller has not seen as it is (api.md, concurrency).

    `there` is what a GET would answer, None when there is nothing.

    Raises:
        PreconditionFailedError: `If-Match` names another state.
        PreconditionRequiredError: it is missing where it must not be.
    """
    if there is None:
        if caller.if_match:
            raise PreconditionFailedError("there is nothing yet that If-Match could name")
        return
    if not caller.if_match:
        if caller.must_match:
            raise PreconditionRequiredError(
                "changing what is there needs If-Match with the ETag that was read"
            )
        return
    named = [tag.strip().removeprefix("W/") for tag in caller.if_match.split(",")]
    if ANY not in named and etag_of(there) not in named:
        raise PreconditionFailedError("it has changed since the ETag in If-Match was read")


def etag_of(body: Mapping[str, Any]) -> str:
    """Return the ETag of a representation: equal for equal values, whatever their order."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


def event_of(caller: Caller, today: date, kind: str, subject: str = "", **said: str) -> Event:
    """Return the timeline's line of what the caller does today.

    `said` may hold `reason_code` and `note`; all else are its figures.
    """
    reason_code, note = said.pop("reason_code", ""), said.pop("note", "")
    return Event(today, caller.at, kind, caller.principal.id, subject, reason_code, note, said)


def _kept(caller: Caller, reply: Reply) -> Replay | None:
    key = caller.replay_key
    if key is None:
        return None
    body = json.dumps(reply.body, ensure_ascii=False)
    expires_at = caller.at + REPLAYED_FOR
    return Replay(key.id, key.digest, reply.status, body, reply.location, expires_at)
