"""One agency's partition: whatever reads or writes in it takes its keys from here (R10.5)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from pynamodb.exceptions import DoesNotExist, PutError, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.core.agency_lines import AgencyLine
from chalicelib.core.errors import InvalidInputError
from chalicelib.flows.ports_agency import AGENCY_ID
from chalicelib.store import keys
from chalicelib.store.agency_rows import AgencyRow
from chalicelib.store.errors import THROTTLED, as_ours, code_of
from chalicelib.store.records import BEYOND
from chalicelib.store.rows import Row
from chalicelib.store.tables import Item, Table

TRIES = 4  # of a transaction that met another one, or was throttled
FIRST_WAIT_S = 0.05
_FAILED = "ConditionalCheckFailed"

Save = tuple[Item, Condition | None]


class AgencyScope:
    """The partitions of one agency. No method of it takes a partition, so none can leave them."""

    def __init__(
        self, table: Table, agency_id: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        check_agency_id(agency_id)
        self._table = table
        self._sleep = sleep
        self._pk = keys.agency(agency_id)
        self._waiting_pk = keys.agency_waiting(agency_id)
        self._absent: Condition = table.pk.does_not_exist()

    def _item(self, sk: str, value: object, version: int | None = None) -> Item:
        item = Row(self._pk, sk, value).item(self._table)
        item.version = version
        return item

    def _line(self, sk: str, line: AgencyLine) -> Item:
        return Row(self._waiting_pk, sk, AgencyRow((line,))).item(self._table)

    def _get(self, sk: str) -> Item | None:
        try:
            return self._table.get(self._pk, sk, consistent_read=True)
        except DoesNotExist:
            return None
        except PynamoDBException as error:
            raise as_ours(error) from error

    def _page(
        self, prefix: str, mark: str, limit: int, *, newest_first: bool = False
    ) -> tuple[list[Item], str | None]:
        """Return items whose sort keys begin so, beyond a mark, and the mark of what is left.

        A mark is what follows the prefix in the sort key of a page's last item.
        """
        first, last = prefix + mark, prefix + BEYOND
        if newest_first:
            first, last = prefix, prefix + (mark or BEYOND)
        if first > last:
            return [], None
        try:
            there = self._table.query(
                self._pk,
                self._table.sk.between(first, last),
                consistent_read=True,
                scan_index_forward=not newest_first,
                limit=limit + 1 + bool(mark),
            )
            found = [item for item in there if item.sk != prefix + mark]
        except PynamoDBException as error:
            raise as_ours(error) from error
        more = found[limit - 1].sk.removeprefix(prefix) if len(found) > limit else None
        return found[:limit], more

    def _save(self, item: Item, condition: Condition | None = None) -> bool:
        """Write one item; return whether the condition held.

        Raises:
            UnavailableError: the store does not answer now.
        """
        try:
            item.save(condition=condition)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise as_ours(error) from error
            return False
        return True

    def _write(self, saves: Sequence[Save], deletes: Sequence[Item] = ()) -> bool:
        """Write in one transaction; return whether every condition held.

        After a lost reply the second try finds its own first one, and returns False: so a caller
        that gets it reads what is there.

        Raises:
            UnavailableError: the store does not answer now.
        """
        connection = self._table._get_connection().connection
        wait_s = FIRST_WAIT_S
        for is_last in (False,) * (TRIES - 1) + (True,):
            try:
                with TransactWrite(connection=connection) as transaction:
                    for item in deletes:
                        transaction.delete(item, add_version_condition=False)
                    for item, condition in saves:
                        transaction.save(item, condition=condition)
                return True
            except TransactWriteError as error:
                codes = {reason.code for reason in error.cancellation_reasons if reason}
                if _FAILED in codes:
                    return False
                if is_last or not codes & THROTTLED:
                    raise as_ours(error) from error
            self._sleep(wait_s)
            wait_s *= 2
        raise AssertionError("the last try returns or raises")


def check_agency_id(agency_id: str) -> None:
    """Refuse an id that no agency can have: it would be a part of keys.

    Raises:
        InvalidInputError: it is not 1 to 20 of a-z, 0-9 and -.
    """
    if not re.fullmatch(AGENCY_ID, agency_id):
        raise InvalidInputError("an agency's id has 1 to 20 of a-z, 0-9 and -")
