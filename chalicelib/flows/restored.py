"""What a restore from backup must know of the history it took back: letters that were sent in it.

A restored table does not know the letters of the time after its instant; customers have them, and
the bucket keeps them. For each there is a fence: the notice, made anew under the same id when its
day is run again, is booked as sent and never sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from chalicelib.core.account import Notice, WentTo
from chalicelib.flows.ports_registry import Put, RecordKey, Records

BOOK = "META"  # apart from all that a restore brings back
POINT = "RESTORED"
FENCES_IN_A_WRITE = 25


@dataclass(frozen=True, slots=True)
class RestoredPoint:
    """The last restore: to which instant, from which table, by whom and when it was done.

    `lost_days`: under whose runs accounts were decided in the history that was taken back, in order.
    Each is run again before any later day is: only under its own date have its letters the ids that
    their fences know. Until `closed_at`, those after `run_through` are open.
    """

    to: datetime
    table: str
    by: str
    at: datetime
    letters: int = 0
    lost_days: tuple[date, ...] = ()
    run_through: date | None = None
    closed_at: datetime | None = None

    @property
    def open_days(self) -> tuple[date, ...]:
        """The lost days that were not run yet, in order."""
        if self.closed_at is not None:
            return ()
        return tuple(d for d in self.lost_days if self.run_through is None or d > self.run_through)


@dataclass(frozen=True, slots=True)
class LetterFence:
    """A letter of the history that was taken back: its last attempt, and what is known of it.

    `message_id` is "" when nobody knows whether the mail service took it. `is_doubtful`: nobody
    knows any more what became of it then: it may have bounced.
    """

    notice_id: str
    attempt: int
    message_id: str = ""
    went_to: tuple[WentTo, ...] = field(default_factory=tuple)
    is_doubtful: bool = False

    @property
    def is_sent(self) -> bool:
        """Whether it is certain that it left and did not come back."""
        return bool(self.message_id) and not self.is_doubtful


def fence_key(notice_id: str) -> RecordKey:
    """Return where the fence of a notice is."""
    return RecordKey(BOOK, f"{POINT}#{notice_id}")


def restored_point(records: Records) -> RestoredPoint | None:
    """Return the last restore, None if there was none. One read."""
    found = records.read(RecordKey(BOOK, POINT), RestoredPoint)
    return None if found is None else found.value


def open_lost_day(records: Records, run_on: date) -> date | None:
    """Return the first lost day that must be run before a day is, None if none must. One read."""
    point = restored_point(records)
    return next((day for day in point.open_days if day < run_on), None) if point else None


def put_point(records: Records, point: RestoredPoint) -> None:
    """Keep that the table was restored."""
    records.write(Put(RecordKey(BOOK, POINT), point))


def put_fences(records: Records, fences: Sequence[LetterFence]) -> None:
    """Keep the fences of letters; one that is there is replaced. One write for each 25."""
    for start in range(0, len(fences), FENCES_IN_A_WRITE):
        part = fences[start : start + FENCES_IN_A_WRITE]
        records.write(*(Put(fence_key(fence.notice_id), fence) for fence in part))


def fence_before(records: Records, notice: Notice) -> LetterFence | None:
    """Return the fence that keeps a notice from being sent, None if it may be. One read.

    A fence of an attempt that the notice knows of says nothing new.
    """
    found = records.read(fence_key(notice.id), LetterFence)
    if found is None or found.value.attempt <= notice.attempt:
        return None
    return replace(found.value, went_to=tuple(found.value.went_to))
