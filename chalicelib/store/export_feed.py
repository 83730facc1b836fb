"""The export feed in DynamoDB: what waits for its number, and what has one (R7.6).

A change writes its lines, in its own transaction, under `E#<shard>`. The sequencer moves them to
`E#FEED` under consecutive numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.export_lines import ExportLine, export_lines
from chalicelib.flows.ports import Change
from chalicelib.store import keys
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours
from chalicelib.store.rows import Row
from chalicelib.store.sequencer import ROWS_MAX, Sequencer
from chalicelib.store.tables import Item, Table

LINES_MAX = 100  # of one row


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
        self.sequencer = Sequencer(table, keys.EXPORT_FEED)

    def number(self, most: int) -> int:
        """Number what waits, at most so many changes' rows; return how many lines were numbered."""
        numbered, left = 0, most
        for shard in range(self._shards):
            while left > 0:
                pk = keys.export_waiting(shard)
                rows = self.sequencer.waiting(pk, min(left, ROWS_MAX))
                if not rows:
                    break
                numbered += self.sequencer.take(pk, rows, placed)
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
                lines = list(_numbered(item))
                if lines[0].sequence > sequence + len(found) + 1:
                    break  # a row before it came while this was read: the next reading finds both
                found.extend(line for line in lines if line.sequence > sequence)
                if len(found) >= limit:
                    break
        except PynamoDBException as error:
            raise as_ours(error) from error
        return found[:limit]


def placed(item: Item, number: int) -> tuple[Row, int]:
    """Return where a waiting row goes after a number, and how many lines it has."""
    lines = from_map(ExportRow, item.value()).lines
    row = Row(keys.EXPORT_FEED, keys.export_line(number + 1), ExportRow(lines))
    return row, len(lines)


def _numbered(item: Item) -> Iterator[ExportLine]:
    first = keys.export_number(item.sk)
    lines = from_map(ExportRow, item.value()).lines
    return (replace(line, sequence=first + place) for place, line in enumerate(lines))
