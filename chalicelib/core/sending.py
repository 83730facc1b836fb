"""When a letter leaves: the letters of a day are spread evenly over its sending window (R11).

A window is a pair of instants, so that nothing here knows of time zones: a day on which clocks
change has a shorter or a longer window, and its letters are spread over that just as evenly.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

_SHARES = 2**64  # a letter's place in any window is a whole number of these parts
_ONE = timedelta(microseconds=1)


def send_at(
    identity: str, ready_at: datetime, windows: Iterable[tuple[datetime, datetime]]
) -> datetime | None:
    """Return when a letter leaves that is ready at an instant; None when no window is left.

    `windows` are (opens, closes) in order, `closes` outside. The place in a window is made from the
    letter's id and the window: always the same in one, and many letters are spread evenly. It is
    another one in the next window: a place so late that the letter came too late for it, on its way
    through the queue, would be missed day by day.
    """
    for opens_at, closes_at in windows:
        slot = _slot(identity, ready_at, opens_at, closes_at)
        if slot is not None:
            return slot
    return None


def _slot(
    identity: str, ready_at: datetime, opens_at: datetime, closes_at: datetime
) -> datetime | None:
    """Return a letter's instant in one window, None when that is over before the letter is ready.

    A letter whose place is past is as far into what is left as its place was into what is gone:
    such letters are spread evenly too, and do not leave all at once.
    """
    if closes_at <= max(opens_at, ready_at):
        return None
    place = (closes_at - opens_at) // _ONE * _share(identity, opens_at) // _SHARES * _ONE
    if opens_at + place >= ready_at:
        return opens_at + place
    gone, left = (ready_at - opens_at) // _ONE, (closes_at - ready_at) // _ONE
    return ready_at + left * (place // _ONE) // gone * _ONE


def _share(identity: str, opens_at: datetime) -> int:
    """Return a number from 0 to `_SHARES` - 1 that looks like a random one, always the same."""
    window = opens_at.astimezone(UTC).isoformat()
    return int.from_bytes(sha256(f"{identity}@{window}".encode()).digest()[:8], "big")
