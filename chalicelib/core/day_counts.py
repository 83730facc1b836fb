"""Day counts: how many days of a year lie between two dates (R4.3)."""

from __future__ import annotations

from datetime import date

YEAR_DAYS = {"actual/365": 365, "actual/360": 360, "30/360": 360}
MONTH_DAYS = 30


def days_between(start: date, end: date, day_count: str) -> int:
    """Return the days after `start` through `end` by a day count of `YEAR_DAYS` (R4.3).

    `30/360` is 30E/360: every month has 30 days, and a 31st is the 30th. Days add up: those of two
    spans that meet are those of the whole.
    """
    if day_count == "30/360":
        return _serial(end) - _serial(start)
    return (end - start).days


def _serial(day: date) -> int:
    return 360 * day.year + MONTH_DAYS * day.month + min(day.day, MONTH_DAYS)
