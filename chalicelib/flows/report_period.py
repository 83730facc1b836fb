"""A period as reports tell it: from one day's snapshot to another's (R3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.flows.snapshots import Snapshots, Summary


class PeriodError(InvalidInputError):
    """A period is none."""

    code = "invalid_period"


@dataclass(frozen=True, slots=True)
class Period:
    """The days asked for, and the two snapshots that tell of them."""

    first: date
    last: date
    opening: Summary
    closing: Summary

    @property
    def days(self) -> int:
        """How many days lie between the two snapshots."""
        opened, closed = (date.fromisoformat(s["run_on"]) for s in (self.opening, self.closing))
        return (closed - opened).days

    def about(self) -> dict[str, Any]:
        """Return what was asked and which snapshots answer it, as plain values."""
        return {
            "from_on": self.first.isoformat(),
            "to_on": self.last.isoformat(),
            "opening_snapshot_on": self.opening["run_on"],
            "closing_snapshot_on": self.closing["run_on"],
            "days": self.days,
        }


def period_of(snapshots: Snapshots, first: date, last: date) -> Period:
    """Return the period from one day's snapshot to another's.

    Of a day without a snapshot the nearest earlier one is taken. Reads one query for the last 8 runs
    and at most 8 files for each of the two.

    Raises:
        PeriodError: the last day is not after the first, or both have the same snapshot.
        NotFoundError: there is no snapshot of the first day, nor of the 8 runs before it.
    """
    if last <= first:
        raise _not_after(f"must be after {first}")
    period = Period(first, last, snapshots.at_or_before(first), snapshots.at_or_before(last))
    if period.days <= 0:
        raise _not_after(f"has the same snapshot as {first}: that of {period.opening['run_on']}")
    return period


def _not_after(detail: str) -> PeriodError:
    return PeriodError("the period cannot be reported", [Fault("to", "not_after", detail)])
