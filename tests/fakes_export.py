"""The export feed's port in memory, over accounts in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.core.export_lines import ExportLine

from tests.fakes_store import MemoryAccounts


class MemoryExportFeed:
    """`ExportFeed` over accounts in memory."""

    def __init__(self, accounts: MemoryAccounts) -> None:
        self.accounts = accounts
        self.numbered: list[ExportLine] = []

    def number(self, most: int) -> int:
        waiting, self.accounts.export_lines = self.accounts.export_lines, []
        for line in waiting:
            self.numbered.append(replace(line, sequence=len(self.numbered) + 1))
        return len(waiting)

    def after(self, sequence: int, limit: int) -> Sequence[ExportLine]:
        return self.numbered[sequence : sequence + limit]
