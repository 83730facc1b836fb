"""The export feed: charges, waivers and reversals for the ERP to book, at least once (R7.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.core.export_lines import ExportLine
from chalicelib.flows.counts import Counts
from chalicelib.flows.ports_export import ExportFeed

EACH_MINUTE_MAX = 5_000  # changes; the next minute takes the rest
EACH_READ_MAX = 100  # changes that a reader numbers who has come to the end


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some lines, and the number after which the reader goes on, also when there are none."""

    lines: Sequence[ExportLine]
    next_after: int


@dataclass(frozen=True, slots=True)
class LedgerExport:
    """Reads the feed, and numbers what waits."""

    feed: ExportFeed

    def read(self, after: int, limit: int) -> FeedPage:
        """Return at most `limit` lines after a number.

        A reader at the end numbers what waits and reads again, so that it need not wait a minute.
        """
        lines = self.feed.after(after, limit)
        if len(lines) < limit and self.feed.number(EACH_READ_MAX):
            lines = self.feed.after(after, limit)
        return FeedPage(lines, lines[-1].sequence if lines else after)

    def number(self) -> Counts:
        """Number what waits, for the one-minute reconcile."""
        numbered = self.feed.number(EACH_MINUTE_MAX)
        return {"export_lines_numbered": numbered} if numbered else {}
