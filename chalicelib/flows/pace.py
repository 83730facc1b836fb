"""Keeps sending under the account's own quota: so many a second, and so many a day (R11, R13.1).

Each worker takes its own share of the rate, so that no worker has to know of the others. Turns are
evenly apart: no burst at the start, and none after a pause.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from chalicelib.flows.ports_quota import NO_LIMIT, Quota, SendingQuota

WORKERS = 2  # the mail function's maximum concurrency, as its handler and the template say
USED_SHARE = 0.8  # of the rate: others may send from the same account
RESERVE_SHARE = 0.1  # of the day's quota: letters leave it to what cannot wait
WAIT_MAX_S = 5.0  # a longer wait is the queue's: an invocation is not to sleep its time away
SLOWER_FOR_S = 60.0  # after the mail service said "too many": half the rate

QUOTA_REACHED, SERVICE_PAUSED = "mail_quota_reached", "mail_service_paused"


class Pacing(Protocol):
    """Says when a letter's turn is."""

    def why_held(self, *, is_urgent: bool = False) -> str:
        """Return why nothing more is to be sent for now, as a code; empty when it may."""
        ...

    def wait(self, recipients: int) -> float:
        """Take the next turn and sleep until it comes; return 0.

        When it is more than `WAIT_MAX_S` away nothing is taken: return in how many seconds it is.
        """
        ...

    def throttled(self) -> None:
        """Go slower for a while: the mail service said that it was too fast."""
        ...


class Unpaced:
    """A `Pacing` without any, for stages that are on one machine."""

    def why_held(self, *, is_urgent: bool = False) -> str:
        """Return nothing: there is no quota."""
        del is_urgent
        return ""

    def wait(self, recipients: int) -> float:
        """Return 0 at once."""
        del recipients
        return 0.0

    def throttled(self) -> None:
        """Do nothing."""


class Pace:
    """One worker's pace. `monotonic` gives seconds that never go back; `sleep` waits so many."""

    def __init__(
        self,
        quota: Quota,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._quota = quota
        self._monotonic = monotonic
        self._sleep = sleep
        self._next_turn_at = float("-inf")
        self._slow_until = float("-inf")
        self._known: SendingQuota | None = None
        self._sent_since = 0  # recipients that this worker sent to since `_known` was told

    def why_held(self, *, is_urgent: bool = False) -> str:
        """Return why nothing more is to be sent for now: the day's quota, or SES stopped it all.

        Letters leave a tenth of the day's quota to what `is_urgent`. Other workers are taken to
        have sent as much as this one since the quota was told.
        """
        quota = self._current()
        if not quota.is_enabled:
            return SERVICE_PAUSED
        if quota.per_day == NO_LIMIT:
            return ""
        usable = quota.per_day * (1 if is_urgent else 1 - RESERVE_SHARE)
        used = quota.sent_24h + self._sent_since * WORKERS
        return QUOTA_REACHED if used >= usable else ""

    def wait(self, recipients: int) -> float:
        """Take the next turn, at `recipients` times the distance of one, and sleep until it comes."""
        rate_per_s = self._current().rate_per_s * USED_SHARE / WORKERS
        now = self._monotonic()
        if now < self._slow_until:
            rate_per_s /= 2
        wait_s = self._next_turn_at - now
        if wait_s > WAIT_MAX_S:
            return wait_s
        if wait_s > 0:
            self._sleep(wait_s)
        self._next_turn_at = max(self._next_turn_at, now) + recipients / rate_per_s
        self._sent_since += recipients
        return 0.0

    def throttled(self) -> None:
        """Halve the rate for a minute."""
        self._slow_until = self._monotonic() + SLOWER_FOR_S

    def _current(self) -> SendingQuota:
        quota = self._quota.quota()
        if quota is not self._known:
            self._known, self._sent_since = quota, 0
        return quota
