"""Reference rates, read as data (R4.4). Imports no `chalicelib`."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parents[2] / "chalicelib" / "policies" / "rates"


class UnknownRateError(Exception):
    """A table does not reach a day."""


@cache
def _spans(table: str) -> list[tuple[date, date, Fraction]]:
    rows = tomllib.loads((TABLES / f"{table}.toml").read_text("utf-8"))["rates"]
    return [(row["from"], row["through"], Fraction(row["rate"])) for row in rows]


@cache
def _in_force(table: str, day: date) -> Fraction:
    for since, through, rate in _spans(table):
        if since <= day <= through:
            return rate
    raise UnknownRateError(table, day)


def rate_of_day(interest: dict[str, Any], starts: date, day: date) -> Fraction:
    """The rate a year that counts on a day, for interest that starts on a day."""
    if "annual_rate" in interest:
        return Fraction(interest["annual_rate"])
    if interest["mode"] == "locked":
        first_of_half = starts.replace(month=1 if starts.month <= 6 else 7, day=1)
        reference = first_of_half - timedelta(days=1)  # 31 December or 30 June
    else:
        reference = day.replace(month=1 if day.month <= 6 else 7, day=1)
    return _in_force(interest["table"], reference) + Fraction(interest["margin"])
