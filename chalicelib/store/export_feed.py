"""The export feed in DynamoDB: what waits for its number, and what has one (R7.6).

A change writes its lines, in its own transaction, under `E#<shard>`. Numbering moves them to
`E#FEED` under consecutive numbers, in one transaction with the feed's head, which holds the last
number: of two that number at once, one wins and the other reads again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from pynamodb.exceptions import DoesNotExist, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.core.export_lines import ExportLine, export_lines
from chalicelib.flows.ports import Change
from chalicelib.store import keys
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours
from chalicelib.store.rows import Row
from chalicelib.store.tables import Item, Table

LINES_MAX = 100  # of one row
ROWS_MAX = 30  # numbered in one transaction, which takes two writes for each
TRIES = 5  # against others that number at the same time
_FAILED = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """Some lines of one change."""

    lines: tuple[ExportLine, ...] = ()


def waiting_rows(change: Change, shards: int) -> Iterator[Row]:
    """Yield the rows by which a change's lines wait for their numbers."""
    before, after = change.loaded.account, change.after
    version = change.loaded.version + 1
    lines = iter(export_lines(before, after, change.entries, version))
    pk = keys.export_waiting(keys.shard_of(after.id, shards))
    part = 0
    while some := tuple(islice(lines, LINES_MAX)):
        yield Row(pk, keys.export_of(after.id, version, part), ExportRow(some))
        part += 1


class DynamoExportFeed:
    """`ExportFeed` over one table."""

    def __init__(self, table: Table, shards: int) -> None:
        self._table = table
        self._shards = shards

    def number(self, most: int) -> int:
        """Number what waits, at most so many changes' rows; return how many lines were numbered."""
        numbered, left = 0, most
        for shard in range(self._shards):
            while left > 0:
                rows = self._waiting(keys.export_waiting(shard), min(left, ROWS_MAX))
                if not rows:
                    break
                numbered += self._take(keys.export_waiting(shard), rows)
                left -= len(rows)
        return numbered

    def after(self, sequence: int, limit: int) -> Sequence[ExportLine]:
        """Return the lines after a number, at most `limit`, in order; two queries."""
        pk, sk = keys.EXPORT_FEED, self._table.sk
        found: list[ExportLine] = []
        try:
            first = self._table.query(
                pk,
                sk.between(keys.export_line(0), keys.export_line(sequence + 1)),
                consistent_read=True,
                scan_index_forward=False,
                limit=1,
            )
            begin = next((item.sk for item in first), keys.export_line(0))
            rows = self._table.query(
                pk,
                sk.between(begin, keys.export_line(keys.EXPORT_LINES_END)),
                consistent_read=True,
                page_size=limit + 1,
            )
            for item in rows:
                found.extend(line for line in _numbered(item) if line.sequence > sequence)
                if len(found) >= limit:
                    break
        except PynamoDBException as error:
            raise as_ours(error) from error
        return found[:limit]

    def _waiting(self, pk: str, most: int) -> list[Item]:
        """Return rows that wait, by account and version, none of whose forerunners is left out.

        A query does not read all at one instant: it may pass where a change will lie and then find
        the next one of the same account. Whatever the first reading found has all its forerunners
        in the table by then, so the second reading finds them too.
        """
        found = {item.sk for item in self._query(pk, most)}
        if not found:
            return []
        last = max(found)
        again = self._query(pk, most, last)
        newest: dict[str, str] = {}
        for sk in found:
            account = sk.partition("#")[0]
            newest[account] = max(newest.get(account, ""), sk)
        return [item for item in again if item.sk <= newest.get(item.sk.partition("#")[0], "")]

    def _query(self, pk: str, most: int, last: str | None = None) -> list[Item]:
        span = None if last is None else self._table.sk <= last
        try:
            return list(self._table.query(pk, span, consistent_read=True, limit=most))
        except PynamoDBException as error:
            raise as_ours(error) from error

    def _take(self, pk: str, rows: Sequence[Item]) -> int:
        """Give some rows the next numbers; return how many lines got theirs, 0 if others did it."""
        for last_try in (False,) * (TRIES - 1) + (True,):
            head = self._last_number()
            try:
                return self._transact(head, rows)
            except TransactWriteError as error:
                codes = {reason.code for reason in error.cancellation_reasons if reason}
                if _FAILED in codes and not self._are_waiting(pk, rows):
                    return 0  # someone else numbered them
                if last_try or _FAILED not in codes:
                    raise as_ours(error) from error
        raise AssertionError("the last try returns or raises")

    def _last_number(self) -> int:
        try:
            item = self._table.get(keys.EXPORT_FEED, keys.HEAD, consistent_read=True)
        except DoesNotExist:
            return 0
        except PynamoDBException as error:
            raise as_ours(error) from error
        number: int = item.version
        return number

    def _transact(self, head: int, rows: Sequence[Item]) -> int:
        table = self._table
        same: Condition = table.pk.does_not_exist()
        if head:
            same = table.version == head
        number = head
        with TransactWrite(connection=table._get_connection().connection) as transaction:
            for row in rows:
                lines = from_map(ExportRow, row.value()).lines
                place = Row(keys.EXPORT_FEED, keys.export_line(number + 1), ExportRow(lines))
                transaction.save(place.item(table), condition=table.pk.does_not_exist())
                transaction.delete(row, condition=table.pk.exists())
                number += len(lines)
            new = table(pk=keys.EXPORT_FEED, sk=keys.HEAD, version=number)
            transaction.save(new, condition=same)
        return number - head

    def _are_waiting(self, pk: str, rows: Sequence[Item]) -> bool:
        wanted = {row.sk for row in rows}
        last = max(wanted)
        there = {item.sk for item in self._query(pk, len(rows) + ROWS_MAX, last)}
        return wanted <= there


def _numbered(item: Item) -> Iterator[ExportLine]:
    first = keys.export_number(item.sk)
    lines = from_map(ExportRow, item.value()).lines
    return (replace(line, sequence=first + place) for place, line in enumerate(lines))
