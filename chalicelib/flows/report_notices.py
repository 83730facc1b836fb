"""What became of notices in a period, told by two snapshots (R11.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.flows.report_period import Period, period_of
from chalicelib.flows.snapshots import Snapshots

WENT = ("created", "counted", "cancelled")
STATES = ("pending", "sending", "sent", "unknown", "failed")


@dataclass(frozen=True, slots=True)
class NoticesReport:
    """Answers how many notices were created, counted as sent and cancelled, and which are left."""

    snapshots: Snapshots

    def notices(self, first: date, last: date) -> dict[str, Any]:
        """Return, per kind of notice, what became of it between two days' snapshots.

        `created`, `counted` (as sent) and `cancelled` are of the period, also of notices that were
        created before it; a letter that bounced after it had counted is taken off again, so that
        `counted` can be below 0. The states are those of the notices that had neither counted nor been
        cancelled when the closing snapshot was made. Reads as `period_of` does.

        Raises:
            PeriodError, NotFoundError: as `period_of`.
        """
        period = period_of(self.snapshots, first, last)
        kinds = period.opening["notices_since_ever"].keys() | period.closing["notices_since_ever"]
        return {
            **period.about(),
            "data": [_row(kind, period) for kind in sorted(kinds)],
        }


def _row(kind: str, period: Period) -> dict[str, Any]:
    then = period.opening["notices_since_ever"].get(kind, {})
    now = period.closing["notices_since_ever"].get(kind, {})
    live = period.closing["notices"].get(kind, {})
    went = {what: now.get(what, 0) - then.get(what, 0) for what in WENT}
    return {"notice": kind, **went, **{state: live.get(state, 0) for state in STATES}}
