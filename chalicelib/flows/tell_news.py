"""Tells customer service one piece of news: at most once, and never silently not at all (R8.6).

The protocol is that of a notice (R11.3): claim in one transaction, send, record. A claim that ran
out may have sent the mail; it is not sent again, and a person is asked to look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from chalicelib.core.addresses import is_address
from chalicelib.core.apply import apply_all
from chalicelib.core.effects import Event
from chalicelib.core.errors import InvalidInputError, LimitError, StaleVersionError
from chalicelib.core.facts import Fact
from chalicelib.core.facts_holds import NewsMoved
from chalicelib.core.releases import CreditNews, NewsState
from chalicelib.flows.counts import Counts
from chalicelib.flows.credit_news_words import write_news
from chalicelib.flows.notice_state import Bookings
from chalicelib.flows.pace import Pacing, Unpaced
from chalicelib.flows.ports import Change, Clock, Loaded, Registry
from chalicelib.flows.ports_mail import (
    Accepted,
    Mailer,
    OutgoingMail,
    Refused,
    SendOutcome,
)

LEASE = timedelta(minutes=10)  # well over the mail worker's own time limit
TRIES = 6  # to book, while others change the account
ATTEMPTS_MAX = 6  # of one mail that the mail service refuses for now
DELAY = timedelta(minutes=5)  # before the next attempt
ACTOR = "pastdue"
NOBODY_KNOWS = "Nobody can say whether customer service was told of the credit status."


@dataclass(frozen=True, slots=True)
class TellNews:
    """Delivers news from the outbox. Any number of times is the same as once."""

    bookings: Bookings
    registry: Registry
    mailer: Mailer
    clock: Clock
    sender: str
    pace: Pacing = field(default_factory=Unpaced)

    def tell(self, account_id: str, news_id: str) -> Counts:
        """Send one piece of news if it waits to be sent.

        Raises:
            StaleVersionError: others kept changing the account; the queue tries again.
            UnavailableError: something that is needed does not answer; the queue tries again.
        """
        for tries_left in reversed(range(TRIES)):
            loaded = self.bookings.accounts.load(account_id)
            news = loaded.account.credit_news.get(news_id)
            if news is None:
                self._forget(account_id, news_id)
                return {"news_nothing_to_do": 1}
            try:
                return self._once(loaded, news)
            except StaleVersionError:
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _once(self, loaded: Loaded, news: CreditNews) -> Counts:
        is_waiting = news.lease_until is not None and self.clock.now() < news.lease_until
        if is_waiting:
            return {"news_sent_elsewhere" if news.state == "sending" else "news_not_yet": 1}
        if news.state == "sending":  # whoever claimed it may have sent it, and is gone
            return self._end(loaded, news, "unknown", NOBODY_KNOWS)
        if self.registry.sending_paused() or self.pace.why_held(is_urgent=True):
            return self._held_back(loaded, news)
        address = self.bookings.policies.of(loaded.account.details, self._today()).holds.notify
        if address is None:
            return self._end(loaded, news, "dropped")
        if not is_address(address):
            why = "Customer service cannot be told: [holds].notify is no address to write to."
            return self._end(loaded, news, "failed", why)
        return self._send(loaded, news, address)

    def _send(self, loaded: Loaded, news: CreditNews, address: str) -> Counts:
        attempt = news.attempt + 1
        account = loaded.account
        written = write_news(account.id, account.details.name, news)
        try:
            mail = OutgoingMail(
                notice_id=news.id,
                attempt=attempt,
                sender=self.sender,
                to=(address,),
                subject=written.subject,
                text=written.text,
                html=written.html,
            )
        except (InvalidInputError, LimitError) as error:
            why = f"Customer service cannot be told as things are ({error.code})."
            return self._end(loaded, news, "failed", why)
        if self.pace.wait(mail.recipients) or self.registry.sending_paused():
            return self._held_back(loaded, news)  # looked at again: a turn may be long in coming
        lease = self.clock.now() + LEASE
        claimed = self._book(
            loaded, (NewsMoved(self._today(), news.id, "sending", attempt, lease),)
        )
        try:
            outcome = self.mailer.send(mail)
        except (InvalidInputError, LimitError) as error:
            why = f"Customer service cannot be told as things are ({error.code})."
            return self._settle(claimed, news, attempt, "failed", why)
        return self._record(claimed, news, attempt, outcome)

    def _record(
        self, claimed: Loaded, news: CreditNews, attempt: int, outcome: SendOutcome
    ) -> Counts:
        """Book what became of a send."""
        if isinstance(outcome, Accepted):
            return self._settle(claimed, news, attempt, "sent")
        if not isinstance(outcome, Refused):
            return self._settle(claimed, news, attempt, "unknown", NOBODY_KNOWS)
        if outcome.is_throttled:
            self.pace.throttled()
        if outcome.is_throttled or (outcome.retryable and attempt < ATTEMPTS_MAX):
            made = news.attempt if outcome.is_throttled else attempt
            return self._settle(claimed, news, attempt, "pending", made=made)
        why = f"The mail service refused to tell customer service ({outcome.code})."
        return self._settle(claimed, news, attempt, "failed", why)

    def _held_back(self, loaded: Loaded, news: CreditNews) -> Counts:
        """Leave the news to the reconcile, which hands it over in a minute while sending is on."""
        self.bookings.accounts.put_off(loaded.account.id, news.id, self.clock.now())
        return {"news_held_back": 1}

    def _settle(
        self,
        claimed: Loaded,
        news: CreditNews,
        attempt: int,
        state: NewsState,
        why: str = "",
        made: int = 0,
    ) -> Counts:
        """Record a send's outcome, whoever else changed the account since the claim.

        `made`: how many attempts there were when it is to be tried again.
        """
        loaded = claimed
        for tries_left in reversed(range(TRIES)):
            there = loaded.account.credit_news.get(news.id)
            if there is None or there.state != "sending" or there.attempt != attempt:
                return {f"news_{state}": 1}
            try:
                if state == "pending":
                    until = self.clock.now() + DELAY
                    move = NewsMoved(self._today(), news.id, "pending", made, until)
                    self._book(loaded, (move,))
                    self.bookings.accounts.put_off(claimed.account.id, news.id, until)
                    return {"news_refused_for_now": 1}
                return self._end(loaded, there, state, why)
            except StaleVersionError:
                if not tries_left:
                    raise
                loaded = self.bookings.accounts.load(claimed.account.id)
        raise AssertionError("the last try returns or raises")

    def _end(self, loaded: Loaded, news: CreditNews, state: NewsState, why: str = "") -> Counts:
        """End the telling: with a task for a person when something went wrong (`why`)."""
        account, today = loaded.account, self._today()
        facts: list[Fact] = [NewsMoved(today, news.id, state, news.attempt)]
        if why:
            facts.append(self.bookings.task(account, news.id, "review_notice", today, why))
        told = {"status": news.status}
        kind = f"customer_service_{'told' if state == 'sent' else state}"
        event = Event(today, self.clock.now(), kind, ACTOR, news.id, figures=told)
        self._book(loaded, facts, event)
        self._forget(account.id, news.id)
        return {f"news_{state}": 1}

    def _book(self, loaded: Loaded, facts: Sequence[Fact], event: Event | None = None) -> Loaded:
        account = loaded.account
        policy = self.bookings.policies.of(account.details, self._today())
        booked = apply_all(account, facts, policy)
        return self.bookings.accounts.commit(
            Change(
                loaded, booked.account, loaded.wake_on, booked.entries, booked.effects,
                events=() if event is None else (event,), policy=policy.label,
            )
        )  # fmt: skip

    def _today(self) -> date:
        return self.bookings.day_of(self.clock.now())

    def _forget(self, account_id: str, news_id: str) -> None:
        self.bookings.accounts.delivered(account_id, news_id)
