"""How the parts of a policy are said in a sentence: money, rates, days, lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from chalicelib.core.calendar import WEEKDAYS
from chalicelib.core.money import Amounts, format_amount

WEEKDAY_NAMES = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
WEEK = 7
DEBTORS = {"company": "a company", "natural_person": "a natural person"}


def money(amount_minor: int, currency: str, digits: Mapping[str, int]) -> str:
    """Return an amount with its currency: USD 1,234.50."""
    return f"{currency} {format_amount(amount_minor, digits[currency])}"


def amounts(table: Amounts, digits: Mapping[str, int]) -> str:
    """Return a table of amounts per currency: USD 10.00 or EUR 9.00."""
    return listed((money(minor, code, digits) for code, minor in table.items()), "or")


def percent(rate: Decimal) -> str:
    """Return a rate as a percentage: 0.015 is 1.5%."""
    return f"{format((rate * 100).normalize(), 'f')}%"


def days(count: int) -> str:
    """Return a number of days: 1 day, 7 days."""
    return counted(count, "day")


def counted(count: int, noun: str) -> str:
    """Return a number of things, the noun in the plural where it is not one."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(words: Iterable[str], join: str = "and") -> str:
    """Return words as a sentence lists them: a, b and c."""
    *most, last = list(words) or ["nothing"]
    return f"{', '.join(most)} {join} {last}" if most else last


def weekdays(numbers: frozenset[int]) -> str:
    """Return weekdays as a sentence names them; "every day of the week" when all seven are."""
    if len(numbers) == WEEK:
        return "every day of the week"
    return listed(WEEKDAY_NAMES[WEEKDAYS[number]] for number in sorted(numbers))


def ordinal(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th ... 11th ... 21st."""
    teens = 10 < number % 100 < 14  # noqa: PLR2004 - 11th, 12th and 13th
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
