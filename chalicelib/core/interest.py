"""Interest as it accrues: simple, day by day, on open principal only (R4.3, R4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from chalicelib.core.account import Account
from chalicelib.core.book import Book
from chalicelib.core.day_counts import YEAR_DAYS, days_between
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import InterestRules, Policy
from chalicelib.core.suspensions import Span, suspended
from chalicelib.core.workings import Segment, Working, percent_text, working_of

ONE_DAY = timedelta(days=1)
JANUARY, JULY = 1, 7


def interest_on(source: Account | Book, invoice: Invoice, policy: Policy, through: date) -> Working:
    """Return the running total of an invoice's interest through a day, with its segments (R4.3).

    Days in a kept plan, under a legal stop or under a promise that waives interest do not count.
    Without `[interest]` in the policy there is none. What was posted before is not taken off.

    Raises:
        RateUnknownError: the policy's table does not reach a day that is needed.
    """
    if policy.interest is None:
        return Working((), YEAR_DAYS["actual/365"], 0)
    return accrue(invoice, policy.interest, suspended(source, invoice.id, policy, through), through)


def posted_minor(invoice: Invoice) -> int:
    """Return the interest of an invoice that was posted, net of reversals, waived ones included."""
    return sum(one.counts_for_caps_minor for one in invoice.charges if one.kind == "interest")


def accrue(invoice: Invoice, rules: InterestRules, rests: Iterable[Span], through: date) -> Working:
    """Return the interest of an invoice from the day after its effective due date through a day.

    A payment or credit note with the value date P reduces the base from the day after P. What is
    disputed is left out of every day, also after a credit note took it. `rests` are days that do
    not count, both ends included, in order and without overlaps.

    Raises:
        RateUnknownError: the policy's table does not reach a day that is needed (R4.4).
    """
    due_on, year_days = invoice.effective_due_on, YEAR_DAYS[rules.day_count]
    found: list[Segment] = []
    for since, last in _counted(due_on + ONE_DAY, through, rests):
        for first, end, base in _bases(invoice, since, last):
            for start, stop, rate, source in _rates(rules, due_on, first, end):
                days = days_between(start - ONE_DAY, stop, rules.day_count)
                if days:
                    found.append(Segment(start, stop, days, base, rate, source))
    return working_of(tuple(_joined(found)), year_days)


def _counted(since: date, through: date, rests: Iterable[Span]) -> Iterator[tuple[date, date]]:
    """Yield the spans of days that count, without the rests."""
    for first, last in rests:
        if first > since:
            yield since, min(first - ONE_DAY, through)
        since = max(since, last + ONE_DAY)
        if since > through:
            return
    if since <= through:
        yield since, through


def _bases(invoice: Invoice, since: date, through: date) -> Iterator[tuple[date, date, int]]:
    """Yield the spans of days with their base above 0, in minor units."""
    cuts = sorted(
        (cut.value_on, cut.amount_minor, cut.disputed_minor) for cut in invoice.reductions
    )
    base = invoice.opened_minor - invoice.disputed_minor - sum(cut[2] for cut in cuts)
    for value_on, amount_minor, disputed_minor in cuts:
        if value_on >= since:
            end = min(value_on, through)
            if base > 0:
                yield since, end, base
            since = end + ONE_DAY
            if since > through:
                return
        base -= amount_minor - disputed_minor
    if base > 0:
        yield since, through, base


def _rates(
    rules: InterestRules, due_on: date, since: date, through: date
) -> Iterator[tuple[date, date, Decimal, str]]:
    """Yield the spans of days with their rate a year, and where it is from (R4.4)."""
    if rules.rates is None:
        rate = rules.annual_rate or Decimal(0)
        yield since, through, rate, f"{percent_text(rate)} a year by contract"
        return
    if rules.mode == "locked":
        day = half_year_start(due_on + ONE_DAY) - ONE_DAY
        yield since, through, *_statutory(rules, day)
        return
    while since <= through:
        begins = half_year_start(since)
        end = min(_next_half_year(begins) - ONE_DAY, through)
        yield since, end, *_statutory(rules, begins)
        since = end + ONE_DAY


def _statutory(rules: InterestRules, day: date) -> tuple[Decimal, str]:
    """Return reference rate plus margin, and the words for where it is from."""
    assert rules.rates is not None
    reference, margin = rules.rates.rate_on(day), rules.margin or Decimal(0)
    source = f"{rules.rates.title} {percent_text(reference)} on {day} + {percent_text(margin)}"
    return reference + margin, source


def half_year_start(day: date) -> date:
    """Return the 1 January or 1 July on or before a day (R4.4)."""
    return date(day.year, JULY if day.month >= JULY else JANUARY, 1)


def _next_half_year(begins: date) -> date:
    return date(begins.year + 1, JANUARY, 1) if begins.month == JULY else begins.replace(month=JULY)


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
