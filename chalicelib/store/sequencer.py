"""Numbers what waits, for every feed: consecutively, once, and each account's in its order.

A change writes its lines, in its own transaction, into a partition where they wait, under keys that
begin with the account. Numbering moves them to the feed's partition in one transaction with the
feed's head, which holds the last number: of two that number at once, one wins and the other reads
again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pynamodb.exceptions import DoesNotExist, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.store import keys
from chalicelib.store.errors import as_ours
from chalicelib.store.reads import read_keys
from chalicelib.store.rows import Row
from chalicelib.store.tables import FORMAT, Item, Table

ROWS_MAX = 30  # numbered in one transaction, which takes two writes for each
TRIES = 5  # against others that number at the same time
_FAILED = "ConditionalCheckFailed"

# Where a waiting row goes when so many lines have their numbers already, and how many it has.
Place = Callable[[Item, int], tuple[Row, int]]


class Sequencer:
    """Gives the next numbers of one feed, whose partition holds its head."""

    def __init__(self, table: Table, feed: str) -> None:
        self._table = table
        self._feed = feed

    def waiting(self, pk: str, most: int) -> list[Item]:
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
            account = account_of(sk)
            newest[account] = max(newest.get(account, ""), sk)
        return [item for item in again if item.sk <= newest.get(account_of(item.sk), "")]

    def take(self, pk: str, rows: Sequence[Item], place: Place) -> int:
        """Give at most 30 rows the next numbers; return how many lines got theirs.

        It is 0 when others numbered some of them: what was read before is of no use then.

        Raises:
            UnavailableError: the store does not answer now, or others are too quick.
        """
        for last_try in (False,) * (TRIES - 1) + (True,):
            head = self.last_number()
            try:
                return self._transact(head, rows, place)
            except TransactWriteError as error:
                codes = {reason.code for reason in error.cancellation_reasons if reason}
                if _FAILED in codes and not self._are_waiting(pk, rows):
                    return 0  # someone else numbered them
                if last_try or _FAILED not in codes:
                    raise as_ours(error) from error
        raise AssertionError("the last try returns or raises")

    def last_number(self) -> int:
        """Return the last number that was given, 0 for none."""
        try:
            item = self._table.get(self._feed, keys.HEAD, consistent_read=True)
        except DoesNotExist:
            return 0
        except PynamoDBException as error:
            raise as_ours(error) from error
        number: int = item.version
        return number

    def _query(self, pk: str, most: int, last: str | None = None) -> list[Item]:
        span = None if last is None else self._table.sk <= last
        try:
            return list(self._table.query(pk, span, consistent_read=True, limit=most))
        except PynamoDBException as error:
            raise as_ours(error) from error

    def _transact(self, head: int, rows: Sequence[Item], place: Place) -> int:
        table = self._table
        same: Condition = table.pk.does_not_exist()
        if head:
            same = table.version == head
        number = head
        with TransactWrite(connection=table._get_connection().connection) as transaction:
            for row in rows:
                placed, count = place(row, number)
                transaction.save(placed.item(table), condition=table.pk.does_not_exist())
                transaction.delete(row, condition=table.pk.exists())
                number += count
            new = table(pk=self._feed, sk=keys.HEAD)
            moved: list[Action] = [table.v.set(FORMAT), table.version.set(number)]
            transaction.update(new, actions=moved, condition=same)
        return number - head

    def _are_waiting(self, pk: str, rows: Sequence[Item]) -> bool:
        there = read_keys(self._table, [(pk, row.sk) for row in rows])
        return sum(1 for _ in there) == len(rows)


def account_of(sk: str) -> str:
    """Return the account that a waiting row's sort key begins with, as it is written there."""
    return sk.partition("#")[0]
