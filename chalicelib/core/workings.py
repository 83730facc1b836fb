"""How an amount of interest was worked out, as values and as one readable line (R4.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from chalicelib.core.money import EXACT, format_amount, round_half_up_ratio

SEGMENTS_TOLD = 6  # in a line; the values hold them all
SEGMENTS_KEPT = 100  # with a posted charge
QUOTES_KEPT = 8  # of rates of a table, the last ones
WHOLE_PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Segment:
    """Days in a row with one base and one rate, the first and the last included (R4.3).

    `base_minor` is in minor units, `rate` a year (0.1275 is 12.75%), `days` by the day count;
    `source` says where the rate is from.
    """

    since: date
    through: date
    days: int
    base_minor: int
    rate: Decimal
    source: str

    @property
    def product(self) -> Decimal:
        """Days x base x rate, exact: minor units of interest times the days of a year."""
        return EXACT.multiply(Decimal(self.days * self.base_minor), self.rate)


@dataclass(frozen=True, slots=True)
class RateQuote:
    """Where a statutory rate is from: a table's rate a year on a day, and the margin (R4.4)."""

    title: str
    reference: Decimal
    on: date
    margin: Decimal

    @property
    def rate(self) -> Decimal:
        """The rate a year that comes of it."""
        return EXACT.add(self.reference, self.margin)

    @property
    def line(self) -> str:
        """It in a line: `Bank of England Bank Rate 4.75% on 2024-12-31 + 8%`."""
        told = f"{percent_text(self.reference)} on {self.on}"
        return f"{self.title} {told} + {percent_text(self.margin)}"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How a charge was worked out, as values, beside its one readable line (R4.1, R4.5).

    `rate` of `base_minor`, plus `fixed_minor`, comes to `sum_minor`; of interest the working says
    how. A minimum raised it to `raised_to_minor`, the caps lowered it to `limited_to_minor`, and
    `again_minor` of it is owed again. All in minor units, None for what did not happen.
    """

    sum_minor: int
    base_minor: int = 0
    rate: Decimal = Decimal(0)
    fixed_minor: int = 0
    raised_to_minor: int | None = None
    limited_to_minor: int | None = None
    again_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Working:
    """The segments of a running total of interest, of years of `year_days`.

    `running_minor` is their exact sum, rounded once, half-up; a posting is what of it was not
    posted before. `more_segments` is how many lie between the first ones and the last, where more
    than `SEGMENTS_KEPT` were left out; the figures are of all.
    """

    segments: tuple[Segment, ...]
    year_days: int
    running_minor: int
    posted_before_minor: int = 0
    more_segments: int = 0
    quotes: tuple[RateQuote, ...] = ()

    @property
    def told(self) -> tuple[Segment, ...]:
        """The segments that a line of arithmetic spells out; of many the first ones."""
        if len(self.segments) + self.more_segments > SEGMENTS_TOLD:
            return self.segments[: SEGMENTS_TOLD - 1]
        return self.segments

    @property
    def untold(self) -> int:
        """How many segments it does not spell out."""
        return len(self.segments) + self.more_segments - len(self.told)

    def line(self, currency: str, digits: int) -> str:
        """Return the arithmetic in one line: `GBP 1,000.00 x 12.75% x 50/365 = 17.47`."""
        if not self.segments:
            return f"no day that counts = {format_amount(0, digits)}"
        parts = [
            f"{currency} {format_amount(one.base_minor, digits)} x {percent_text(one.rate)} x "
            f"{one.days}/{self.year_days}"
            for one in self.told
        ]
        if self.untold:
            parts.append(f"{self.untold} more")
        line = f"{' + '.join(parts)} = {format_amount(self.running_minor, digits)}"
        if self.posted_before_minor:
            left = self.running_minor - self.posted_before_minor
            said = format_amount(left, digits) if left >= 0 else "nothing more"
            before = format_amount(self.posted_before_minor, digits)
            line += f", less {before} charged before = {said}"
        return line


def working_of(
    segments: tuple[Segment, ...], year_days: int, quotes: tuple[RateQuote, ...] = ()
) -> Working:
    """Return the working of segments: their exact sum is rounded once, half-up (R4.3)."""
    total = Decimal(0)
    for one in segments:
        total = EXACT.add(total, one.product)
    running_minor = round_half_up_ratio(total, year_days)
    return Working(segments, year_days, running_minor, quotes=quotes)


def kept(working: Working) -> Working:
    """Return a working as a charge keeps it: its first 99 segments and the last, and the figures.

    What is left out is counted in `more_segments`; a line tells the same of both. Of many quotes
    the last ones are kept.
    """
    if len(working.quotes) > QUOTES_KEPT:
        working = replace(working, quotes=working.quotes[-QUOTES_KEPT:])
    more = len(working.segments) - SEGMENTS_KEPT
    if more <= 0:
        return working
    segments = (*working.segments[: SEGMENTS_KEPT - 1], working.segments[-1])
    return replace(working, segments=segments, more_segments=working.more_segments + more)


def percent_text(rate: Decimal) -> str:
    """Return a rate as people read it: 0.1275 as `12.75%`."""
    shown = format((rate * WHOLE_PERCENT).normalize(), "f")
    return f"{shown}%"
