"""`TaskReads` over one table: the open tasks of all accounts, from the `work` index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.account import Task
from chalicelib.core.calendar import ONE_DAY
from chalicelib.flows.ports_tasks import OpenTask
from chalicelib.store import keys
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours
from chalicelib.store.tables import Table, WorkIndex

WORK = WorkIndex.Meta.index_name


class DynamoTaskReads:
    """Reads the open tasks of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of_assignee(self, assignee: str, due_by: date, most: int) -> Sequence[OpenTask]:
        """Return what someone owns and is due by a day, first due first, at most `most`."""
        return self._queue(keys.tasks(assignee), due_by, most)

    def unassigned(self, kind: str, due_by: date, most: int) -> Sequence[OpenTask]:
        """Return the tasks of a kind that nobody owns, as `of_assignee` does."""
        return self._queue(keys.unassigned_tasks(kind), due_by, most)

    def _queue(self, queue: str, due_by: date, most: int) -> list[OpenTask]:
        ranks = None  # every day has a next one but the last
        if due_by < date.max:
            ranks = self._table.work_rank < keys.task_rank(due_by + ONE_DAY, "")
        try:
            items = list(self._table.query(queue, ranks, index_name=WORK, limit=most))
        except PynamoDBException as error:
            raise as_ours(error) from error
        return [OpenTask(keys.account_of(i.pk), from_map(Task, i.value())) for i in items]
