"""Days on which things happen (R5.4). Dates are the seller's calendar dates; nothing here reads a clock."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAYS = frozenset(range(7))
# The longest stretch without a processing day that we look across; a policy always has one weekday.
SEARCH_DAYS_MAX = 366


@dataclass(frozen=True, slots=True)
class Calendar:
    """Processing and business days: weekdays (0 is Monday) less public holidays.

    `holidays` answers `day in holidays`; it is an argument, so that core needs no library.
    """

    processing_days: frozenset[int] = ALL_DAYS
    business_days: frozenset[int] = ALL_DAYS
    holidays: Container[date] = frozenset()
    _processing: dict[date, bool] = field(default_factory=dict, compare=False, repr=False)

    def is_processing_day(self, day: date) -> bool:
        """Say whether stages, charges and stage notices happen on this day (R5.4)."""
        known = self._processing.get(day)
        if known is None:
            known = day.weekday() in self.processing_days and day not in self.holidays
            self._processing[day] = known
        return known

    def is_business_day(self, day: date) -> bool:
        """Say whether calls, confirmations and "at once" may fall on this day (R5.4)."""
        return day.weekday() in self.business_days and day not in self.holidays

    def processing_day_from(self, day: date) -> date:
        """Return the first processing day on or after `day`."""
        for _ in range(SEARCH_DAYS_MAX):
            if self.is_processing_day(day):
                return day
            day += ONE_DAY
        return day

    def business_day_from(self, day: date) -> date:
        """Return the first business day on or after `day`."""
        for _ in range(SEARCH_DAYS_MAX):
            if self.is_business_day(day):
                return day
            day += ONE_DAY
        return day
