"""The ports of events in memory: a bus that keeps what it took, and the rows that wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from chalicelib.core.errors import UnavailableError
from chalicelib.flows.ports_events import BusEvent, EventRow

from tests.fakes_store import MemoryAccounts


class MemoryBus:
    """`Bus` in memory. While `is_down` it takes nothing; `calls` counts what it was asked."""

    def __init__(self) -> None:
        self.events: list[BusEvent] = []
        self.calls = 0
        self.is_down = False

    def put(self, events: Sequence[BusEvent]) -> None:
        self.calls += 1
        if self.is_down:
            raise UnavailableError("the bus is down")
        self.events.extend(events)

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


class MemoryEventRows:
    """`EventRows` of the ledger in memory."""

    def __init__(self, accounts: MemoryAccounts) -> None:
        self._rows = accounts.event_rows

    def waiting(self, before: datetime) -> Iterator[EventRow]:
        rows = sorted(self._rows.values(), key=lambda row: (row.written_at, row.id))
        yield from (row for row in rows if row.written_at < before)

    def oldest(self) -> datetime | None:
        return min((row.written_at for row in self._rows.values()), default=None)

    def told(self, row: EventRow) -> None:
        self._rows.pop((row.account_id, row.id), None)
