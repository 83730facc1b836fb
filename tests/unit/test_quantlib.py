"""Day counts and business days as QuantLib, which we did not write, has them (R4.3, R5.4)."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
import QuantLib as ql
from chalicelib.core.calendar import Calendar
from chalicelib.core.day_counts import YEAR_DAYS, days_between

CASES = 10_000
FIRST, LAST = date(1990, 1, 1), date(2060, 12, 31)
EXCEL_EPOCH = date(1899, 12, 30)  # a QuantLib date is made of Excel's number of a day
WEEKDAYS = (ql.Monday, ql.Tuesday, ql.Wednesday, ql.Thursday, ql.Friday, ql.Saturday, ql.Sunday)
DAY_COUNTERS = {
    "actual/365": ql.Actual365Fixed(),
    "actual/360": ql.Actual360(),
    "30/360": ql.Thirty360(ql.Thirty360.European),
}


def theirs(day: date) -> ql.Date:
    return ql.Date((day - EXCEL_EPOCH).days)


def a_day(chance: random.Random) -> date:
    """A day of 70 years; every second one is among the last and first days of a month."""
    day = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days))
    if chance.random() < 0.5:
        day = day.replace(day=1) + timedelta(days=chance.randrange(-4, 2))
    return day


def test_every_day_count_is_compared() -> None:
    assert DAY_COUNTERS.keys() == YEAR_DAYS.keys()


@pytest.mark.parametrize("day_count", YEAR_DAYS)
def test_days_are_counted_as_quantlib_counts_them(day_count: str) -> None:
    chance, counter = random.Random(f"days {day_count}"), DAY_COUNTERS[day_count]
    known = [(day, theirs(day)) for day in (a_day(chance) for _ in range(CASES // 5))]
    differing = []
    for _ in range(CASES):
        (start, first), (end, last) = chance.choice(known), chance.choice(known)
        if start > end:
            start, first, end, last = end, last, start, first
        days = days_between(start, end, day_count)
        if days != round(counter.yearFraction(first, last) * YEAR_DAYS[day_count], 6):
            differing.append((start, end, days, counter.dayCount(first, last)))

    assert differing == []


def a_calendar(chance: random.Random, number: int) -> tuple[Calendar, ql.BespokeCalendar]:
    """The same weekends and holidays twice: one weekday is worked at least."""
    worked = frozenset(chance.sample(range(7), chance.randint(1, 7)))
    start = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days))
    holidays = frozenset(start + timedelta(days=chance.randrange(60)) for _ in range(25))
    second = ql.BespokeCalendar(f"calendar {number}")
    for weekday in set(range(7)) - worked:
        second.addWeekend(WEEKDAYS[weekday])
    for holiday in holidays:
        second.addHoliday(theirs(holiday))
    return Calendar(business_days=worked, holidays=holidays), second


def test_a_day_that_is_no_business_day_rolls_as_quantlibs_following() -> None:
    chance, differing, moved = random.Random("rolls"), [], 0
    for number in range(CASES // 100):
        calendar, second = a_calendar(chance, number)
        assert isinstance(calendar.holidays, frozenset)
        start = min(calendar.holidays) - timedelta(days=7)
        for ahead in range(100):
            day = start + timedelta(days=ahead)
            rolled = calendar.business_day_from(day)
            moved += rolled != day
            if theirs(rolled) != second.adjust(theirs(day), ql.Following):
                differing.append((number, day, rolled))

    assert differing == []
    assert CASES / 5 < moved < CASES
