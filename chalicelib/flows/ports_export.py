"""What the export feed needs of the world (R7.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chalicelib.core.export_lines import ExportLine


class ExportFeed(Protocol):
    """Every line for the ERP, numbered without gaps in an order that never changes.

    A line waits from the moment its change is certain, and gets its number from `number`: so a
    change that is finished late comes late, and is never passed over.
    """

    def number(self, most: int) -> int:
        """Number what waits, at most so many changes; return how many lines were numbered.

        Any number of callers at once: each line gets one number.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...

    def after(self, sequence: int, limit: int) -> Sequence[ExportLine]:
        """Return the lines after a number, at most `limit`, in order; two queries.

        Raises:
            UnavailableError: the store does not answer now.
        """
        ...
