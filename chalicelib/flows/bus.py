"""Puts the events of a change on the bus right after its commit, and what was lost a minute later.

The row is removed after the bus has taken its events: so each is told at least once, and in doubt
again under the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from chalicelib.core.bus_events import AccountEvent
from chalicelib.core.errors import PastdueError
from chalicelib.flows.counts import Counts
from chalicelib.flows.ports_events import Bus, BusEvent, EventRow, EventRows

AGAIN_AFTER = timedelta(minutes=1)  # before that whoever committed the change is at it
EACH_TIME_MAX = 1_000  # rows of one minute; the next minute takes the rest
FAILURES_MAX = 3  # rows of one minute: then the bus is not to be had, and the next one tries again
TIME_S = 15.0  # of the reconcile's minute: letters and leases are not to wait for listeners
SLICE = 10  # events between two looks at the clock: about one call
REST_S = 30.0  # after a failure commits leave their events to the next minutes
TOLD, FAILED = "events_told", "events_failed"  # metrics; infra/events.yaml has the alarm


def bus_event(event: AccountEvent, at: datetime) -> BusEvent:
    """Return an event of a change that is committed at an instant (UTC) as the bus has it."""
    return BusEvent(
        id=event.id,
        type=event.type,
        timestamp=at,
        account_id=event.account_id,
        on=event.on,
        data=event.data,
        account_version=event.version,
        index=event.index,
    )


@dataclass(slots=True)
class Teller:
    """Tells what was just committed. It never raises: what was committed stays so.

    After a failure, whatever it is, it rests for 30 s, so that a bus that does not answer makes
    nobody else wait. `failed` hears why, as an error's code or type, with the row. `monotonic`
    gives seconds.
    """

    bus: Bus
    rows: EventRows
    monotonic: Callable[[], float]
    failed: Callable[[EventRow, str], None]
    _rests_until: float = field(default=float("-inf"), init=False)

    def tell(self, rows: Sequence[EventRow]) -> None:
        """Put the events of each row on the bus, then forget the row."""
        for row in rows:
            if self.monotonic() < self._rests_until:
                return
            try:
                self.bus.put(row.events)
                self.rows.told(row)
            except Exception as error:  # the commit stands: its caller is not to be told otherwise
                self._rests_until = self.monotonic() + REST_S
                self.failed(row, _why(error))


@dataclass(frozen=True, slots=True)
class TellAgain:
    """Tells what nobody told right after its commit: a crash, a large change, a bus that failed."""

    bus: Bus
    rows: EventRows
    failed: Callable[[EventRow, str], None]
    monotonic: Callable[[], float]

    def tell(self, now: datetime) -> Counts:
        """Put what waits for over a minute on the bus; return how many events were told, or not.

        It ends after 15 s, in the middle of a row if need be: the next minute tells all of that row,
        under the same ids. Three rows that failed end it as well.

        Raises:
            UnavailableError: the rows cannot be read now.
        """
        until = self.monotonic() + TIME_S
        told = failed = failures = 0
        for row in islice(self.rows.waiting(now - AGAIN_AFTER), EACH_TIME_MAX):
            try:
                if not self._put(row, until):
                    break
                self.rows.told(row)
                told += len(row.events)
            except Exception as error:  # one row that cannot be told keeps back no other
                self.failed(row, _why(error))
                failed, failures = failed + len(row.events), failures + 1
                if failures == FAILURES_MAX:
                    break
        return {name: count for name, count in ((TOLD, told), (FAILED, failed)) if count}

    def _put(self, row: EventRow, until: float) -> bool:
        """Return whether there was time for all events of a row."""
        for start in range(0, len(row.events), SLICE):
            if self.monotonic() >= until:
                return False
            self.bus.put(row.events[start : start + SLICE])
        return True


def _why(error: Exception) -> str:
    return error.code if isinstance(error, PastdueError) else type(error).__name__
