"""Amounts and dates as a reader of one locale writes them (R11.5), by CLDR through Babel.

The currency's code is shown instead of its sign: a dollar sign does not say whose dollar it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import NumberPattern, parse_pattern

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
        pattern = self.locale.decimal_formats[None].pattern
        return self._apply(pattern, amount_minor)

    def money(self, amount_minor: int) -> str:
        """Return an amount with its currency's code, never breaking between: USD 1,234.50."""
        pattern = self.locale.currency_formats["standard"].pattern.split(";")[0]
        bare = pattern.replace("¤", "").strip().strip(NO_BREAK_SPACE)
        leads = pattern.lstrip().startswith("¤")
        spaced = f"¤¤{NO_BREAK_SPACE}{bare}" if leads else f"{bare}{NO_BREAK_SPACE}¤¤"
        return self._apply(spaced, amount_minor)

    def day(self, on: date) -> str:
        """Return a date for a table: Mar 18, 2026."""
        return str(format_date(on, "medium", locale=self.locale))

    def long_day(self, on: date) -> str:
        """Return a date for a sentence: March 18, 2026."""
        return str(format_date(on, "long", locale=self.locale))

    def month(self, on: date) -> str:
        """Return a month with its year: March 2026."""
        return str(format_skeleton("yMMMM", on, locale=self.locale))

    def _apply(self, pattern_text: str, amount_minor: int) -> str:
        # The ISO digits are set here: CLDR shows some currencies with fewer, which hides money.
        pattern: NumberPattern = parse_pattern(pattern_text)
        pattern.frac_prec = (self.digits, self.digits)
        value = Decimal(amount_minor).scaleb(-self.digits)
        return str(pattern.apply(value, self.locale, currency=self.currency, currency_digits=False))


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
