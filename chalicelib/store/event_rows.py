"""What a change writes for the bus, in its own transaction: its events, until they are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from heapq import merge
from itertools import islice

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.bus_events import Changed, events_of
from chalicelib.flows.bus import bus_event
from chalicelib.flows.ports import Change
from chalicelib.flows.ports_events import BusEvent, EventRow, event_from
from chalicelib.store import keys
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours
from chalicelib.store.reads import KEYS_PER_READ, read_keys
from chalicelib.store.rows import Row
from chalicelib.store.tables import DueIndex, Item, Table

ROW_EVENTS_MAX = 500
ROW_BYTES_MAX = 250_000  # of the events' text, before it is packed; DynamoDB takes 409,600
DUE = DueIndex.Meta.index_name


@dataclass(frozen=True, slots=True)
class Moment:
    """When a change is committed (UTC), and the seller's day then: of what has no day of its own."""

    at: datetime
    on: date


@dataclass(frozen=True, slots=True)
class StoredEvents:
    """Events of one change, as JSON text."""

    written_at: datetime
    text: str


def event_rows(change: Change, moment: Moment) -> tuple[EventRow, ...]:
    """Return the rows of what is told of a change that is committed at a moment, in order.

    Nothing to tell is no row.
    """
    at = moment.at.astimezone(UTC)
    changed = Changed(
        change.loaded.account,
        change.after,
        change.loaded.version + 1,
        change.entries,
        change.effects,
        change.events,
    )
    events = [bus_event(event, at) for event in events_of(changed, moment.on)]
    return tuple(
        EventRow(change.after.id, keys.event_row(changed.version, part), at, some)
        for part, some in enumerate(_parts(events))
    )


def _parts(events: list[BusEvent]) -> Iterator[tuple[BusEvent, ...]]:
    part: list[BusEvent] = []
    total = 0
    for event in events:
        size = len(_text([event]).encode())
        if part and (len(part) == ROW_EVENTS_MAX or total + size > ROW_BYTES_MAX):
            yield tuple(part)
            part, total = [], 0
        part.append(event)
        total += size
    if part:
        yield tuple(part)


def stored(row: EventRow, shards: int) -> Row:
    """Return a row as an item: in the due index, apart from letters, until it is told."""
    shard = keys.due_shard(keys.EVENTS, keys.shard_of(row.account_id, shards))
    value = StoredEvents(row.written_at, _text(row.events))
    return Row(
        keys.outbox(row.account_id), row.id, value, due_shard=shard,
        due_on=keys.instant(row.written_at),
    )  # fmt: skip


def _text(events: list[BusEvent] | tuple[BusEvent, ...]) -> str:
    values = [event.values() for event in events]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


class DynamoEventRows:
    """`EventRows` over one table."""

    def __init__(self, table: Table, shards: int) -> None:
        self._table = table
        self._shards = shards

    def waiting(self, before: datetime) -> Iterator[EventRow]:
        """Yield the rows that were written before an instant, the oldest first."""
        until = keys.instant(before)
        found = (self._of_shard(shard, until) for shard in range(self._shards))
        waiting = merge(*found)
        while some := list(islice(waiting, KEYS_PER_READ)):
            wanted = [(pk, sk) for _, pk, sk in some]
            try:
                rows = [_read(item) for item in read_keys(self._table, wanted)]
            except PynamoDBException as error:
                raise as_ours(error) from error
            yield from sorted(rows, key=lambda row: (row.written_at, row.account_id, row.id))

    def _of_shard(self, shard: int, until: str) -> Iterator[tuple[str, str, str]]:
        partition = keys.due_shard(keys.EVENTS, shard)
        try:
            for item in self._table.query(partition, self._table.due_on < until, index_name=DUE):
                yield item.due_on, item.pk, item.sk
        except PynamoDBException as error:
            raise as_ours(error) from error

    def oldest(self) -> datetime | None:
        """Return when the oldest row was written; one short query a shard."""
        found = [at for shard in range(self._shards) for at in self._oldest_of(shard)]
        return datetime.fromisoformat(min(found)) if found else None

    def _oldest_of(self, shard: int) -> list[str]:
        partition = keys.due_shard(keys.EVENTS, shard)
        try:
            items = self._table.query(partition, index_name=DUE, limit=1)
            return [item.due_on for item in items]
        except PynamoDBException as error:
            raise as_ours(error) from error

    def told(self, row: EventRow) -> None:
        """Forget a row; nothing happens if it is gone already."""
        try:
            self._table(pk=keys.outbox(row.account_id), sk=row.id).delete()
        except PynamoDBException as error:
            raise as_ours(error) from error


def _read(item: Item) -> EventRow:
    value = from_map(StoredEvents, item.value())
    events = tuple(event_from(values) for values in json.loads(value.text))
    return EventRow(keys.account_of(item.pk), item.sk, value.written_at, events)
