"""What became of notices in a span of days, as far as the runs' snapshots tell (R11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.errors import Fault
from chalicelib.flows.collections_report import PeriodError
from chalicelib.flows.snapshots import Snapshots

DAYS_MAX = 31
STATES = ("pending", "sending", "sent", "unknown", "failed")
Counts = dict[str, dict[str, int]]  # by kind of notice, then by what is counted


@dataclass(frozen=True, slots=True)
class NoticesReport:
    """Answers what runs created, and where notices stood when the last day's snapshot was made."""

    snapshots: Snapshots

    def notices(self, first: date, last: date) -> dict[str, Any]:
        """Return, per kind of notice, how many runs created in the span, and how many are where.

        `created` adds up the runs of the days that have a snapshot, the others are named. The
        states are those of all notices of the account that had not yet counted as sent nor been
        cancelled when the newest of these snapshots was made, also of those created before the
        span. Reads one file for each day.

        Raises:
            PeriodError: the last day is before the first, or the span is longer than 31 days.
        """
        _check(first, last)
        created: dict[str, int] = {}
        live: Counts = {}
        used, missing = [], []
        for day, summary in self.snapshots.days(first, last):
            if summary is None:
                missing.append(day.isoformat())
                continue
            used.append(day.isoformat())
            live = summary["notices"]
            for kind, count in summary["notices_created"].items():
                created[kind] = created.get(kind, 0) + count
        return {
            "from_on": first.isoformat(),
            "to_on": last.isoformat(),
            "snapshots": len(used),
            "states_as_of": used[-1] if used else None,
            "missing_on": missing,
            "data": [
                {"notice": kind, "created": created.get(kind, 0)}
                | {state: live.get(kind, {}).get(state, 0) for state in STATES}
                for kind in sorted(created.keys() | live.keys())
            ],
        }


def _check(first: date, last: date) -> None:
    detail = ""
    if last < first:
        detail = f"is before {first}"
    elif (last - first).days >= DAYS_MAX:
        detail = f"is more than {DAYS_MAX} days, {first} included: ask for a part of them"
    if detail:
        raise PeriodError("the period cannot be reported", [Fault("to", "bad_period", detail)])
