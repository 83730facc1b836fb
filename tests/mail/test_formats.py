"""Amounts, rates and dates as the reader's own country writes them (R11.5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from chalicelib.mail.formats import formats_for

DAY = date(2026, 3, 8)


@pytest.mark.parametrize(
    ("locale", "money", "bare", "percent", "points", "day"),
    [
        ("en_US", "EUR_1,234.50", "1,234.50", "12.75%", "8.5", "March 8, 2026"),
        ("en_GB", "EUR_1,234.50", "1,234.50", "12.75%", "8.5", "8 March 2026"),
        ("de_DE", "1.234,50_EUR", "1.234,50", "12,75_%", "8,5", "8. M\u00e4rz 2026"),
        ("de_CH", "EUR_1\u2019234.50", "1\u2019234.50", "12.75%", "8.5", "8. M\u00e4rz 2026"),
        ("fr_FR", "1~234,50_EUR", "1~234,50", "12,75_%", "8,5", "8 mars 2026"),
        ("es_MX", "EUR_1,234.50", "1,234.50", "12.75%", "8.5", "8 de marzo de 2026"),
    ],
)
def test_figures_are_written_as_the_readers_country_does(
    locale: str, money: str, bare: str, percent: str, points: str, day: str
) -> None:
    """A low line stands for a no-break space, a tilde for a narrow one."""
    f = formats_for(locale, "EUR", 2, locale[:2])

    told = (f.money(1_234_50), f.amount(1_234_50), f.percent(Decimal("0.1275")))
    shown = [text.replace("\u00a0", "_").replace("\u202f", "~") for text in told]
    assert shown == [money, bare, percent]
    assert (f.points(Decimal("0.085")), f.long_day(DAY)) == (points, day)


@pytest.mark.parametrize(
    ("rate", "shown"),
    [("0.015", "1.5%"), ("0.0", "0%"), ("0.12345678", "12.345678%"), ("1", "100%"),
     ("-0.005", "-0.5%")],
)  # fmt: skip
def test_a_rate_keeps_all_its_digits(rate: str, shown: str) -> None:
    assert formats_for("en", "EUR", 2, "en").percent(Decimal(rate)) == shown


@pytest.mark.parametrize("locale", ["fr_FR", "fr_BE", "fr_CA", "fr_CH"])
def test_the_first_of_a_month_is_an_ordinal_in_french(locale: str) -> None:
    f = formats_for(locale, "EUR", 2, "fr")

    assert f.long_day(date(2026, 4, 1)) == "1er avril 2026"
    assert f.day(date(2026, 4, 1)) == "1er avr. 2026"
    assert f.long_day(date(2026, 4, 11)) == "11 avril 2026"


def test_a_date_in_a_sentence_is_not_broken() -> None:
    assert formats_for("en", "EUR", 2, "en").held_day(DAY) == "March\u00a08,\u00a02026"
