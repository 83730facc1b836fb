"""Days as ledger files write them."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

from chalicelib.flows.ledger_faults import shown

DAY_CHARS_MAX = 64
YEAR_MIN, YEAR_MAX = 1900, 2199

_OWN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNSEPARATED = re.compile(r"%[a-zA-Z]%")


@lru_cache(maxsize=8192)
def parse_day(text: str, date_format: str | None, *, own_too: bool) -> date:
    """Return the day that a text names, YYYY-MM-DD unless a format is given.

    Raises:
        ValueError: no such day, another format, or a year outside 1900 to 2199.
    """
    day = _in_format(text, date_format) if date_format else None
    if day is None and (date_format is None or (own_too and not _looks_own(date_format))):
        day = _in_own_format(text)
    if day is None:
        wanted = _in_words(date_format) if date_format else "YYYY-MM-DD"
        raise ValueError(f"{shown(text)} is not a day of the calendar written {wanted}")
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise ValueError(f"{shown(text)} is outside the years {YEAR_MIN} to {YEAR_MAX}")
    return day


def _in_own_format(text: str) -> date | None:
    if not _OWN_DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _in_format(text: str, date_format: str) -> date | None:
    if len(text) > DAY_CHARS_MAX:
        return None
    try:
        moment = datetime.strptime(text, date_format)  # noqa: DTZ007 - only its date is kept
    except ValueError:
        return None
    # "%Y%m%d" would take "2024123" for 3 December: without separators every digit must be there.
    if _UNSEPARATED.search(date_format) and moment.strftime(date_format) != text:
        return None
    return moment.date()


def _looks_own(date_format: str) -> bool:
    """Whether days in this format could be mistaken for YYYY-MM-DD (year, day, month)."""
    return bool(_OWN_DAY.fullmatch(date(2021, 3, 24).strftime(date_format)))


def _in_words(date_format: str) -> str:
    return f"like {date(2021, 3, 24).strftime(date_format)} (24 March 2021)"
