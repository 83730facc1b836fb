"""What waits for its day: the wake list, the outbox, sends in doubt, and a run's rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from heapq import merge
from itertools import chain, groupby, islice
from typing import Any

from pynamodb.exceptions import PynamoDBException, UpdateError

from chalicelib.core.calendar import ONE_DAY
from chalicelib.flows.ports import DueAccount, OutboxRow, RunRow
from chalicelib.store import keys
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours, code_of
from chalicelib.store.reads import KEYS_PER_READ, read_keys
from chalicelib.store.rows import LogPart, run_date_rows
from chalicelib.store.tables import DueIndex, Item, Table, client_of

DUE = DueIndex.Meta.index_name
_GONE = "ConditionalCheckFailedException"


class Due:
    """Reads the due index of one table."""

    def __init__(self, table: Table, shards: int) -> None:
        self._table = table
        self._shards = shards

    def accounts(self, shard: int, on: date) -> Iterator[DueAccount]:
        """Yield the accounts of a shard whose `wake_on` is at most `on`, oldest first."""
        families = (self._awake(family, shard, on) for family in (keys.WAKE, keys.LARGE))
        yield from merge(*families, key=lambda row: row.wake_on)

    def _awake(self, family: str, shard: int, on: date) -> Iterator[DueAccount]:
        for item in self._until(keys.due_shard(family, shard), on.isoformat()):
            yield DueAccount(
                keys.account_of(item.pk),
                date.fromisoformat(item.due_on),
                item.policy_id or "",
                family == keys.LARGE,
            )

    def statements(self, shard: int, on: date) -> Iterator[DueAccount]:
        """Yield the accounts of a shard whose next statement is due by a day, oldest first."""
        for item in self._until(keys.due_shard(keys.STATEMENTS, shard), on.isoformat()):
            yield DueAccount(
                keys.account_of(item.pk),
                date.fromisoformat(item.due_on),
                item.policy_id or "",
                item.sk == keys.LARGE_STATEMENT,
            )

    def count_statements(self, shard: int, on: date) -> int:
        """Return how many accounts of a shard wait for a statement, without reading them."""
        return self._count((keys.STATEMENTS,), shard, on)

    def unfinished(self) -> Iterator[str]:
        """Yield the accounts whose last change is stored and not written out: due at once."""
        for shard in range(self._shards):
            for family in (keys.WAKE, keys.LARGE):
                for item in self._until(keys.due_shard(family, shard), keys.AT_ONCE):
                    yield keys.account_of(item.pk)

    def _until(self, due_shard: str, most: str) -> Iterator[Item]:
        with _ours():
            yield from self._table.query(due_shard, self._table.due_on <= most, index_name=DUE)

    def count(self, shard: int, on: date) -> int:
        """Return how many accounts of a shard are due, without reading them."""
        return self._count((keys.WAKE, keys.LARGE), shard, on)

    def _count(self, families: tuple[str, ...], shard: int, on: date) -> int:
        with _ours():
            return sum(
                self._table.count(
                    keys.due_shard(family, shard),
                    self._table.due_on <= on.isoformat(),
                    index_name=DUE,
                )
                for family in families
            )

    def oldest_wake(self, before: date) -> date | None:
        """Return the oldest `wake_on` of all that lies before a day, from one entry of each shard.

        What was left unfinished is due at once, and no day is told by it.
        """
        first, last = date.min + ONE_DAY, before - ONE_DAY
        within = self._table.due_on.between(first.isoformat(), last.isoformat())
        found = (
            item.due_on
            for shard in range(self._shards)
            for family in (keys.WAKE, keys.LARGE)
            for item in self._table.query(
                keys.due_shard(family, shard), within, index_name=DUE, limit=1
            )
        )
        with _ours():
            oldest = min(found, default="")
        return date.fromisoformat(oldest) if oldest else None

    def outbox_before(self, at: datetime) -> Iterator[tuple[str, OutboxRow]]:
        """Yield (account id, row) of what waited until before an instant and was not delivered.

        What waits longer is not read: the index is in the order of that.
        """
        until = keys.instant(at)
        for shard in range(self._shards):
            found = self._until(keys.due_shard(keys.OUTBOX, shard), until)
            waiting = ((item.pk, item.sk) for item in found if item.due_on < until)
            while some := list(islice(waiting, KEYS_PER_READ)):
                rows = ((keys.account_of(i.pk), _row(i)) for i in read_keys(self._table, some))
                # One that was put off just now is still in the index where it was.
                yield from ((name, row) for name, row in rows if row.waits_until < at)

    def count_outbox(self, most: int) -> int:
        """Return how many outbox rows wait, without reading them; at most `most`."""
        shards = (keys.due_shard(keys.OUTBOX, shard) for shard in range(self._shards))
        with _ours():
            entries = chain.from_iterable(
                self._table.query(shard, index_name=DUE, limit=most) for shard in shards
            )
            return sum(1 for _ in islice(entries, most))

    def put_off(self, account_id: str, outbox_id: str, until: datetime) -> None:
        """Let an outbox row wait until an instant; nothing happens if it is gone already."""
        row = self._table(pk=keys.outbox(account_id), sk=keys.safe(outbox_id))
        with _ours():
            try:
                row.update(
                    actions=[self._table.due_on.set(keys.instant(until))],
                    condition=self._table.pk.exists(),
                )
            except UpdateError as error:
                if code_of(error) != _GONE:
                    raise

    def delivered(self, account_id: str, outbox_id: str) -> None:
        """Forget an outbox row; nothing happens if it is gone already."""
        with _ours():
            self._table(pk=keys.outbox(account_id), sk=keys.safe(outbox_id)).delete()

    def notices_in_doubt(self, at: datetime) -> Iterator[tuple[str, str]]:
        """Yield (account id, notice id) of the sends that are to be looked at by an instant."""
        for shard in range(self._shards):
            lease = keys.due_shard(keys.LEASE, shard)
            for item in self._until(lease, keys.instant(at)):
                notice_id = keys.unsafe(item.sk.partition("#")[2])
                yield keys.account_of(item.pk), notice_id

    def run_rows(self, run_on: date) -> Iterator[tuple[str, RunRow]]:
        """Yield (account id, row) of a run; the counts of several changes are added up."""
        for shard in range(self._shards):
            with _ours():
                items = self._table.query(keys.run(run_on, shard), consistent_read=True)
                found = run_date_rows(items)
                for account_id, group in groupby(found, key=lambda row: row.account_id):
                    yield account_id, RunRow(run_on, _sum(row.outcomes for row in group))

    def log(self, account_id: str) -> Iterator[LogPart]:
        """Yield the ledger entries and effects of an account, one change after the other."""
        with _ours():
            for item in self._table.query(
                keys.history(account_id), self._table.sk.startswith("LOG#"), consistent_read=True
            ):
                yield from_map(LogPart, item.value())

    def account_ids(self) -> Iterator[str]:
        """Yield every account id there is, by a scan of the whole table."""
        pages = (
            client_of(self._table)
            .get_paginator("scan")
            .paginate(
                TableName=self._table.Meta.table_name,
                FilterExpression="sk = :head AND begins_with(pk, :live)",
                ProjectionExpression="pk",
                ExpressionAttributeValues={
                    ":head": {"S": keys.HEAD},
                    ":live": {"S": keys.live("")},
                },
            )
        )
        for page in pages:
            items: list[Any] = page["Items"]
            for item in items:
                yield keys.account_of(item["pk"]["S"])


def _row(item: Item) -> OutboxRow:
    """Return what an item of the outbox says; its place in the index says until when it waits."""
    row = from_map(OutboxRow, item.value())
    due_at = datetime.fromisoformat(item.due_on)
    return row if due_at == row.created_at else replace(row, due_at=due_at)


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in counts:
        for code, count in part.items():
            total[code] = total.get(code, 0) + count
    return total


@contextmanager
def _ours() -> Iterator[None]:
    """Say errors of the table in the project's words."""
    try:
        yield
    except PynamoDBException as error:
        raise as_ours(error) from error
