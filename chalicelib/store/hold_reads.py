"""`HoldReads` over one table: batches of heads, and the list of release requests."""

from __future__ import annotations

from collections.abc import Sequence

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.head import Head
from chalicelib.core.releases import ReleaseRequest
from chalicelib.flows.policy_table import TABLE_KEY, PolicyTable
from chalicelib.flows.ports import Page
from chalicelib.flows.ports_holds import Desktop
from chalicelib.flows.ports_registry import RecordKey
from chalicelib.flows.staff import ROLL_KEY, StaffRoll
from chalicelib.store import keys
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours
from chalicelib.store.reads import read_keys
from chalicelib.store.tables import Table, WorkIndex

WORK = WorkIndex.Meta.index_name


class DynamoHoldReads:
    """Reads holds and release requests of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def look(self, account_ids: Sequence[str]) -> Desktop:
        """Return the heads that are there, and what else a look-up rests on, in the same reads."""
        heads: dict[str, Head] = {}
        policies, roll = PolicyTable(), StaffRoll()
        wanted = [(key.book, key.name) for key in (TABLE_KEY, ROLL_KEY)]
        wanted += [(keys.live(name), keys.HEAD) for name in account_ids]
        for item in read_keys(self._table, wanted):
            match RecordKey(item.pk, item.sk):
                case key if key == TABLE_KEY:
                    policies = from_map(PolicyTable, item.value())
                case key if key == ROLL_KEY:
                    roll = from_map(StaffRoll, item.value())
                case _:
                    heads[keys.account_of(item.pk)] = from_map(Head, item.value())
        return Desktop(heads, policies, roll.staff())

    def release_requests(self, account_id: str) -> Sequence[ReleaseRequest]:
        """Return the release requests of an account, oldest first."""
        here = self._table.sk.startswith(keys.release_request(""))
        try:
            items = list(self._table.query(keys.live(account_id), here, consistent_read=True))
        except PynamoDBException as error:
            raise as_ours(error) from error
        found = [from_map(ReleaseRequest, item.value()) for item in items]
        return sorted(found, key=lambda one: (one.asked_at, one.id))

    def to_answer(self, assignee: str, after: str, limit: int) -> Page[tuple[str, ReleaseRequest]]:
        """Return a page of what someone is to answer; a mark is the rank of a page's last row."""
        rank = self._table.work_rank > after if after else None
        try:
            items = list(
                self._table.query(
                    keys.releases(assignee), rank, index_name=WORK, limit=limit + 1,
                    page_size=limit + 1,
                )
            )  # fmt: skip
        except PynamoDBException as error:
            raise as_ours(error) from error
        rows = [
            (keys.account_of(item.pk), from_map(ReleaseRequest, item.value()))
            for item in items[:limit]
        ]
        mark = items[limit - 1].work_rank if len(items) > limit else None
        return Page(rows, mark)
