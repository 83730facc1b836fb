"""Lets no function of a stage begin while its table is put back, and lets them go again.

First no queue feeds a function any more: a message that is received and not taken counts as tried,
and would lie with the dead letters when the stage goes on. Then no function has reserved concurrency
left, so none is started: the API answers that it is not there, and a schedule that falls due is
dropped after its tries. What the functions and their queues had before is kept with the stage.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.errors import UnavailableError
from chalicelib.flows.ports_registry import Put, RecordKey, Records, Removal
from chalicelib.flows.restored import BOOK, POINT

KEY = RecordKey(BOOK, f"{POINT}_STANDSTILL")
NONE = -1  # reserved concurrency that is not set
FEEDS = ("Enabled", "Enabling", "Creating", "Updating")  # states of what feeds a function
LOOK_AGAIN_S, LOOKS = 5.0, 60


@dataclass(frozen=True, slots=True)
class Standstill:
    """The functions that are stopped, each with the concurrency it had reserved (-1: none).

    `feeds`: ids of the event source mappings by which queues fed them.
    """

    reserved: dict[str, int] = field(default_factory=dict)
    feeds: tuple[str, ...] = ()


@contextmanager
def standing_still(
    client: Any,
    records: Records,
    functions: Mapping[str, str],
    settle_s: float | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Stop all functions while the context lasts; let them go again only if it ends well.

    After a failure they stay stopped: half a table is for nobody. Doing it again lets them go.
    `settle_s`: how long to wait for what runs already, None for the longest that any may run.

    Raises:
        UnavailableError: a queue did not stop feeding its function; doing it again goes on.
    """
    kept = records.read(KEY, Standstill)
    before = Standstill() if kept is None else kept.value
    longest = 0
    reserved = dict(before.reserved)
    for name in functions.values():
        longest = max(longest, client.get_function_configuration(FunctionName=name)["Timeout"])
        if name not in reserved:
            answer = client.get_function_concurrency(FunctionName=name)
            reserved[name] = answer.get("ReservedConcurrentExecutions", NONE)
    feeds = tuple(dict.fromkeys((*before.feeds, *_feeding(client, functions.values()))))
    records.write(Put(KEY, Standstill(reserved, feeds)))
    _stop_feeding(client, feeds, wait)
    for name in reserved:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    wait(longest if settle_s is None else settle_s)
    yield
    for name, count in reserved.items():
        if count == NONE:
            client.delete_function_concurrency(FunctionName=name)
        else:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=count)
    for feed in feeds:  # last: what is received is taken
        client.update_event_source_mapping(UUID=feed, Enabled=True)
    records.write(Removal(KEY))


def _feeding(client: Any, functions: Iterable[str]) -> Iterator[str]:
    """Yield the ids of the event source mappings that feed functions now."""
    for name in functions:
        more: dict[str, str] = {}
        while True:
            answer = client.list_event_source_mappings(FunctionName=name, **more)
            for one in answer["EventSourceMappings"]:
                if one["State"] in FEEDS:
                    yield one["UUID"]
            if not answer.get("NextMarker"):
                break
            more = {"Marker": answer["NextMarker"]}


def _stop_feeding(client: Any, feeds: Sequence[str], wait: Callable[[float], None]) -> None:
    """Disable event source mappings, and wait until each is: AWS goes on receiving for a while."""
    for feed in feeds:
        client.update_event_source_mapping(UUID=feed, Enabled=False)
    left = list(feeds)
    for _ in range(LOOKS):
        states = ((one, client.get_event_source_mapping(UUID=one)["State"]) for one in left)
        left = [one for one, state in states if state != "Disabled"]
        if not left:
            return
        wait(LOOK_AGAIN_S)
    raise UnavailableError("a queue still feeds its function; the same again goes on")
