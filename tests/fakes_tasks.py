"""The worklists' reads, in memory. The contract suite keeps them honest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from chalicelib.core.account import Task
from chalicelib.flows.ports_tasks import OpenTask

from tests.fakes_store import MemoryAccounts


class MemoryTaskReads:
    """`TaskReads` over the accounts of a machine."""

    def __init__(self, accounts: MemoryAccounts) -> None:
        self._accounts = accounts

    def of_assignee(self, assignee: str, due_by: date, most: int) -> Sequence[OpenTask]:
        return self._found(lambda task: task.assignee == assignee, due_by, most)

    def unassigned(self, kind: str, due_by: date, most: int) -> Sequence[OpenTask]:
        return self._found(lambda task: not task.assignee and task.kind == kind, due_by, most)

    def _found(self, wanted: Callable[[Task], bool], due_by: date, most: int) -> list[OpenTask]:
        found = [
            OpenTask(name, task)
            for name, kept in self._accounts.kept.items()
            for task in kept.account.tasks.values()
            if task.due_on <= due_by and wanted(task)
        ]
        return sorted(found, key=lambda one: (one.task.due_on, one.task.id))[:most]
