"""`Erasable` over one table: values of history, replaced one by one where a person is erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pynamodb.exceptions import DoesNotExist, PutError, PynamoDBException
from pynamodb.expressions.condition import Condition

from chalicelib.core.account import Money, Notice
from chalicelib.flows.ports_agency import AgencyReport
from chalicelib.flows.ports_erasure import Rewrite, Rewritten
from chalicelib.store import keys
from chalicelib.store.agency_scope import check_agency_id
from chalicelib.store.codec import from_map, to_map
from chalicelib.store.errors import as_ours, code_of
from chalicelib.store.records import BEYOND
from chalicelib.store.rows import LogPart
from chalicelib.store.tables import Item, Table
from chalicelib.store.writes import unavailable

TRIES = 6  # against others that change the same value
# Closed invoices hold no words of people, and are left alone.
_OF_HISTORY: Mapping[str, type] = {"LOG#": LogPart, "NTC#": Notice, "CASH#": Money}
_OF_AGENCY: Mapping[str, type] = {"IN#": AgencyReport}


class DynamoErasable:
    """Goes over the partitions of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def history(self, account_id: str, after: str, limit: int, change: Rewrite) -> Rewritten:
        """Let `change` go over an account's history, as the port says."""
        return self._rewrite(keys.history(account_id), _OF_HISTORY, (after, limit), change)

    def reports(self, agency_id: str, after: str, limit: int, change: Rewrite) -> Rewritten:
        """Let `change` go over an agency's reports, as the port says."""
        check_agency_id(agency_id)
        return self._rewrite(keys.agency(agency_id), _OF_AGENCY, (after, limit), change)

    def _rewrite(
        self, pk: str, kinds: Mapping[str, type], part: tuple[str, int], change: Rewrite
    ) -> Rewritten:
        after, limit = part
        first = after or min(kinds)
        span = self._table.sk.between(first, max(kinds) + BEYOND)
        try:
            there = self._table.query(pk, span, consistent_read=True, limit=limit + 1)
            items = [item for item in there if item.sk != after][:limit]
        except PynamoDBException as error:
            raise as_ours(error) from error
        changed = 0
        for item in items:
            kind = next((kinds[name] for name in kinds if item.sk.startswith(name)), None)
            if kind is not None:
                changed += self._change(item, kind, change)
        return Rewritten(len(items), changed, items[-1].sk if len(items) == limit else None)

    def _change(self, item: Item, kind: type, change: Rewrite) -> int:
        """Replace one value; return 1 if it changed. One that is gone has gone to live state."""
        now: Item | None = item
        for _ in range(TRIES):
            if now is None:
                return 0
            value: Any = from_map(kind, now.value())
            after = change(now.sk, value)
            if after == value:
                return 0
            same = self._as_read(now)
            now.hold(to_map(after))
            try:
                now.save(condition=same)
            except PutError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise as_ours(error) from error
                now = self._again(item)
            else:
                return 1
        raise unavailable(f"{item.sk} is changed faster than it can be replaced")

    def _as_read(self, item: Item) -> Condition:
        table = self._table
        packed: bytes | None = item.packed
        same: Condition = (
            table.content == item.content if packed is None else table.packed == packed
        )
        return same

    def _again(self, item: Item) -> Item | None:
        try:
            return self._table.get(item.pk, item.sk, consistent_read=True)
        except DoesNotExist:
            return None
        except PynamoDBException as error:
            raise as_ours(error) from error
