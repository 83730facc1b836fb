"""Every minute: whose worker must be told again, and which agencies fell silent (R10.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.flows.counts import Counts, add_up
from chalicelib.flows.ports_agency import Agencies, AgencyQueue

AGENCY_SILENT_AFTER = timedelta(hours=24)  # with an event that it has not acknowledged
REPORTS_STUCK_AFTER = timedelta(minutes=15)
SILENT, STUCK = "agencies_silent", "agency_reports_stuck"  # infra/alarms.yaml has their alarms
TOLD = "agencies_told"


@dataclass(frozen=True, slots=True)
class AgencyReconcile:
    """Makes up for what told nobody: lines and reports that lie in agencies' partitions.

    One agency that fails stops no other. What its worker has in hand it is told of again, which is
    harmless: the worker finds nothing left. `told` hears what was counted although one failed.
    """

    agencies: Agencies
    queue: AgencyQueue
    told: Callable[[Counts], None] = lambda counts: None

    def reconcile(self, now: datetime) -> Counts:
        """Tell the queue of each agency for which something waits; count what a person must see.

        `agencies_silent`: with an event older than a day that is not acknowledged;
        `agency_reports_stuck`: with a report that waits for over 15 minutes.

        Raises:
            Exception: the first failure of an agency, after all the others were looked at and told.
        """
        waiting: list[str] = []
        counts: list[Counts] = []
        failures: list[Exception] = []
        for agency in self.agencies.all():
            try:
                seen, has_work = self._look(agency.id, now)
            except Exception as error:  # raised at the end, whatever it is
                failures.append(error)
                continue
            counts.append(seen)
            if has_work:
                waiting.append(agency.id)
        if waiting:
            self.queue.send_agency(waiting)
            counts.append({TOLD: len(waiting)})
        if failures:
            self.told(add_up(counts))
            raise failures[0]
        return add_up(counts)

    def _look(self, agency_id: str, now: datetime) -> tuple[Counts, bool]:
        """Return what the alarms count of one agency, and whether its worker has something to do."""
        shelf = self.agencies.shelf(agency_id)
        since = shelf.feed_state().oldest_at
        reports = shelf.reports_waiting(1)
        silent = since is not None and since + AGENCY_SILENT_AFTER <= now
        stuck = bool(reports) and reports[0].received_at + REPORTS_STUCK_AFTER <= now
        seen = {name: 1 for name, holds in ((SILENT, silent), (STUCK, stuck)) if holds}
        return seen, bool(reports or shelf.waiting(1))
