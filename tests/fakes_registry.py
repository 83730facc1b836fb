"""What is kept of the whole deployment, in memory. The contract suite keeps it honest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.core.errors import LimitError, StaleVersionError
from chalicelib.flows.ports_registry import WRITES_MAX, Put, Record, RecordKey, Removal

T = TypeVar("T")


class MemoryRecords:
    """`Records` in memory."""

    def __init__(self) -> None:
        self.kept: dict[RecordKey, tuple[Any, int]] = {}
        self.expires: dict[RecordKey, datetime | None] = {}  # as the last write said

    def read(self, key: RecordKey, kind: type[T]) -> Record[T] | None:
        found = self.kept.get(key)
        return None if found is None else Record(key, found[0], found[1])

    def list(
        self,
        book: str,
        kind: type[T],
        *,
        prefix: str = "",
        after: str = "",
        most: int = 100,
        newest_first: bool = False,
    ) -> Sequence[Record[T]]:
        names = sorted(
            (key.name for key in self.kept if key.book == book and key.name.startswith(prefix)),
            reverse=newest_first,
        )
        if after:
            names = [name for name in names if (name < after if newest_first else name > after)]
        keys = [RecordKey(book, name) for name in names[:most]]
        return [Record(key, *self.kept[key]) for key in keys]

    def write(self, *puts: Put | Removal) -> None:
        if len(puts) > WRITES_MAX:
            raise LimitError(f"one write takes {WRITES_MAX} records, not {len(puts)}")
        for put in puts:
            if isinstance(put, Removal):
                continue
            if put.was is not None and self.kept.get(put.key, (None, 0))[1] != put.was:
                raise StaleVersionError(f"{put.key.name} was changed by someone else")
        for put in puts:
            if isinstance(put, Removal):
                self.kept.pop(put.key, None)
                continue
            self.kept[put.key] = (put.value, (put.was or 0) + 1)
            self.expires[put.key] = put.expires_at


class MemoryAccountPages:
    """`AccountPages` over the accounts of a memory store; a mark is the last id of a page."""

    def __init__(self, kept: Mapping[str, object]) -> None:
        self.kept = kept

    def account_page(self, after: str, most: int) -> tuple[Sequence[str], str]:
        ids = [name for name in sorted(self.kept) if name > after]
        return ids[:most], ids[most - 1] if len(ids) > most else ""


class MemoryJobQueue:
    """`JobQueue` in memory: what was sent, in order."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int]] = []
        self.delays: list[int] = []

    def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
        self.sent.append((job_id, step))
        self.delays.append(delay_s)
