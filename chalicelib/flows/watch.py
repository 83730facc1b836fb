"""Every five minutes: how far behind the machine is, as figures that alarms watch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from chalicelib.core.calendar import ONE_DAY, Calendar
from chalicelib.core.errors import NotFoundError
from chalicelib.flows.counts import Counts
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Registry
from chalicelib.flows.ports_events import EventRows

# infra/alarms.yaml has the alarms of these.
SWEEP_LAG, LEDGER_AGE = "sweep_lag_days", "ledger_age_business_days"
OUTBOX_LAG, PAUSED = "outbox_lag_minutes", "sending_is_paused"
EVENTS_LAG = "events_lag_minutes"  # infra/events.yaml has its alarm
EVERY_MIN = 5
LEDGER_AGE_MAX = 30  # business days; who is further behind is as far as that
OUTBOX_LATE = timedelta(minutes=15)  # the reconcile hands over each minute
EVENTS_LATE = timedelta(minutes=15)  # and tells events each minute
OUTBOX_LOOKED_AT = 100  # rows; one that is late tells as much as all of them


@dataclass(frozen=True, slots=True)
class Watch:
    """Measures what nobody reports, because it is what does not happen.

    A figure that is 0 is not given: a metric that nobody writes costs nothing, and its alarm takes
    silence for good. `events`: None where events are off.
    """

    accounts: Accounts
    registry: Registry
    policies: PolicyShelf
    events: EventRows | None
    day_of: Callable[[datetime], date]

    def look(self, now: datetime) -> Counts:
        """Return the figures that are not 0, in the minutes that five divides; else nothing.

        `sweep_lag_days`: since the oldest `wake_on` that is still due; today's run has until
        midnight. `ledger_age_business_days`: full business days that no import and no heartbeat
        covers (R13.1): with one of them today's run is refused. `outbox_lag_minutes`: since the
        oldest letter could have been handed over, if for over 15, while sending is on.
        `sending_is_paused`: 1 while it is. `events_lag_minutes`: since the oldest event that is not
        on the bus, if for over 15.

        Raises:
            UnavailableError: the store does not answer now.
        """
        if now.minute % EVERY_MIN:
            return {}
        today = self.day_of(now)
        is_paused = self.registry.sending_paused()
        figures = {
            SWEEP_LAG: self._sweep_lag(today),
            LEDGER_AGE: self._ledger_age(today),
            OUTBOX_LAG: 0 if is_paused else self._outbox_lag(now),
            PAUSED: int(is_paused),
            EVENTS_LAG: self._events_lag(now),
        }
        return {name: value for name, value in figures.items() if value}

    def _sweep_lag(self, today: date) -> int:
        oldest = self.accounts.oldest_wake(today)
        return (today - oldest).days if oldest else 0

    def _ledger_age(self, today: date) -> int:
        """Return 0 also before the first import and the first policy: nothing is run then."""
        covered = self.registry.fresh_through()
        if covered is None:
            return 0
        try:
            calendar = self.policies.default(today).calendar
        except NotFoundError:
            return 0
        return _business_days_between(calendar, covered, today)

    def _outbox_lag(self, now: datetime) -> int:
        late = islice(self.accounts.outbox_before(now - OUTBOX_LATE), OUTBOX_LOOKED_AT)
        since = min((row.waits_until for _, row in late), default=now)
        return int((now - since) / timedelta(minutes=1))

    def _events_lag(self, now: datetime) -> int:
        since = self.events.oldest() if self.events is not None else None
        waited = now - since if since is not None else timedelta()
        return int(waited / timedelta(minutes=1)) if waited > EVENTS_LATE else 0


def _business_days_between(calendar: Calendar, after: date, before: date) -> int:
    """Return how many business days lie between two days, neither of them counted."""
    found, day = 0, after + ONE_DAY
    while day < before and found < LEDGER_AGE_MAX:
        found += calendar.is_business_day(day)
        day += ONE_DAY
    return found
