"""Tables of dated reference rates: what a rate was on a day, and until when it is known (R4.4)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.errors import Fault, RateUnknownError


@dataclass(frozen=True, slots=True)
class RateSpan:
    """A rate a year (0.0475 is 4.75%) that was in force from a day through a day."""

    since: date
    through: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class RateTable:
    """Reference rates with where they are from; `retrieved_on` is when they were last read there.

    The spans follow each other without a gap; the last one ends on the day up to which the rates
    are known, and beyond it nothing is guessed.
    """

    id: str
    title: str
    source: str
    retrieved_on: date
    spans: tuple[RateSpan, ...]

    @property
    def known_through(self) -> date:
        """The last day of which the rate is known."""
        return self.spans[-1].through

    def rate_on(self, day: date) -> Decimal:
        """Return the rate a year that was in force on a day; it may be negative.

        Raises:
            RateUnknownError: the table begins after the day or does not reach it (R4.4).
        """
        place = bisect_right(self.spans, day, key=lambda span: span.since) - 1
        if place < 0 or day > self.spans[place].through:
            first, last = self.spans[0].since, self.known_through
            raise RateUnknownError(self.id, day, first, last)
        return self.spans[place].rate


def span_faults(spans: Sequence[RateSpan | None], where: str = "rates") -> Iterator[Fault]:
    """Yield every gap, overlap and reversed span of a table, each naming its days (R4.4).

    None stands for a row that could not be read: the rows beside it are not compared with it.
    """
    for number, span in enumerate(spans, 1):
        if span is not None and not _runs(span):
            detail = f"ends on {span.through}, before it begins on {span.since}"
            yield Fault(f"{where}[{number}]", "reversed", detail)
    for number, (before, after) in enumerate(pairwise(spans), 2):
        if before is not None and after is not None and _runs(before) and _runs(after):
            yield from _seam(before, after, f"{where}[{number}]")


def _runs(span: RateSpan) -> bool:
    return span.since <= span.through


def _seam(before: RateSpan, after: RateSpan, here: str) -> Iterator[Fault]:
    """Yield what is wrong where a row follows another."""
    if after.since <= before.through:
        detail = (
            f"begins on {after.since}, but the rate before it is in force through "
            f"{before.through}: they overlap"
        )
        yield Fault(here, "overlap", detail)
    elif after.since > before.through + ONE_DAY:
        detail = f"begins on {after.since}: no rate from {before.through + ONE_DAY} until then"
        yield Fault(here, "gap", detail)
