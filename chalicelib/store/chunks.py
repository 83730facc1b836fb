"""A change beyond one transaction: stored whole on the account first, then written in chunks.

The head's mark `unfinished` says how far it is, each chunk moves the mark in its own transaction,
and the last one writes the head and takes the stored change away. So any loader can finish what a
crash left, no booking enters between, and each chunk is written once whoever writes it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.condition import Condition

from chalicelib.core.errors import ConflictError, LimitError, StaleVersionError
from chalicelib.core.head import Head
from chalicelib.store import keys
from chalicelib.store.agency_rows import agencies_of
from chalicelib.store.changes import Op, Plan
from chalicelib.store.codec import from_map, to_map
from chalicelib.store.reads import read_keys
from chalicelib.store.sizes import item_bytes
from chalicelib.store.tables import FORMAT, Item
from chalicelib.store.writes import (
    HeadWrite,
    Limits,
    Writer,
    unavailable,
)

TRIES = 20  # against others that finish the same change
ITEM_BYTES_MAX = 400_000  # DynamoDB takes 409,600


@dataclass(frozen=True, slots=True)
class Unfinished:
    """How far a large change is: `stored` of its `parts`, `done` of its `chunks`."""

    id: str
    parts: int
    chunks: int
    stored: int = 0
    done: int = 0


def fits(plan: Plan, limits: Limits) -> bool:
    """Return whether a change can be written in one transaction."""
    ops = [*plan.at_once, *plan.ops]
    if 1 + len(ops) + len(plan.absent) > limits.actions:
        return False
    return sum(op_bytes(op) for op in ops) + _size(plan.head) <= limits.transaction_bytes


def check_sizes(account_id: str, plan: Plan) -> None:
    """Refuse a change with an item beyond DynamoDB's limit, before any of it is stored.

    Raises:
        LimitError: an item is too large even when it is packed.
    """
    for op in (*plan.at_once, *plan.ops, Op(plan.head)):
        packed: bytes | None = op.item.packed
        size = 0 if packed is None else op_bytes(op)
        if size > ITEM_BYTES_MAX:
            raise LimitError(
                f"{op.item.sk} of account {account_id} would have {size} bytes, the limit of one "
                f"record is {ITEM_BYTES_MAX}: what names or pays so many invoices comes in parts"
            )


def op_bytes(op: Op) -> int:
    """Return the bytes that a write counts for in its transaction."""
    return _size(op.item)


def _size(item: Item) -> int:
    return item_bytes(item.serialize(null_check=False))


class Chunks:
    """Stores large changes and finishes those that are stored.

    `handed` is called with the agencies that are told of a change, when it is finished.
    """

    def __init__(
        self, writer: Writer, handed: Callable[[Sequence[str]], None] = lambda _: None
    ) -> None:
        self._writer = writer
        self._handed = handed
        self._table = writer.table

    def commit(
        self, account_id: str, version: int, plan: Plan, due_shard: str, *, finish: bool = True
    ) -> int:
        """Store a change whole, write it chunk by chunk, and return the version it ends with.

        Without `finish` it is only stored, which makes it certain: whoever loads the account next
        writes it.

        Raises:
            StaleVersionError, ConflictError: nothing was stored.
            LimitError: the change is too large even so.
            UnavailableError: it will be finished by whoever loads the account next, or nothing
                was stored; reading again tells.
        """
        limits = self._writer.limits
        self._check_absent(account_id, plan)
        chunks = list(_chunked(plan.ops, limits))
        parts = _parts(chunks, plan.head, limits.part_bytes)
        if len(parts) > limits.parts:
            raise LimitError(
                f"a change of account {account_id} has {len(parts)} parts of {limits.part_bytes} bytes, "
                f"the limit is {limits.parts}"
            )
        version = self._store(account_id, version, parts, len(chunks), due_shard, plan.at_once)
        if finish:
            self.finish(account_id)
        return version + len(chunks) + 1

    def finish(self, account_id: str) -> None:
        """Finish the stored change of an account, or take away one that was not stored whole.

        Raises:
            UnavailableError: the store does not answer now, or others are too quick.
        """
        tries, done = TRIES, 0
        while tries:
            tries -= 1
            head = self._writer.head(account_id)
            mark = _mark_of(head)
            if head is None or mark is None:
                return
            if mark.done > done:
                tries, done = TRIES, mark.done  # others are at it, and it gets on
            try:
                if mark.stored < mark.parts:
                    self._discard(account_id, head, mark)
                else:
                    self._go_on(account_id, head, mark)
            except StaleVersionError:
                continue  # someone else took this step: look again how far it is
        raise unavailable(f"a large change of account {account_id} is not finished yet")

    def _check_absent(self, account_id: str, plan: Plan) -> None:
        """What is new must be nowhere. The version keeps this true until the change is stored."""
        found = [item.sk for item in read_keys(self._table, plan.must_be_absent)]
        if found:
            raise ConflictError(f"account {account_id} has {', '.join(sorted(found))} already")

    def _store(
        self,
        account_id: str,
        version: int,
        parts: Sequence[bytes],
        chunks: int,
        due_shard: str,
        at_once: Sequence[Op],
    ) -> int:
        table = self._table
        identity = self._writer.token()
        condition: Condition = table.pk.does_not_exist()
        if version:
            condition = (table.version == version) & table.unfinished.does_not_exist()
        step = self._writer.limits.parts_per_write
        for start in range(0, len(parts), step):
            here = parts[start : start + step]
            mark = Unfinished(identity, len(parts), chunks, start + len(here))
            ops = [Op(self._part(account_id, start + n, part)) for n, part in enumerate(here)]
            wake = (
                table.v.set(FORMAT),
                table.due_shard.set(due_shard),
                table.due_on.set(keys.AT_ONCE),
            )
            if mark.stored == mark.parts:
                ops += at_once  # from here on the change is certain
            self._step(account_id, version, condition, mark, ops, wake)
            version += 1
            condition = self._still(version, identity)
        return version

    def _part(self, account_id: str, number: int, part: bytes) -> Item:
        sk = keys.numbered(keys.DECISION.rstrip("#"), number)
        return self._table(pk=keys.live(account_id), sk=sk, packed=part)

    def _still(self, version: int, identity: str) -> Condition:
        same: Condition = self._table.unfinished["id"] == identity
        here: Condition = self._table.version == version
        both: Condition = here & same
        return both

    def _step(
        self,
        account_id: str,
        version: int,
        condition: Condition,
        mark: Unfinished,
        ops: Sequence[Op],
        more: Sequence[Any] = (),
    ) -> None:
        """Write some items and move the mark, in one transaction."""
        table, token = self._table, self._writer.token()
        actions = [
            table.version.set(version + 1),
            table.change_id.set(token),
            table.unfinished.set(to_map(mark)),
            *more,
        ]
        head = HeadWrite(account_id, condition, actions=actions)
        self._writer.write(token, head, ops)

    def _go_on(self, account_id: str, head: Item, mark: Unfinished) -> None:
        """Write the chunks that are left, then the head."""
        parts = self._part_keys(account_id, mark.parts)
        items = sorted(read_keys(self._table, parts), key=lambda item: item.sk)
        if len(items) < mark.parts:
            raise StaleVersionError("someone else finished it")
        stored = json.loads(zlib.decompress(b"".join(item.packed for item in items)))
        version = head.version
        for done in range(mark.done, mark.chunks):
            ops = [self._op(raw) for raw in stored["chunks"][done]]
            moved = Unfinished(mark.id, mark.parts, mark.chunks, mark.stored, done + 1)
            self._step(account_id, version, self._still(version, mark.id), moved, ops)
            version += 1
        last = self._table()
        last.from_dynamodb_dict(stored["head"])
        last.version, last.change_id = version + 1, self._writer.token()
        end = HeadWrite(account_id, self._still(version, mark.id), item=last)
        away = [Op(self._table(pk=pk, sk=sk), is_delete=True) for pk, sk in parts]
        self._writer.write(last.change_id, end, away)
        # Of all chunks: who wrote the others may have ended before it told anybody.
        agencies = agencies_of([_partition(raw) for chunk in stored["chunks"] for raw in chunk])
        if agencies:
            self._handed(agencies)

    def _part_keys(self, account_id: str, parts: int) -> list[tuple[str, str]]:
        prefix = keys.DECISION.rstrip("#")
        return [(keys.live(account_id), keys.numbered(prefix, n)) for n in range(parts)]

    def _op(self, raw: Any) -> Op:
        if raw[0] == "delete":
            return Op(self._table(pk=raw[1], sk=raw[2]), is_delete=True)
        item = self._table()
        item.from_dynamodb_dict(raw[1])
        return Op(item)

    def _discard(self, account_id: str, head: Item, mark: Unfinished) -> None:
        """Take away a change that was not stored whole: as if nothing had happened."""
        table, token = self._table, self._writer.token()
        actions = [
            table.version.set(head.version + 1),
            table.change_id.set(token),
            table.unfinished.remove(),
        ]
        wake_on = from_map(Head, head.value()).wake_on
        if wake_on is None:
            actions += [table.due_shard.remove(), table.due_on.remove()]
        else:
            actions.append(table.due_on.set(wake_on.isoformat()))
        condition = self._still(head.version, mark.id)
        away = [
            Op(table(pk=pk, sk=sk), is_delete=True)
            for pk, sk in self._part_keys(account_id, mark.stored)
        ]
        self._writer.write(token, HeadWrite(account_id, condition, actions=actions), away)


def _mark_of(head: Item | None) -> Unfinished | None:
    raw = None if head is None else head.unfinished
    return from_map(Unfinished, raw) if raw else None


def is_unfinished(head: Item) -> bool:
    """Return whether a large change is stored on the account and not written out yet."""
    return _mark_of(head) is not None


def _chunked(ops: Sequence[Op], limits: Limits) -> Iterator[list[Op]]:
    """Yield the writes in the order given, as many at a time as one transaction takes."""
    chunk: list[Op] = []
    total = 0
    for op in ops:
        size = op_bytes(op)
        if chunk and (len(chunk) + 1 >= limits.actions or total + size > limits.transaction_bytes):
            yield chunk
            chunk, total = [], 0
        chunk.append(op)
        total += size
    if chunk:
        yield chunk


def _parts(chunks: Sequence[Sequence[Op]], head: Item, part_bytes: int) -> list[bytes]:
    raw = {
        "chunks": [[_raw(op) for op in chunk] for chunk in chunks],
        "head": head.to_dynamodb_dict(),
    }
    packed = zlib.compress(json.dumps(raw, separators=(",", ":")).encode(), 6)
    return [packed[start : start + part_bytes] for start in range(0, len(packed), part_bytes)]


def _raw(op: Op) -> list[Any]:
    if op.is_delete:
        return ["delete", op.item.pk, op.item.sk]
    return ["put", op.item.to_dynamodb_dict()]


def _partition(raw: list[Any]) -> str:
    return raw[1] if raw[0] == "delete" else raw[1]["pk"]["S"]  # type: ignore[no-any-return]  # JSON
