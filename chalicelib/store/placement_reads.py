"""`PlacementReads` over one table: placements of all accounts by state, from the `work` index."""

from __future__ import annotations

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.placements import Placement
from chalicelib.flows.ports import Page
from chalicelib.store import keys
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours
from chalicelib.store.tables import Table, WorkIndex

WORK = WorkIndex.Meta.index_name


class DynamoPlacementReads:
    """Reads the placements of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def in_state(self, state: str, after: str, limit: int) -> Page[tuple[str, Placement]]:
        """Return a page of (account id, placement) in a state; a mark is a last row's rank."""
        rank = self._table.work_rank > after if after else None
        queue, most = keys.placements(state), limit + 1
        try:
            items = list(
                self._table.query(queue, rank, index_name=WORK, limit=most, page_size=most)
            )
        except PynamoDBException as error:
            raise as_ours(error) from error
        rows = [
            (keys.account_of(item.pk), from_map(Placement, item.value())) for item in items[:limit]
        ]
        return Page(rows, items[limit - 1].work_rank if len(items) > limit else None)
