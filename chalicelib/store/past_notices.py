"""`PastNotices` over one table: what history keeps of notices that are done."""

from __future__ import annotations

from collections.abc import Sequence

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.account import Notice
from chalicelib.store import keys
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours
from chalicelib.store.reads import read_keys
from chalicelib.store.tables import Table

_LAST = "\U0010ffff"  # after every text of the same beginning


class DynamoPastNotices:
    """Reads the past notices of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def all_of(self, account_id: str) -> Sequence[Notice]:
        """Return every notice of an account that is done: a request for each megabyte."""
        first = keys.notice("")
        span = self._table.sk.between(first, first + _LAST)
        try:
            items = list(self._table.query(keys.history(account_id), span, consistent_read=True))
        except PynamoDBException as error:
            raise as_ours(error) from error
        return [from_map(Notice, item.value()) for item in items]

    def find(self, account_id: str, notice_id: str) -> Notice | None:
        """Return one notice that is done: one request."""
        wanted = [(keys.history(account_id), keys.notice(notice_id))]
        found = [from_map(Notice, item.value()) for item in read_keys(self._table, wanted)]
        return found[0] if found else None
