"""Books what the mail service says became of a letter (R11.3, R11.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.core.account import Account, Notice
from chalicelib.core.errors import StaleVersionError
from chalicelib.core.facts import Fact, NoticeCounted, NoticeMoved
from chalicelib.flows.counts import Counts
from chalicelib.flows.credit_news import account_of_news
from chalicelib.flows.notice_state import TRIES, Bookings, State
from chalicelib.flows.ports import Loaded

CANDIDATES_MAX = 4  # accounts that a notice's id can be read as
# `<account>:<currency>:<day>`, then `:<invoice>` when unconsolidated; about a payment plan
# `<account>:<plan>:<kind>:<day>`, and so other letters about something; ids may hold colons too.
_DAY = r"\d{4}-\d{2}-\d{2}"
_NOTICE_PART = re.compile(rf":(?:[A-Z]{{3}}:{_DAY}(?=:|$)|[^:]+:[a-z_]+:{_DAY}$)")

# How much an event says: a notice's state only ever moves up (R11.3). Counting outranks all.
_RANKS = {"pending": 0, "sending": 1, "unknown": 1, "sent": 2, "failed": 3}
_FAILURES = {
    "bounce_hard": "The address does not exist or refuses mail for good.",
    "bounce_soft": "The address did not take the letter in time.",
    "reject": "The mail service refused the letter.",
    "rendering_failure": "The mail service could not make the letter.",
}
COMPLAINT = "The recipient complained about the letter."


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterNews:
    """One event about one attempt to send a notice. `kind` is the mail service's, in snake case."""

    notice_id: str
    attempt: int
    kind: str
    at: datetime
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class MailEvents:
    """Books events, which come at least once and in any order: each ends in the same state."""

    bookings: Bookings

    def book(self, news: LetterNews) -> Counts:
        """Book one event on the account that its notice belongs to.

        A delivery makes the notice count as sent. A bounce, a refusal or a complaint makes a task
        for a person. A send settles what was unknown. An event about no account of ours is only
        counted.

        Raises:
            StaleVersionError: others kept changing the account; the queue tries again.
            UnavailableError: the store does not answer now.
        """
        for tries_left in reversed(range(TRIES)):
            loaded = self._owner(news.notice_id)
            if loaded is None:
                return {"mail_event_unknown_notice": 1}
            try:
                self._book(loaded, news)
            except StaleVersionError:
                if not tries_left:
                    raise
            else:
                return {f"mail_event_{news.kind}": 1}
        raise AssertionError("the last try returns or raises")

    def _owner(self, notice_id: str) -> Loaded | None:
        """Return the account of a notice: the one that has it, else the one its id names."""
        found: Loaded | None = None
        for account_id in _possible_accounts(notice_id):
            loaded = self.bookings.load(account_id, notice_id)
            if notice_id in loaded.account.notices:
                return loaded
            if loaded.version and found is None:
                found = loaded
        return found

    def _book(self, loaded: Loaded, news: LetterNews) -> None:
        facts = self._facts(loaded.account, news)
        if facts:
            self.bookings.book(loaded, facts)

    def _facts(self, account: Account, news: LetterNews) -> Sequence[Fact]:
        on = self.bookings.day_of(news.at)
        notice = account.notices.get(news.notice_id)
        if notice is not None and news.attempt < notice.attempt and news.kind != "delivery":
            return ()  # a later attempt is under way, and has its own events
        if news.kind == "delivery":
            counted = NoticeCounted(on, news.notice_id)
            return (counted,) if notice is not None else ()
        if news.kind == "send":
            return self._moved_up(notice, news, on, "sent")
        if news.kind == "complaint":
            return (self.bookings.review(account, news.notice_id, on, COMPLAINT),)
        why = _FAILURES.get(news.kind)
        if why is None:
            return ()  # a delay: the mail service goes on trying, and says how it ends
        task = self.bookings.review(account, news.notice_id, on, why)
        return (*self._moved_up(notice, news, on, "failed"), task)

    @staticmethod
    def _moved_up(
        notice: Notice | None, news: LetterNews, on: date, state: State
    ) -> tuple[NoticeMoved, ...]:
        """Return the move to a state, unless the notice is gone or knows as much already."""
        if notice is None or _RANKS[state] <= _RANKS[notice.state]:
            return ()
        at, attempt, message_id = news.at, news.attempt, news.message_id
        return (NoticeMoved(on, notice.id, state, at, attempt, None, message_id),)


def _possible_accounts(notice_id: str) -> Iterator[str]:
    """Yield the accounts whose notice, or news, this can be, most likely first."""
    of_news = account_of_news(notice_id)
    if of_news is not None:
        yield of_news
        return
    for index, match in enumerate(_NOTICE_PART.finditer(notice_id)):
        if index >= CANDIDATES_MAX:
            return
        if match.start():
            yield notice_id[: match.start()]
