"""Interest as it accrues: simple, day by day, on open principal only (R4.3, R4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from datetime import date
from decimal import Decimal

from chalicelib.core.account import Account
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.day_counts import YEAR_DAYS, days_between
from chalicelib.core.errors import RateUnknownError
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import InterestRules, Policy
from chalicelib.core.suspensions import Span, suspended
from chalicelib.core.workings import RateQuote, Segment, Working, percent_text, working_of

JUNE, DECEMBER = 6, 12

BaseSpan = tuple[date, date, int]  # days, both included, and what bore interest on each of them


def interest_on(
    source: Account | Book,
    invoice: Invoice,
    policy: Policy,
    through: date,
    as_of: date | None = None,
) -> Working:
    """Return the running total of an invoice's interest through a day, with its segments (R4.3).

    Days in a kept plan, under a legal stop or under a promise that waives interest do not count,
    as it is known on `as_of` (None: on the last day). Without `[interest]` in the policy there is
    none. What was posted before is not taken off.

    Raises:
        RateUnknownError: the policy's table does not reach a day that is needed.
    """
    if policy.interest is None:
        return working_of((), YEAR_DAYS["actual/365"])
    rests = suspended(source, invoice.id, policy, through, as_of)
    return accrue(invoice, policy.interest, rests, through)


def posted_minor(invoice: Invoice) -> int:
    """Return the interest of an invoice that was posted, net of reversals, waived ones included."""
    return sum(one.counts_for_caps_minor for one in invoice.charges if one.kind == "interest")


def accrue(invoice: Invoice, rules: InterestRules, rests: Iterable[Span], through: date) -> Working:
    """Return the interest of an invoice from the day after its effective due date through a day.

    A payment or credit note with the value date P reduces the base from the day after P; what a
    mirrored ledger says went up raises it from the day after. What is disputed is left out of every
    day, also after a credit note took it. A voided invoice bears none. `rests` are days that do not
    count, both ends included, in order and without overlaps.

    Raises:
        RateUnknownError: the policy's table does not reach a day that is needed (R4.4).
    """
    year_days = YEAR_DAYS[rules.day_count]
    if invoice.voided or through <= invoice.effective_due_on:
        return working_of((), year_days)
    rates = _Rates(rules, invoice.effective_due_on)
    found: list[Segment] = []
    for first, last, base in _without(_bases(invoice, through), tuple(rests)):
        for start, stop, rate, source in rates.between(first, last):
            days = days_between(start - ONE_DAY, stop, rules.day_count)
            if days:
                found.append(Segment(start, stop, days, base, rate, source))
    joined = tuple(_joined(found))
    return working_of(joined, year_days, rates.quotes({one.source for one in joined}))


def terms_of(
    posted: Working | None, rules: InterestRules | None, due_on: date
) -> InterestRules | None:
    """Return the terms under which interest was posted: those of the policy of its day (R4.9).

    `rules` are those of today's policy, None where it has none. They are returned where they give
    the same rate, and where the working does not tell its own: it was cut, or has several rates.
    """
    if posted is None or posted.more_segments or len({one.rate for one in posted.segments}) != 1:
        return rules
    rate, year_days = posted.segments[0].rate, posted.year_days
    is_same = rules is not None and year_days == YEAR_DAYS[rules.day_count]
    if rules is not None and is_same and _rates_of(posted, rules, due_on) == {rate}:
        return rules
    counts = [name for name, length in YEAR_DAYS.items() if length == year_days]
    fitting = (name for name in counts if all(_counts(one, name) for one in posted.segments))
    grace_days = 0 if rules is None else rules.grace_days
    return InterestRules(
        annual_rate=rate, day_count=next(fitting, counts[0]), grace_days=grace_days
    )


def _rates_of(posted: Working, rules: InterestRules, due_on: date) -> set[Decimal]:
    """Return the rates that rules give for the days of a posting; none where they are not known."""
    rates = _Rates(rules, due_on)
    spans = (rates.between(one.since, one.through) for one in posted.segments)
    try:
        return {rate for span in spans for _, _, rate, _ in span}
    except RateUnknownError:
        return set()


def _counts(one: Segment, day_count: str) -> bool:
    return days_between(one.since - ONE_DAY, one.through, day_count) == one.days


def _bases(invoice: Invoice, through: date) -> Iterator[BaseSpan]:
    """Yield the days after the due date on which the base is above 0, in order, with the base."""
    since = invoice.effective_due_on + ONE_DAY
    base = invoice.opened_minor - invoice.disputed_minor
    base -= sum(cut.disputed_minor for cut in invoice.reductions)
    for cut in sorted(invoice.reductions, key=lambda cut: cut.value_on):
        if cut.value_on >= through:
            break
        if cut.value_on >= since:
            if base > 0:
                yield since, cut.value_on, base
            since = cut.value_on + ONE_DAY
        base -= cut.amount_minor - cut.disputed_minor
    if base > 0:
        yield since, through, base


def _without(bases: Iterable[BaseSpan], rests: Sequence[Span]) -> Iterator[BaseSpan]:
    """Yield the days that count: those of the bases that lie in no rest."""
    place = 0
    for first, last, base in bases:
        since: date | None = first
        while since is not None and place < len(rests) and rests[place][0] <= last:
            begins, ends = rests[place]
            if since < begins:
                yield since, begins - ONE_DAY, base
            if ends < last:
                since = max(since, ends + ONE_DAY)
                place += 1
            else:  # the rest goes on, maybe into the next base
                since = None
        if since is not None:
            yield since, last, base


class _Rates:
    """The rates of an invoice's days, each with the words for where it is from (R4.4).

    A table is asked for the days that are needed only: what lies beyond it may not matter.
    """

    def __init__(self, rules: InterestRules, due_on: date) -> None:
        self._rules, self._due_on = rules, due_on
        self._known: dict[date, tuple[RateQuote, str]] = {}

    def between(self, since: date, through: date) -> Iterator[tuple[date, date, Decimal, str]]:
        """Yield the spans of days with their rate a year, which is never clamped."""
        rules = self._rules
        if rules.rates is None:
            rate = rules.annual_rate or Decimal(0)
            yield since, through, rate, f"{percent_text(rate)} a year by contract"
        elif rules.mode == "locked":
            day = half_year_start(self._due_on + ONE_DAY) - ONE_DAY
            yield since, through, *self._statutory(day)
        else:
            end = _half_year_end(since)
            while end < through:
                yield since, end, *self._statutory(half_year_start(since))
                since = end + ONE_DAY
                end = _half_year_end(since)
            yield since, through, *self._statutory(half_year_start(since))

    def _statutory(self, day: date) -> tuple[Decimal, str]:
        """Return reference rate plus margin, and where it is from."""
        if day not in self._known:
            table, margin = self._rules.rates, self._rules.margin or Decimal(0)
            assert table is not None
            quote = RateQuote(table.title, table.rate_on(day), day, margin)
            self._known[day] = (quote, quote.line)
        quote, words = self._known[day]
        return quote.rate, words

    def quotes(self, sources: Set[str]) -> tuple[RateQuote, ...]:
        """Return where the rates were from that were asked for and are among sources."""
        return tuple(quote for quote, words in self._known.values() if words in sources)


def half_year_start(day: date) -> date:
    """Return the 1 January or 1 July on or before a day (R4.4)."""
    return date(day.year, JUNE + 1 if day.month > JUNE else 1, 1)


def _half_year_end(day: date) -> date:
    return date(day.year, DECEMBER, 31) if day.month > JUNE else date(day.year, JUNE, 30)


def _joined(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Join segments that follow each other with the same base and rate."""
    last: Segment | None = None
    for one in segments:
        meets = last is not None and last.through + ONE_DAY == one.since
        if last is not None and meets and _terms(last) == _terms(one):
            last = replace(last, through=one.through, days=last.days + one.days)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _terms(one: Segment) -> tuple[int, Decimal, str]:
    return (one.base_minor, one.rate, one.source)
