"""What the outside is told of accounts: events on the bus, for a CRM and for webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class BusEvent:
    """One thing that happened to an account. `id` is made from its meaning: told twice, it is one.

    `data` holds ids, codes, days and amounts (JSON values, money as `{amount_minor, currency}`);
    never names, addresses or the text of letters or notes.
    """

    id: str  # `evt_` and a hash
    type: str  # such as `charge.posted`: one of the catalogue's
    timestamp: datetime  # when it was committed, UTC
    account_id: str
    on: date  # the business day that it is of
    data: Mapping[str, Any]
    account_version: int = 0  # the account's, after the change that it tells of
    index: int = 0  # its place among the events of that change, from 0

    def values(self) -> dict[str, Any]:
        """Return the event as it stands on the bus (`Detail`) and in a webhook's body."""
        at = self.timestamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "id": self.id,
            "type": self.type,
            "timestamp": at,
            "account_id": self.account_id,
            "account_version": self.account_version,
            "index": self.index,
            "on": self.on.isoformat(),
            "data": dict(self.data),
        }


def event_from(values: Mapping[str, Any]) -> BusEvent:
    """Return the event that `BusEvent.values` spelt.

    Raises:
        KeyError, ValueError: the values are not an event's.
    """
    return BusEvent(
        id=values["id"],
        type=values["type"],
        timestamp=datetime.fromisoformat(values["timestamp"]),
        account_id=values["account_id"],
        on=date.fromisoformat(values["on"]),
        data=values["data"],
        account_version=values["account_version"],
        index=values["index"],
    )


@dataclass(frozen=True, slots=True)
class EventRow:
    """Events of one change that wait to be put on the bus, in order. `id`: among its account's."""

    account_id: str
    id: str
    written_at: datetime
    events: tuple[BusEvent, ...]


class Bus(Protocol):
    """Where events are put for whoever listens."""

    def put(self, events: Sequence[BusEvent]) -> None:
        """Put every event on the bus, under its type; the same again is right.

        Raises:
            UnavailableError: not every event was taken.
        """
        ...


class EventRows(Protocol):
    """The rows by which events wait, written with the changes that they tell of."""

    def waiting(self, before: datetime) -> Iterator[EventRow]:
        """Yield the rows that were written before an instant and are there still, oldest first.

        Oldest first within each shard of the ledger.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...

    def oldest(self) -> datetime | None:
        """Return when the oldest row that is there was written (UTC), None when none is.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...

    def told(self, row: EventRow) -> None:
        """Forget a row: its events are on the bus. Any number of times.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...
