"""The bus of events: EventBridge, ten events a call, and again for those that it did not take."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import UnavailableError
from chalicelib.flows.ports_events import BusEvent

ENTRIES_MAX = 10  # what EventBridge takes in one call
CALL_BYTES_MAX = 250_000  # and it takes 262,144 bytes in all
ENTRY_BYTES = 200  # more than what counts beside source, type and detail
TRIES = 3  # of what a call did not take
SOURCE_PREFIX = "pastdue."


class BusError(UnavailableError):
    """The bus did not take every event; all of them again is right: they keep their ids."""

    code = "bus_unavailable"


class EventsClient(Protocol):
    """What is used of the EventBridge client."""

    def put_events(self, **request: Any) -> dict[str, Any]:
        """Put up to ten events on a bus."""
        ...


def events_client() -> EventsClient:
    """Return an EventBridge client that makes nobody wait: 1 s to connect, 2 s to answer, 2 tries."""
    config = Config(
        connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
    )
    client: EventsClient = boto3.client("events", config=config)
    return client


class EventBridgeBus:
    """`Bus` over one EventBridge bus. `stage` names the source: `pastdue.<stage>`."""

    def __init__(self, client: EventsClient, bus_name: str, stage: str) -> None:
        self._client = client
        self._bus_name = bus_name
        self._source = SOURCE_PREFIX + stage

    def put(self, events: Sequence[BusEvent]) -> None:
        """Put every event on the bus, in order; some may be there when this raises.

        Raises:
            BusError: not every event was taken, or the bus does not answer now.
        """
        for call in _calls([self._entry(event) for event in events]):
            self._put(call)

    def _put(self, entries: list[dict[str, Any]]) -> None:
        left, why = entries, ""
        for _ in range(TRIES):
            try:
                answer = self._client.put_events(Entries=left)
            except (BotoCoreError, ClientError) as error:
                raise BusError(f"the bus does not answer now: {type(error).__name__}") from error
            if not answer.get("FailedEntryCount"):
                return
            results = answer["Entries"]
            refused = [one for one in zip(left, results, strict=True) if one[1].get("ErrorCode")]
            left = [entry for entry, _ in refused]
            why = str(refused[0][1]["ErrorCode"])
        raise BusError(f"{len(left)} events were not taken: {why}")

    def _entry(self, event: BusEvent) -> dict[str, Any]:
        return {
            "EventBusName": self._bus_name,
            "Source": self._source,
            "DetailType": event.type,
            "Time": event.timestamp,
            "Detail": json.dumps(event.values(), ensure_ascii=False, separators=(",", ":")),
        }


def _calls(entries: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield the entries in order, as many at a time as one call takes."""
    call: list[dict[str, Any]] = []
    total = 0
    for entry in entries:
        size = ENTRY_BYTES + len(entry["Detail"].encode())
        if call and (len(call) == ENTRIES_MAX or total + size > CALL_BYTES_MAX):
            yield call
            call, total = [], 0
        call.append(entry)
        total += size
    if call:
        yield call
