"""Books what the mail service says became of a letter (R11.3, R11.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from chalicelib.core.account import Account, digest_of
from chalicelib.core.errors import StaleVersionError
from chalicelib.core.facts import Fact
from chalicelib.core.facts_letters import LetterReported, Saying
from chalicelib.flows.counts import Counts
from chalicelib.flows.credit_news import account_of_news
from chalicelib.flows.notice_state import TRIES, Bookings
from chalicelib.flows.ports import Loaded

CANDIDATES_MAX = 4  # accounts that a notice's id can be read as
# `<account>:<currency>:<day>`, then `:<invoice>` when unconsolidated; about a payment plan
# `<account>:<plan>:<kind>:<day>`, and so other letters about something; ids may hold colons too.
_DAY = r"\d{4}-\d{2}-\d{2}"
_NOTICE_PART = re.compile(rf":(?:[A-Z]{{3}}:{_DAY}(?=:|$)|[^:]+:[a-z_]+:{_DAY}$)")
_SAYINGS: Mapping[str, Saying] = MappingProxyType(
    {
        "send": "sent",
        "delivery": "delivered",
        "delivery_delay": "delayed",
        "bounce_hard": "bounced",
        "bounce_soft": "soft",
        "bounce_suppressed": "suppressed",
        "complaint": "complained",
        "reject": "rejected",
        "rendering_failure": "rejected",
    }
)
_FAILURES = frozenset({"bounced", "soft", "suppressed", "complained", "rejected"})
NEWS_FAILED = "Customer service was not told: the mail service says that the letter did not arrive."


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterNews:
    """One event about one attempt to send a notice. `kind` is the mail service's, in snake case.

    `recipients` are the addresses that it is about, none: all of the attempt's.
    """

    notice_id: str
    attempt: int
    kind: str
    at: datetime
    message_id: str = ""
    recipients: tuple[str, ...] = ()
    is_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class MailEvents:
    """Books events, which come at least once and in any order: each ends in the same state."""

    bookings: Bookings

    def book(self, news: LetterNews) -> Counts:
        """Book one event on the account that its notice belongs to, live or past.

        What it comes to says `core.apply_letters`: a delivery makes the notice count as sent, a
        hard bounce marks the address, and the notice goes to the next contacts once. It gets an
        outbox row for that, which the reconcile hands over. An event about no account of ours is
        only counted.

        Raises:
            StaleVersionError: others kept changing the account; the queue tries again.
            UnavailableError: the store does not answer now.
        """
        for tries_left in reversed(range(TRIES)):
            loaded = self._owner(news.notice_id)
            if loaded is None:
                return {"mail_event_unknown_notice": 1}
            try:
                facts = self._facts(loaded.account, news)
                after = self.bookings.book(loaded, facts, news.at) if facts else loaded
            except StaleVersionError:
                if not tries_left:
                    raise
            else:
                returned = _returns(after, news.notice_id) - _returns(loaded, news.notice_id)
                counts = {f"mail_event_{news.kind}": 1}
                return counts | {"mail_returned": returned} if returned > 0 else counts
        raise AssertionError("the last try returns or raises")

    def _owner(self, notice_id: str) -> Loaded | None:
        """Return the account of a notice: the one that has it, else the one its id names."""
        found: Loaded | None = None
        for account_id in _possible_accounts(notice_id):
            loaded = self.bookings.load(account_id, notice_id)
            account = loaded.account
            if notice_id in account.notices or notice_id in account.past_notices:
                return loaded
            if loaded.version and found is None:
                found = loaded
        return found

    def _facts(self, account: Account, news: LetterNews) -> Sequence[Fact]:
        on, saying = self.bookings.day_of(news.at), _SAYINGS.get(news.kind)
        if saying is None:
            return ()
        if account_of_news(news.notice_id) is not None:
            if saying not in _FAILURES:
                return ()
            return (self.bookings.review(account, news.notice_id, on, NEWS_FAILED),)
        digests = tuple(sorted({digest_of(one) for one in news.recipients}))
        return (
            LetterReported(
                on, news.notice_id, news.attempt, saying, news.at, digests, news.message_id,
                news.is_sandbox,
            ),
        )  # fmt: skip


def _returns(loaded: Loaded, notice_id: str) -> int:
    """Return how often everybody whom a notice went to had bounced (R11.4)."""
    account = loaded.account
    notice = account.notices.get(notice_id) or account.past_notices.get(notice_id)
    return notice.returns if notice is not None else 0


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
