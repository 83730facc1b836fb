"""Amounts, rates and dates as a reader of one locale writes them (R11.5), by CLDR through Babel.

The currency's code is shown instead of its sign: a dollar sign does not say whose dollar it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import NumberPattern, format_decimal, format_percent, parse_pattern

from chalicelib.core.errors import InvalidInputError

NO_BREAK_SPACE = "\u00a0"
NARROW_NO_BREAK_SPACE = "\u202f"
DEFAULT_LANGUAGE = "en"
_CODE = re.compile(r"\b([A-Z]{3}) (?=\d)")
_SIGN = re.compile(r" ([x+=]) ")


class UnknownLanguageError(InvalidInputError):
    """A locale is not one: it should look like `en`, `en_GB` or `de-AT`."""

    code = "unknown_locale"


@dataclass(frozen=True, slots=True)
class Formats:
    """How one locale writes the amounts of one currency, and dates."""

    locale: Locale
    currency: str
    digits: int

    def amount(self, amount_minor: int) -> str:
        """Return a bare amount for a table that names its currency elsewhere: 1,234.50."""
        return _amount(self, amount_minor)

    def money(self, amount_minor: int) -> str:
        """Return an amount with its currency's code, never breaking between: USD 1,234.50."""
        return _money(self, amount_minor)

    def percent(self, rate: Decimal) -> str:
        """Return a rate with all its digits: 0.1275 is 12.75%, in German 12,75 %."""
        return _percent(rate, self.locale)

    def points(self, rate: Decimal) -> str:
        """Return a rate as percentage points without a sign: 0.085 is 8.5."""
        return _points(rate, self.locale)

    def day(self, on: date) -> str:
        """Return a date for a table: Mar 18, 2026."""
        return _date(on, "medium", self.locale)

    def long_day(self, on: date) -> str:
        """Return a date for a sentence: March 18, 2026."""
        return _date(on, "long", self.locale)

    def held_day(self, on: date) -> str:
        """Return a date for a sentence, never breaking inside."""
        return self.long_day(on).replace(" ", NO_BREAK_SPACE)

    def month(self, on: date) -> str:
        """Return a month with its year: March 2026."""
        return str(format_skeleton("yMMMM", on, locale=self.locale))


# A run writes the same dates and rates many thousand times, and Babel reads its patterns anew each
# time; what is kept is bounded.


@lru_cache(maxsize=8_192)
def _amount(f: Formats, amount_minor: int) -> str:
    return _written(f, _bare_pattern(f.locale, f.digits), amount_minor)


@lru_cache(maxsize=8_192)
def _money(f: Formats, amount_minor: int) -> str:
    return _written(f, _money_pattern(f.locale, f.digits), amount_minor)


def _written(f: Formats, pattern: NumberPattern, amount_minor: int) -> str:
    value = Decimal(amount_minor).scaleb(-f.digits)
    return str(pattern.apply(value, f.locale, currency=f.currency, currency_digits=False))


@lru_cache(maxsize=256)
def _bare_pattern(locale: Locale, digits: int) -> NumberPattern:
    return _with_digits(locale.decimal_formats[None].pattern, digits)


@lru_cache(maxsize=256)
def _money_pattern(locale: Locale, digits: int) -> NumberPattern:
    pattern = locale.currency_formats["standard"].pattern.split(";")[0]
    bare = pattern.replace("¤", "").strip().strip(NO_BREAK_SPACE)
    leads = pattern.lstrip().startswith("¤")
    spaced = f"¤¤{NO_BREAK_SPACE}{bare}" if leads else f"{bare}{NO_BREAK_SPACE}¤¤"
    return _with_digits(spaced, digits)


def _with_digits(pattern_text: str, digits: int) -> NumberPattern:
    # The ISO digits are set here: CLDR shows some currencies with fewer, which hides money.
    pattern: NumberPattern = parse_pattern(pattern_text)
    pattern.frac_prec = (digits, digits)
    return pattern


@lru_cache(maxsize=1_024)
def _percent(rate: Decimal, locale: Locale) -> str:
    shown = format_percent(rate.normalize(), locale=locale, decimal_quantization=False)
    return shown.replace(" ", NO_BREAK_SPACE)


@lru_cache(maxsize=1_024)
def _points(rate: Decimal, locale: Locale) -> str:
    points = (rate * 100).normalize()
    return format_decimal(points, locale=locale, decimal_quantization=False)


@lru_cache(maxsize=4_096)
def _date(on: date, style: Literal["medium", "long"], locale: Locale) -> str:
    shown = str(format_date(on, style, locale=locale))
    # CLDR knows no ordinals in dates, and French has one: the first of a month is "1er".
    return f"1er{shown[1:]}" if locale.language == "fr" and shown.startswith("1 ") else shown


@lru_cache(maxsize=256)
def formats_for(locale: str, currency: str, digits: int, language: str) -> Formats:
    """Return the formats for a letter written in `language` to a reader of `locale`.

    A reader whose language has no letters yet gets them in `language`, with the dates and amounts
    that people of their country write in it (`de_AT` in English becomes `en_AT`), so that no
    letter mixes two languages.

    Raises:
        UnknownLanguageError: the locale is not one.
    """
    wanted = parse_locale(locale)
    if wanted.language != language:
        try:
            wanted = Locale(language, wanted.territory)
        except UnknownLocaleError:
            wanted = Locale(language)
    return Formats(wanted, currency, digits)


@lru_cache(maxsize=256)  # one object a locale: what is kept by it is found by identity
def parse_locale(text: str) -> Locale:
    """Return the locale of a text such as `en`, `en_GB` or `de-AT`.

    Raises:
        UnknownLanguageError: CLDR does not know it.
    """
    try:
        return Locale.parse(text.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        message = f"{text!r} is not a locale; write it like en, en_GB or de_AT"
        raise UnknownLanguageError(message) from None


def plain_spaces(text: str) -> str:
    """Return the text with ordinary spaces, for subjects and plain text that must line up."""
    return text.replace(NO_BREAK_SPACE, " ").replace(NARROW_NO_BREAK_SPACE, " ")


def held(arithmetic: str) -> str:
    """Return a line of arithmetic that breaks only before its signs: amounts stay whole.

    A narrow screen then shows `GBP 1,000.00`, `x 12.75%`, `x 50/365`, `= 17.47` each in one piece.
    """
    text = _CODE.sub(f"\\1{NO_BREAK_SPACE}", arithmetic)
    return _SIGN.sub(f" \\1{NO_BREAK_SPACE}", text)
