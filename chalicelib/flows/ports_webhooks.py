"""What webhooks need of the world: endpoints, their deliveries, a queue, and a way to the receiver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from chalicelib.flows.ports import Page

WEBHOOKS_MAX = 20  # endpoints of one stage
WEBHOOK_ID = r"[a-z0-9-]{1,40}"
URL_CHARACTERS_MAX = 500
SIGNING_MAX = 5  # secrets that sign one message
EVENT_ID = r"[A-Za-z0-9_-]{1,100}"  # no full stop: it parts what is signed
DeliveryState = Literal["pending", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint of a receiver. `event_types` none: every type.

    `generation` counts its secrets from 1; those from `old_generation` on (0: the one before) sign
    as well until `old_until`.
    `disabled_because`: `gone` or `failing` when Pastdue did it, "" when a person did.
    """

    id: str  # WEBHOOK_ID
    url: str
    created_at: datetime
    event_types: tuple[str, ...] = ()
    description: str = ""
    is_enabled: bool = True
    generation: int = 1
    old_generation: int = 0
    old_until: datetime | None = None
    disabled_because: str = ""

    def signing(self, at: datetime) -> tuple[int, ...]:
        """Return the generations of secrets that sign at an instant, the present one first.

        So many at most: of more rotations within one overlap the oldest and the newest.
        """
        present, oldest = self.generation, self.old_generation or self.generation - 1
        if self.old_until is None or at >= self.old_until:
            return (present,)
        between = range(present - 1, max(oldest, present - SIGNING_MAX + 1), -1)
        return (present, *between, oldest)

    @property
    def shelf(self) -> str:
        """Where its deliveries are: another endpoint that gets this id later has another."""
        return f"{self.id}@{self.created_at.astimezone(UTC):%Y%m%dT%H%M%S%f}"

    def wants(self, event_type: str) -> bool:
        """Return whether it is to be told of events of a type now."""
        return self.is_enabled and (not self.event_types or event_type in self.event_types)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint. `body` is what is signed and sent, the same each time.

    `attempts` counts those that were begun, since `began_at`: of a delivery that was asked for
    again they begin anew. `next_at`: when the next one is due, None when it is over. Of the last
    attempt `last_status` is the HTTP status, 0 for none, and `last_code` says why it failed.
    """

    event_id: str
    event_type: str
    body: str
    happened_at: datetime
    began_at: datetime
    state: DeliveryState = "pending"
    attempts: int = 0
    next_at: datetime | None = None
    last_at: datetime | None = None
    last_status: int = 0
    last_code: str = ""
    revision: int = 0  # as it was read; 0: it is not kept yet

    @property
    def mark(self) -> str:
        """Its place among an endpoint's deliveries, in order of time."""
        at = self.happened_at.astimezone(UTC)
        return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}#{self.event_id}"


@dataclass(frozen=True, slots=True)
class Health:
    """How an endpoint does: attempts that failed since one last succeeded, and since when.

    Nothing is sent before `rests_until`.
    """

    failures: int = 0
    failing_since: datetime | None = None
    rests_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered: its HTTP status; 0 when there was none, and why in `code`.

    `retry_after`: that header as it came.
    """

    status: int
    code: str = ""
    retry_after: str = ""


class Deliveries(Protocol):
    """The deliveries of endpoints, by their shelf."""

    def keep(self, shelf: str, delivery: Delivery) -> bool:
        """Keep a delivery under its event's id unless it has changed; return whether it was kept.

        It must be of the revision that it was read with: of two at once, one is kept.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...

    def find(self, shelf: str, event_id: str) -> Delivery | None:
        """Return a delivery as it is now, None when there is none."""
        ...

    def newest(self, shelf: str, before: str, limit: int) -> Page[Delivery]:
        """Return deliveries, newest first, from before a mark; what came just now may be missing."""
        ...

    def since(self, shelf: str, at: datetime, after: str, limit: int) -> Page[Delivery]:
        """Return deliveries of events since an instant, oldest first, from after a mark."""
        ...

    def due(self, shelf: str, by: datetime, most: int) -> Sequence[str]:
        """Return the event ids of pending deliveries that are due by an instant, oldest first."""
        ...


class WebhookQueue(Protocol):
    """Hand-over to the webhooks' worker. Sending twice is harmless: an attempt is made once."""

    def send_deliveries(self, webhook_id: str, event_ids: Sequence[str], delay_s: int = 0) -> None:
        """Send one message per delivery, to be seen after `delay_s` (at most 900).

        Raises:
            UnavailableError: not every message was taken; the same again is right.
        """
        ...


class Resolver(Protocol):
    """Where hosts are."""

    def addresses(self, host: str) -> Sequence[str]:
        """Return the IP addresses of a host, none when it has none.

        Raises:
            UnavailableError: it cannot be found out now.
        """
        ...


class Sender(Protocol):
    """The way to receivers."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post a body to a public HTTPS address and return what came back; never raises for it."""
        ...
