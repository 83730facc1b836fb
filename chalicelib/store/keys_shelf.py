"""API keys in DynamoDB: each under its own id, and a list of the ids beside them."""

from __future__ import annotations

from collections.abc import Sequence

from pynamodb.exceptions import DoesNotExist, PutError, PynamoDBException

from chalicelib.core.errors import ConflictError, LimitError, NotFoundError
from chalicelib.flows.api_keys import KEYS_MAX, ApiKey
from chalicelib.store import keys
from chalicelib.store.codec import from_map, to_map
from chalicelib.store.errors import as_ours, code_of
from chalicelib.store.tables import Item, Table

_SK = "KEY"


class DynamoKeys:
    """`KeyShelf` over one table. Reading a key is one consistent read of one small item."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, key_id: str) -> ApiKey:
        """Return a key as it is now; `NotFoundError` when there is none of that id."""
        try:
            item = self._table.get(keys.api_key(key_id), _SK, consistent_read=True)
        except DoesNotExist:
            raise NotFoundError(f"there is no key {key_id!r}") from None
        except PynamoDBException as error:
            raise as_ours(error) from error
        return from_map(ApiKey, item.value())

    def add(self, key: ApiKey) -> None:
        """Keep a new key; `LimitError` when there are 200 already, `ConflictError` for a used id."""
        if self._count() >= KEYS_MAX:
            raise LimitError(f"there are {KEYS_MAX} keys already, revoked ones included")
        # Listed first: a key that is listed and was never kept harms nobody.
        listed = f"{keys.instant(key.created_at)}#{key.id}"
        self._save(self._table(pk=keys.KEYS, sk=listed))
        self._save(self._item(key), is_new=True)

    def replace(self, key: ApiKey) -> None:
        """Keep a key's new state; `ConflictError` when there is no such key."""
        self._save(self._item(key), is_new=False)

    def all(self) -> Sequence[ApiKey]:
        """Return every key, the newest first: one query, and one batch for each hundred."""
        ids = self._ids()
        places = [(keys.api_key(key_id), _SK) for key_id in ids]
        try:
            items = list(self._table.batch_get(places, consistent_read=True))
        except PynamoDBException as error:
            raise as_ours(error) from error
        found = {key.id: key for key in (from_map(ApiKey, item.value()) for item in items)}
        return [found[key_id] for key_id in ids if key_id in found]

    def _count(self) -> int:
        try:
            return self._table.count(keys.KEYS, consistent_read=True)
        except PynamoDBException as error:
            raise as_ours(error) from error

    def _ids(self) -> list[str]:
        try:
            listed = self._table.query(keys.KEYS, consistent_read=True, scan_index_forward=False)
            return [item.sk.rpartition("#")[2] for item in listed]
        except PynamoDBException as error:
            raise as_ours(error) from error

    def _item(self, key: ApiKey) -> Item:
        return self._table(pk=keys.api_key(key.id), sk=_SK, content=to_map(key))

    def _save(self, item: Item, *, is_new: bool | None = None) -> None:
        there = self._table.pk.exists()
        condition = None if is_new is None else (~there if is_new else there)
        try:
            item.save(condition=condition)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise as_ours(error) from error
            raise ConflictError("the key is there already, or is not there") from error
