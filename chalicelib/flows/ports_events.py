"""What the outside is told of accounts: events on the bus, for a CRM and for webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    def values(self) -> dict[str, Any]:
        """Return the event as it stands on the bus (`Detail`) and in a webhook's body."""
        at = self.timestamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "id": self.id,
            "type": self.type,
            "timestamp": at,
            "account_id": self.account_id,
            "on": self.on.isoformat(),
            "data": dict(self.data),
        }


class Bus(Protocol):
    """Where events are put for whoever listens."""

    def put(self, events: Sequence[BusEvent]) -> None:
        """Put every event on the bus, under its type; the same again is right.

        Raises:
            UnavailableError: not every event was taken.
        """
        ...
