"""Consistent reads by key, and what waits when DynamoDB does not answer all at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.errors import UnavailableError
from chalicelib.store.errors import as_ours
from chalicelib.store.tables import Item, Table

KEYS_PER_READ = 100
TRIES = 8
FIRST_WAIT_S = 0.05


def read_keys(
    table: Table,
    wanted: Iterable[tuple[str, str]],
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Item]:
    """Yield the items that are there under some keys, read consistently, in no order.

    PynamoDB's own batch read asks again at once for what was left out; this one waits longer each
    time.

    Raises:
        UnavailableError: the store does not answer now.
    """
    keys = list(dict.fromkeys(wanted))
    for start in range(0, len(keys), KEYS_PER_READ):
        left: list[Any] = [{"pk": pk, "sk": sk} for pk, sk in keys[start : start + KEYS_PER_READ]]
        wait_s = FIRST_WAIT_S
        for _ in range(TRIES):
            try:
                answer = table._get_connection().batch_get_item(left, consistent_read=True)
            except PynamoDBException as error:
                raise as_ours(error) from error
            for raw in answer["Responses"].get(table.Meta.table_name, ()):
                yield table.from_raw_data(raw)
            rest = answer.get("UnprocessedKeys", {}).get(table.Meta.table_name, {})
            left = [{"pk": k["pk"]["S"], "sk": k["sk"]["S"]} for k in rest.get("Keys", ())]
            if not left:
                break
            sleep(wait_s)
            wait_s *= 2
        else:
            raise UnavailableError("the ledger's table does not answer every key now")


def query_all(table: Table, pk: str) -> list[Item]:
    """Return every item of a partition, read consistently, page by page.

    Raises:
        UnavailableError: the store does not answer now.
    """
    try:
        return list(table.query(pk, consistent_read=True))
    except PynamoDBException as error:
        raise as_ours(error) from error
