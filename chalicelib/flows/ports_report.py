"""What the report needs beside the ports of all: the way to its own next portion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol


class ReportQueue(Protocol):
    """Hand-over to the worker of snapshots. Sending twice is harmless: what is done stays so."""

    def send_portions(self, run_on: date, start: str, stretches: Sequence[int | None]) -> None:
        """Send one message for the next portion of each stretch; None: of the search for ids."""
        ...
