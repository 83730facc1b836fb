"""An agency's feed in DynamoDB: what waits, what has its number, what the agency acknowledged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.agency_lines import AgencyLine
from chalicelib.flows.ports_agency import FeedEvent, FeedState, Remit
from chalicelib.store import keys
from chalicelib.store.agency_rows import AgencyRow
from chalicelib.store.agency_scope import AgencyScope
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours
from chalicelib.store.reads import read_keys
from chalicelib.store.rows import Row
from chalicelib.store.sequencer import ROWS_MAX, Sequencer, account_of
from chalicelib.store.tables import Item

TRIES = 5  # against others that number or acknowledge at the same time
NEWER_MAX = 200  # rows that may have come since a caller looked, and are passed over


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """When an agency acknowledged last; the number is the item's version."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Remits:
    """How an agency hands money over, where its own side may read it."""

    remit: Remit = "gross"


class AgencyFeed(AgencyScope):
    """The feed's part of `AgencyShelf`."""

    def number(self, at: datetime, most: int, only: Collection[str] | None = None) -> int:
        """Give waiting lines the next numbers, as the port says.

        Raises:
            UnavailableError: the store does not answer now, or others are too quick.
        """
        numbered = 0
        for _ in range(TRIES):
            rows = self._ready(most - numbered, only)
            got = 1
            for start in range(0, len(rows), ROWS_MAX):
                got = self._take(rows[start : start + ROWS_MAX], at)
                numbered += got
                if not got:
                    break  # others numbered some of them: what comes after has to be read again
            if got or numbered >= most:
                break
        return numbered

    def waiting(self, most: int) -> Sequence[AgencyLine]:
        """Return lines that wait, each account's in the order of its changes; two queries."""
        return [line for item in self._ready(most, None) for line in _lines(item)]

    def feed(self, after: int, limit: int) -> Sequence[FeedEvent]:
        """Return the events after a number, at most `limit`, in order and without a gap; one query.

        A query does not read all at one instant either: it may pass where a row will lie and then
        find a later one. What stands behind such a gap is left for the next reading.
        """
        found: list[FeedEvent] = []
        for item in self._rows_after(after, limit):
            events = list(_events(item))
            if events[0].sequence > after + len(found) + 1:
                break
            found.extend(event for event in events if event.sequence > after)
            if len(found) >= limit:
                break
        return found[:limit]

    def feed_state(self) -> FeedState:
        """Return how far the feed is; one read of two items, and a query if something waits."""
        last, number, since = 0, 0, None
        for item in read_keys(
            self._table, [(self._pk, keys.HEAD), (self._pk, keys.ACKNOWLEDGED)], self._sleep
        ):
            if item.sk == keys.HEAD:
                last = item.version
            else:
                number, since = item.version, from_map(Acknowledged, item.value()).at
        # They are not read at one instant; but what is acknowledged has a number.
        state = FeedState(max(last, number), number, since)
        return replace(state, oldest_at=self._oldest_at(state))

    def remit(self) -> Remit:
        """Return how the agency hands money over; one read. `gross` of one that was never kept."""
        item = self._get(keys.REMITS)
        return "gross" if item is None else from_map(Remits, item.value()).remit

    def acknowledge(self, sequence: int, at: datetime) -> FeedState:
        """Note that the agency has all up to a number; never back, never beyond the last."""
        state = self.feed_state()
        number = min(sequence, state.last)
        if number <= state.acknowledged:
            return state
        item = self._item(keys.ACKNOWLEDGED, Acknowledged(at), number)
        earlier = self._absent | (self._table.version < number)
        if not self._save(item, earlier):
            return self.feed_state()  # another call was ahead
        state = replace(state, acknowledged=number, acknowledged_at=at)
        return replace(state, oldest_at=self._oldest_at(state))

    def _ready(self, most: int, only: Collection[str] | None) -> list[Item]:
        """Return rows that may get their numbers now: at most so many lines, and at least one row.

        With `only` a row that holds another line is passed over, and so are all after it of its
        account.
        """
        reach = most if only is None else len(only) + NEWER_MAX
        found: list[Item] = []
        held: set[str] = set()
        count = 0
        for item in Sequencer(self._table, self._pk).waiting(self._waiting_pk, max(reach, 1)):
            lines, account = _lines(item), account_of(item.sk)
            if account in held or not (only is None or all(line.id in only for line in lines)):
                held.add(account)
                continue
            if found and count + len(lines) > most:
                break
            found.append(item)
            count += len(lines)
        return found

    def _take(self, rows: Sequence[Item], at: datetime) -> int:
        def place(item: Item, number: int) -> tuple[Row, int]:
            lines = tuple(_lines(item))
            # By the last number: so one query from any number on finds the row that holds it.
            sk = keys.agency_event(number + len(lines))
            return Row(self._pk, sk, AgencyRow(lines, at)), len(lines)

        return Sequencer(self._table, self._pk).take(self._waiting_pk, rows, place)

    def _oldest_at(self, state: FeedState) -> datetime | None:
        if state.acknowledged >= state.last:
            return None
        first = next(iter(self._rows_after(state.acknowledged, 1)), None)
        return None if first is None else from_map(AgencyRow, first.value()).at

    def _rows_after(self, number: int, most: int) -> Iterator[Item]:
        span = self._table.sk.between(
            keys.agency_event(max(number, 0) + 1), keys.agency_event(keys.EXPORT_LINES_END)
        )
        try:
            yield from self._table.query(
                self._pk, span, consistent_read=True, limit=most, page_size=most
            )
        except PynamoDBException as error:
            raise as_ours(error) from error


def _lines(item: Item) -> tuple[AgencyLine, ...]:
    return from_map(AgencyRow, item.value()).lines


def _events(item: Item) -> Iterator[FeedEvent]:
    row = from_map(AgencyRow, item.value())
    first = keys.agency_event_number(item.sk) - len(row.lines) + 1
    assert row.at is not None  # numbering says when
    for place, line in enumerate(row.lines):
        yield FeedEvent(first + place, row.at, line)
