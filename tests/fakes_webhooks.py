"""The webhooks' ports in memory, and a receiver that answers as it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.core.errors import UnavailableError
from chalicelib.flows.ports import Page
from chalicelib.flows.ports_webhooks import Answer, Delivery

from tests.fakes_agency import newest_first
from tests.fakes_whole import page

PUBLIC = "93.184.215.14"


class MemoryDeliveries:
    """`Deliveries` in memory. The contract suite keeps it honest."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Delivery] = {}

    def keep(self, shelf: str, delivery: Delivery) -> bool:
        there = self.kept.get((shelf, delivery.event_id))
        if (there.revision if there else 0) != delivery.revision:
            return False
        next_one = replace(delivery, revision=delivery.revision + 1)
        self.kept[shelf, delivery.event_id] = next_one
        return True

    def find(self, shelf: str, event_id: str) -> Delivery | None:
        return self.kept.get((shelf, event_id))

    def newest(self, shelf: str, before: str, limit: int) -> Page[Delivery]:
        return newest_first(self._marked(shelf), before, limit)

    def since(self, shelf: str, at: datetime, after: str, limit: int) -> Page[Delivery]:
        marked = self._marked(shelf)
        first = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        return page({mark: one for mark, one in marked.items() if mark >= first}, after, limit)

    def due(self, shelf: str, by: datetime, most: int) -> Sequence[str]:
        waiting = [one for (where, _), one in self.kept.items() if where == shelf and one.next_at]
        found = [
            (one.next_at, one.event_id) for one in waiting if one.next_at and one.next_at <= by
        ]
        return [event_id for _, event_id in sorted(found)][:most]

    def _marked(self, shelf: str) -> dict[str, Delivery]:
        return {one.mark: one for (where, _), one in self.kept.items() if where == shelf}


class MemoryWebhookQueue:
    """`WebhookQueue` in memory: what was sent, in order, with its delays."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, int]] = []
        self.is_down = False

    def send_deliveries(self, webhook_id: str, event_ids: Sequence[str], delay_s: int = 0) -> None:
        if self.is_down:
            raise UnavailableError("the queue does not answer")
        self.sent.extend((webhook_id, event_id, delay_s) for event_id in event_ids)


class FakeResolver:
    """`Resolver` that knows some hosts; every other one is public."""

    def __init__(self, hosts: Mapping[str, Sequence[str]] | None = None) -> None:
        self.hosts = dict(hosts or {})
        self.asked: list[str] = []

    def addresses(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        if host.startswith("unanswered."):
            raise UnavailableError("no answer")
        return self.hosts.get(host, (PUBLIC,))


@dataclass(frozen=True)
class Posted:
    """What a receiver got."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class FakeReceiver:
    """`Sender` whose receivers answer as told: the next of `answers`, else 204."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.always: Answer | None = None
        self.by_url: dict[str, Answer] = {}
        self.got: list[Posted] = []

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.got.append(Posted(url, dict(headers), body))
        if url in self.by_url:
            return self.by_url[url]
        if self.always is not None:
            return self.always
        return self.answers.pop(0) if self.answers else Answer(204)
