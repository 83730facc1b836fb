"""The times at which letters may leave, as a policy says them on the seller's clock (R5.4, R11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from chalicelib.core.account import Notice
from chalicelib.core.calendar import ONE_DAY, SEARCH_DAYS_MAX
from chalicelib.core.policy import Policy
from chalicelib.core.sending import send_at

Window = tuple[datetime, datetime]
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class SendingTimes:
    """Tells when letters leave. Without a zone: at any time, whatever policies say.

    A window holds on days that a letter's own rule allows: the day it was made for, processing days
    for stage notices, business days for every other letter (R5.4).
    """

    zone: tzinfo | None = None

    def send_at(self, notice: Notice, policy: Policy, ready_at: datetime) -> datetime:
        """Return when a notice leaves that is ready at an instant: that instant without a window.

        With one, its own place in the rest of the window, or in that of the next day that allows it.
        """
        if not self._has_window(policy):
            return ready_at
        slot = send_at(notice.id, ready_at, self._windows(notice, policy, ready_at))
        # No day of a year allows it: it is looked at again, and still does not leave.
        return slot if slot is not None else ready_at + ONE_DAY

    def is_open(self, notice: Notice, policy: Policy, at: datetime) -> bool:
        """Return whether a notice may leave at an instant."""
        if not self._has_window(policy):
            return True
        opens_at, closes_at = next(self._windows(notice, policy, at), (at + _MOMENT, at))
        return opens_at <= at < closes_at

    def _has_window(self, policy: Policy) -> bool:
        rules = policy.sending
        return self.zone is not None and rules.opens_at is not None and rules.closes_at is not None

    def _windows(self, notice: Notice, policy: Policy, at: datetime) -> Iterator[Window]:
        """Yield the windows that are not over at an instant, on the days that allow a notice."""
        first = at.astimezone(self.zone).date()
        for number in range(SEARCH_DAYS_MAX):
            day = first + number * ONE_DAY
            if _is_allowed(notice, policy, day):
                window = self._window(policy, day)
                if at < window[1]:
                    yield window

    def _window(self, policy: Policy, day: date) -> Window:
        """Return a day's window; it opens after it closes when clocks skip or repeat all of it."""
        rules = policy.sending
        opens_at, closes_at = rules.opens_at or time.min, rules.closes_at or time.max
        return max(self._instants(day, opens_at)), min(self._instants(day, closes_at))

    def _instants(self, day: date, at: time) -> Window:
        """Return what a time of day can mean: two instants in the hour that clocks repeat or skip.

        The later one opens and the earlier one closes, so that no clock ever shows a time outside.
        """
        there = datetime.combine(day, at, self.zone)
        return there.replace(fold=0).astimezone(UTC), there.replace(fold=1).astimezone(UTC)


def _is_allowed(notice: Notice, policy: Policy, day: date) -> bool:
    if day == notice.created_on:
        return True
    calendar = policy.calendar
    return calendar.is_processing_day(day) if notice.stage else calendar.is_business_day(day)
