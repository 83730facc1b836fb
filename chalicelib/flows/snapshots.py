"""Reads the runs' snapshots: the summary of a day, and its account rows part by part (R3)."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Any, TypeVar

from chalicelib.core.errors import NotFoundError
from chalicelib.flows.ports import Archive, Registry
from chalicelib.flows.snapshot_files import FORMATS_READ, keys_of, read_part, summary_key

RUNS_LOOKED_AT = 8  # the newest may not have its snapshot yet
PARTS_MAX = 4  # that one answer reads
_ANY_DAY = date(MAXYEAR, 12, 31)
_ONE_DAY = timedelta(days=1)
T = TypeVar("T")

Summary = dict[str, Any]
Place = tuple[str, str]  # of a row in a list: the account, and what of it


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots of runs in the archive. They are never read whole: at most 4 parts an answer."""

    registry: Registry
    archive: Archive

    def of(self, as_of: date | None) -> Summary:
        """Return the summary of a day's snapshot; None: the newest there is.

        Reads one file for a day; for the newest, and to name the nearest of a day without one, one
        query for the last 8 runs and a file for each until one is there.

        Raises:
            NotFoundError: there is none of that day; the nearest earlier one is named.
        """
        if as_of is None:
            found = self._before(_ANY_DAY)
            if found is None:
                raise NotFoundError("there is no snapshot yet: none of the last runs was reported")
            return found
        summary = self._read(as_of)
        if summary is None:
            nearest = self._before(as_of)
            there = f"the nearest earlier one is of {nearest['run_on']}" if nearest else (
                "and none of the 8 runs before it has one"
            )  # fmt: skip
            raise NotFoundError(f"there is no snapshot of {as_of}; {there}")
        return summary

    def at_or_before(self, day: date) -> Summary:
        """Return the summary of the newest snapshot up to a day, reading as `of` does.

        Raises:
            NotFoundError: none of the last 8 runs up to that day has one.
        """
        found = self._before(min(day, _ANY_DAY - _ONE_DAY) + _ONE_DAY)
        if found is None:
            raise NotFoundError(f"there is no snapshot of {day}, nor of any of the runs before it")
        return found

    def part_of_list(
        self,
        summary: Summary,
        after: Place | None,
        most: int,
        rows_of: Callable[[dict[str, Any]], Iterable[tuple[str, T]]],
    ) -> tuple[list[T], Place | None]:
        """Return at most `most` rows that follow a place, and the place of the last; None at the end.

        `rows_of` makes of an account's row those of the list, each with what it is of the account,
        in order. At most 4 parts are read: a page may be short, or empty, and still not be the last.
        """
        parts, keys = summary["account_parts"], keys_of(summary, "accounts")
        first = _part_with(parts, after)
        found: list[T] = []
        last: Place | None = after
        for number in range(first, min(first + PARTS_MAX, len(parts))):
            for account in read_part(self.archive, keys[number]):
                place: Place = (account["id"], "")
                for what, row in rows_of(account):
                    place = (account["id"], what)
                    if after is not None and place <= after:
                        continue
                    if len(found) == most:
                        return found, last
                    found.append(row)
                    last = place
                if after is None or account["id"] > after[0]:
                    last = (account["id"], _LAST)
        return found, last if first + PARTS_MAX < len(parts) else None

    def _before(self, day: date) -> Summary | None:
        for run in self.registry.last_runs(day, RUNS_LOOKED_AT):
            summary = self._read(run.run_on)
            if summary is not None:
                return summary
        return None

    def _read(self, day: date) -> Summary | None:
        try:
            summary: Summary = json.loads(self.archive.get(summary_key(day)))
        except NotFoundError:
            return None
        return summary if summary.get("format") in FORMATS_READ else None


_LAST = "\uffff"  # after all that a list has of an account


def _part_with(parts: list[dict[str, Any]], after: Place | None) -> int:
    """Return the part in which the rows after a place begin."""
    if after is None:
        return 0
    return max(bisect_right([part["first"] for part in parts], after[0]) - 1, 0)


def write_mark(summary: Summary, place: Place | None) -> str | None:
    """Return where a list goes on, bound to the snapshot that it is of."""
    return None if place is None else json.dumps([summary["run_on"], *place])


def read_mark(mark: str) -> tuple[date, Place] | None:
    """Return the day and the place of a mark; None for "", the start."""
    if not mark:
        return None
    day, account_id, what = json.loads(mark)
    return date.fromisoformat(day), (account_id, what)
