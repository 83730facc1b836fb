"""Payment terms name their mode; none is guessed (R3.5)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

TERMS_DAYS_MAX = 3650
TERMS_MONTHS_MAX = 120
TERMS_TEXT_MAX = 40

KNOWN_TERMS = "net N, eom+N, net N eom, months+M eom, day D, cod, prepaid"


class TermsError(ValueError):
    """A text names no known terms, or is beyond a limit; the message says why in plain words."""


def due_date(terms: str, issued_on: date) -> date:
    """Return the day on which an invoice issued on `issued_on` is due under `terms` (R3.5).

    Upper and lower case and extra spaces do not matter. "30 EOM" and the like are refused: they
    mean one thing to some sellers and another to others, so the mode has to be said.

    Raises:
        TermsError: unknown terms, more than 3650 days or 120 months, no day from 1 to 31, or a due
            date after the year 9999.
    """
    mode, number = _read(terms)
    try:
        return mode(issued_on, number)
    except (OverflowError, ValueError):
        raise TermsError(f"{terms.strip()!r} from {issued_on} is beyond the calendar") from None


def _read(terms: str) -> tuple[Callable[[date, int], date], int]:
    if len(terms) <= TERMS_TEXT_MAX:
        for pattern, mode, low, high, unit in _MODES:
            found = pattern.fullmatch(terms.strip())
            if not found:
                continue
            number = int(found[1]) if found.groups() else 0
            if not low <= number <= high:
                raise TermsError(f"{terms.strip()!r} must name {low} to {high} {unit}")
            return mode, number
    shown = terms.strip()
    shown = shown if len(shown) <= TERMS_TEXT_MAX else shown[:TERMS_TEXT_MAX] + "..."
    raise TermsError(f"{shown!r} are no known terms; known are {KNOWN_TERMS}")


def _net(issued_on: date, days: int) -> date:
    return issued_on + timedelta(days=days)


def _month_end_then_days(issued_on: date, days: int) -> date:
    return _month_end(issued_on, 0) + timedelta(days=days)


def _days_then_month_end(issued_on: date, days: int) -> date:
    return _month_end(issued_on + timedelta(days=days), 0)


def _months_then_month_end(issued_on: date, months: int) -> date:
    return _month_end(issued_on, months)


def _day_of_next_month(issued_on: date, day: int) -> date:
    end = _month_end(issued_on, 1)
    return end.replace(day=min(day, end.day))


def _on_issue(issued_on: date, _number: int) -> date:
    return issued_on


def _month_end(day: date, months_later: int) -> date:
    years, month_index = divmod(day.month - 1 + months_later, 12)
    year, month = day.year + years, month_index + 1
    return date(year, month, monthrange(year, month)[1])


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.ASCII)


_MODES: tuple[tuple[re.Pattern[str], Callable[[date, int], date], int, int, str], ...] = (
    (_pattern(r"net\s*(\d+)"), _net, 0, TERMS_DAYS_MAX, "days"),
    (_pattern(r"eom\s*\+\s*(\d+)"), _month_end_then_days, 0, TERMS_DAYS_MAX, "days"),
    (_pattern(r"net\s*(\d+)\s*eom"), _days_then_month_end, 0, TERMS_DAYS_MAX, "days"),
    (
        _pattern(r"months\s*\+\s*(\d+)\s*eom"),
        _months_then_month_end,
        0,
        TERMS_MONTHS_MAX,
        "months",
    ),
    (_pattern(r"day\s*(\d+)"), _day_of_next_month, 1, 31, "as the day"),
    (_pattern(r"cod"), _on_issue, 0, 0, ""),
    (_pattern(r"prepaid"), _on_issue, 0, 0, ""),
)
