"""`Records` over one table: small values of the whole deployment, by book and name."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeVar

from pynamodb.exceptions import DoesNotExist, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.core.errors import LimitError, StaleVersionError
from chalicelib.flows.ports_registry import NEW, WRITES_MAX, Put, Record, RecordKey, Removal
from chalicelib.store.codec import from_map, to_map
from chalicelib.store.errors import as_ours
from chalicelib.store.sizes import item_bytes
from chalicelib.store.tables import Item, Table

T = TypeVar("T")
RECORD_BYTES_MAX = 380_000  # when packed; an item may have 400 kB
BEYOND = "\U0010ffff"  # after every name

_FAILED = "ConditionalCheckFailed"


class DynamoRecords:
    """Records in one table. `tokens` names each write, so that its own retry is known as such."""

    def __init__(
        self, table: Table, tokens: Callable[[], str] = lambda: secrets.token_hex(12)
    ) -> None:
        self._table = table
        self._tokens = tokens

    def read(self, key: RecordKey, kind: type[T]) -> Record[T] | None:
        """Return the record of a key, None when there is none."""
        try:
            item = self._table.get(key.book, key.name, consistent_read=True)
        except DoesNotExist:
            return None
        except PynamoDBException as error:
            raise as_ours(error) from error
        return _record(item, kind)

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
        """Return a book's records in order of their names, at most `most`, from after a name."""
        if newest_first:
            names = self._table.sk.between(prefix or "\x01", after or prefix + BEYOND)
        else:
            names = self._table.sk.between(after or prefix or "\x01", prefix + BEYOND)
        try:
            items = self._table.query(
                book,
                names,
                consistent_read=True,
                scan_index_forward=not newest_first,
                page_size=most + 1,
            )
            found = (item for item in items if item.sk != after)
            return [_record(item, kind) for item in islice(found, most)]
        except PynamoDBException as error:
            raise as_ours(error) from error

    def write(self, *puts: Put | Removal) -> None:
        """Write or take away up to 25 records, all of them or none."""
        if len(puts) > WRITES_MAX:
            raise LimitError(f"one write takes {WRITES_MAX} records, not {len(puts)}")
        gone = [put for put in puts if isinstance(put, Removal)]
        kept = [put for put in puts if isinstance(put, Put)]
        items = [self._item(put) for put in kept]
        connection = self._table._get_connection().connection
        try:
            with TransactWrite(
                connection=connection, client_request_token=self._tokens()
            ) as transaction:
                for removal in gone:
                    item = self._table(pk=removal.key.book, sk=removal.key.name)
                    transaction.delete(item, add_version_condition=False)
                for put, item in zip(kept, items, strict=True):
                    transaction.save(item, condition=self._condition(put))
        except TransactWriteError as error:
            codes = [reason.code if reason else "" for reason in error.cancellation_reasons]
            if _FAILED in codes:
                # What is taken away comes first in the transaction, and has no condition.
                name = kept[codes.index(_FAILED) - len(gone)].key.name
                raise StaleVersionError(f"{name} was changed by someone else") from error
            raise as_ours(error) from error

    def _item(self, put: Put) -> Item:
        item = self._table(pk=put.key.book, sk=put.key.name, version=(put.was or 0) + 1)
        item.hold(to_map(put.value))
        if put.expires_at is not None:
            item.expires_at = int(put.expires_at.timestamp())
        size = item_bytes(item.serialize())
        if size > RECORD_BYTES_MAX:
            raise LimitError(f"a record may have {RECORD_BYTES_MAX} bytes when packed, not {size}")
        return item

    def _condition(self, put: Put) -> Condition | None:
        if put.was is None:
            return None
        if put.was == NEW:
            nothing: Condition = self._table.pk.does_not_exist()
            return nothing
        same: Condition = self._table.version == put.was
        return same


def _record(item: Item, kind: type[T]) -> Record[T]:
    key = RecordKey(item.pk, item.sk)
    return Record(key, from_map(kind, item.value()), item.version or 1)
