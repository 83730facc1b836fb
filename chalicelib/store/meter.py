"""Counts requests and capacity units of a table, by item sizes and DynamoDB's published rules.

One hook on the shared client. Local clouds report constants or nothing for reads, so nothing of
what they report is used. Rules: a read counts 4 KB steps (half a unit each unless consistent), a
write 1 KB steps of the larger of old and new, twice in a transaction; an index's entry counts once
when it appears, changes or goes, twice when its key changes. What an item was before is known when
it was read or written while the meter ran; else it counts as new, or 1 KB when deleted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from chalicelib.store.sizes import item_bytes
from chalicelib.store.tables import Table, client_of

READ_STEP_BYTES = 4_096
WRITE_STEP_BYTES = 1_024
COUNTED_ENTRY_BYTES = 96  # an index entry that was counted and not returned, keys and policy id

Raw = Mapping[str, Mapping[str, Any]]
# Per index: its keys and what is projected into it; None for everything.
_INDEXES: tuple[tuple[tuple[str, str], frozenset[str] | None], ...] = (
    (("due_shard", "due_on"), frozenset({"pk", "sk", "due_shard", "due_on", "policy_id"})),
    (("work_queue", "work_rank"), None),
)


@dataclass(slots=True)
class Usage:
    """What was used, by operation: requests (the SDK's own tries included) and capacity units."""

    requests: Counter[str] = field(default_factory=Counter)
    read_units: Counter[str] = field(default_factory=Counter)
    write_units: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> tuple[int, float, float]:
        """Return requests, read units and write units in all."""
        reads, writes = self.read_units.values(), self.write_units.values()
        return sum(self.requests.values()), float(sum(reads)), float(sum(writes))


@contextmanager
def metered(table: Table) -> Iterator[Usage]:
    """Count what a table's client does while the context lasts, by any thread."""
    meter = _Meter()
    events = client_of(table).meta.events
    events.register("before-parameter-build.dynamodb", meter.before)
    events.register("after-call.dynamodb", meter.after)
    try:
        yield meter.usage
    finally:
        events.unregister("before-parameter-build.dynamodb", meter.before)
        events.unregister("after-call.dynamodb", meter.after)


class _Meter:
    def __init__(self) -> None:
        self.usage = Usage()
        self._known: dict[tuple[str, str], Raw] = {}
        self._lock = Lock()

    def before(self, params: Any, context: Any, **_: Any) -> None:
        context["metered"] = params

    def after(self, model: Any, parsed: Any, context: Any, **_: Any) -> None:
        params = context.get("metered", {})
        name = model.name
        with self._lock:
            tries = 1 + parsed.get("ResponseMetadata", {}).get("RetryAttempts", 0)
            self.usage.requests[name] += tries
            if "Error" in parsed:
                return
            if name == "TransactWriteItems":
                units = sum(self._write(action, 2) for action in params["TransactItems"])
                self.usage.write_units[name] += units
            elif name in ("PutItem", "DeleteItem", "UpdateItem"):
                action = {name.removesuffix("Item"): params}
                self.usage.write_units[name] += self._write(action, 1)
            else:
                self.usage.read_units[name] += self._read(name, params, parsed)

    def _read(self, name: str, params: Any, parsed: Any) -> Any:
        factor = 1.0 if params.get("ConsistentRead") else 0.5
        if name == "GetItem":
            item = parsed.get("Item")
            self._learn([item] if item else [])
            return factor * _steps(item_bytes(item or {}), READ_STEP_BYTES)
        if name == "BatchGetItem":
            return sum(
                self._batch(asked, parsed["Responses"].get(table, ()))
                for table, asked in params["RequestItems"].items()
            )
        if name in ("Query", "Scan"):
            items = parsed.get("Items", ())
            if "IndexName" not in params and "ProjectionExpression" not in params:
                self._learn(items)
            total = sum(item_bytes(item) for item in items)
            if params.get("Select") == "COUNT":
                total = parsed["Count"] * COUNTED_ENTRY_BYTES
            return factor * _steps(total, READ_STEP_BYTES)
        return 0

    def _batch(self, asked: Any, items: Any) -> float:
        self._learn(items)
        factor = 1.0 if asked.get("ConsistentRead") else 0.5
        missing = len(asked["Keys"]) - len(items)
        return factor * (missing + sum(_steps(item_bytes(item), READ_STEP_BYTES) for item in items))

    def _learn(self, items: Any) -> None:
        for item in items:
            self._known[_key(item)] = item

    def _write(self, action: Mapping[str, Any], factor: int) -> int:
        ((kind, request),) = action.items()
        key = _key(request["Item"] if kind == "Put" else request["Key"])
        old = self._known.get(key, {})
        if kind == "ConditionCheck":
            return factor * _steps(item_bytes(old), WRITE_STEP_BYTES)
        new = _after(kind, request, old)
        if new:
            self._known[key] = new
        else:
            self._known.pop(key, None)
        size = max(item_bytes(old), item_bytes(new))
        return factor * _steps(size, WRITE_STEP_BYTES) + _index_units(old, new)


def _key(raw: Raw) -> tuple[str, str]:
    return raw["pk"]["S"], raw["sk"]["S"]


def _after(kind: str, request: Any, old: Raw) -> Raw:
    """Return what an item is after a write. An update's `SET name = value` and `REMOVE` are read."""
    if kind == "Put":
        item: Raw = request["Item"]
        return item
    if kind == "Delete":
        return {}
    names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
    new = {**old, **request["Key"]}
    clauses = request["UpdateExpression"].replace("REMOVE", "\nREMOVE").splitlines()
    for clause in clauses:
        word, _, rest = clause.strip().partition(" ")
        for part in rest.split(","):
            name, _, value = (text.strip() for text in part.partition("="))
            if word == "SET":
                new[names[name]] = values[value]
            elif names.get(name) in new:
                del new[names[name]]
    return new


def _index_units(old: Raw, new: Raw) -> int:
    units = 0
    for (shard, rank), projected in _INDEXES:
        was, now = _entry(old, shard, rank, projected), _entry(new, shard, rank, projected)
        if was == now:
            continue
        size = _steps(max(item_bytes(was), item_bytes(now)), WRITE_STEP_BYTES)
        moved = was and now and any(was[name] != now[name] for name in (shard, rank))
        units += 2 * size if moved else size
    return units


def _entry(item: Raw, shard: str, rank: str, projected: frozenset[str] | None) -> Raw:
    if shard not in item or rank not in item:
        return {}
    return {k: v for k, v in item.items() if projected is None or k in projected}


def _steps(size_bytes: int, step_bytes: int) -> int:
    return max(1, math.ceil(size_bytes / step_bytes))
