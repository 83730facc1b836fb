"""Lets no function of a stage begin while its table is put back, and lets them go again.

A function with no reserved concurrency left is not started: queues and schedules keep what waits,
and the API answers that it is not there. What the functions had before is kept with the stage.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib.flows.ports_registry import Put, RecordKey, Records, Removal
from chalicelib.flows.restored import BOOK, POINT

KEY = RecordKey(BOOK, f"{POINT}_STANDSTILL")
NONE = -1  # reserved concurrency that is not set


@dataclass(frozen=True, slots=True)
class Standstill:
    """The functions that are stopped, each with the concurrency it had reserved (-1: none)."""

    reserved: dict[str, int] = field(default_factory=dict)


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
    records.write(Put(KEY, Standstill(reserved)))
    for name in reserved:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    wait(longest if settle_s is None else settle_s)
    yield
    for name, count in reserved.items():
        if count == NONE:
            client.delete_function_concurrency(FunctionName=name)
        else:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=count)
    records.write(Removal(KEY))
