"""The queue to the worker of snapshots, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from chalicelib.core.errors import UnavailableError

Message = tuple[date, str, int | None]


class MemoryReportQueue:
    """`ReportQueue` in memory: what was sent, in order."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.is_down = False

    def send_portions(self, run_on: date, start: str, stretches: Sequence[int | None]) -> None:
        if self.is_down:
            raise UnavailableError("the queue does not answer now")
        self.sent += [(run_on, start, stretch) for stretch in stretches]
