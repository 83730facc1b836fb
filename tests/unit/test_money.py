"""Amounts: read, written, rounded, limited (domain rules, preamble)."""

from decimal import Decimal

import pytest
from chalicelib.core.money import (
    AmountError,
    floor_ratio,
    format_amount,
    parse_amount,
    parse_rate,
    plain_amount,
    round_down,
    round_half_up,
    share,
    split,
)


@pytest.mark.parametrize(
    ("text", "digits", "minor"),
    [
        ("0", 2, 0), ("12", 2, 1200), ("12.3", 2, 1230), ("12.34", 2, 1234), (" 12.34 ", 2, 1234),
        (".5", 2, 50), ("-5.01", 2, -501), ("+5.01", 2, 501), ("1200", 0, 1200),
        ("1.234", 3, 1234), ("9999999999999.99", 2, 999_999_999_999_999),
    ],
)  # fmt: skip
def test_an_amount_is_read_to_the_minor_unit(text: str, digits: int, minor: int) -> None:
    assert parse_amount(text, digits) == minor


def test_a_decimal_comma_is_read_where_it_was_said() -> None:
    assert parse_amount("12,34", 2, ",") == 1234


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", "1,000.00", "12.345", "1e3", "NaN", "12 34", "٣", "10000000000000.00", "--1"],
)
def test_what_is_no_amount_of_the_currency_is_refused(text: str) -> None:
    with pytest.raises(AmountError):
        parse_amount(text, 2)


def test_a_point_is_refused_where_the_comma_is_the_decimal_mark() -> None:
    with pytest.raises(AmountError, match="decimal mark"):
        parse_amount("1.000", 2, ",")


@pytest.mark.parametrize("text", ["x", "", "NaN", "Infinity", "0.1234567890123"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(AmountError):
        parse_rate(text)


@pytest.mark.parametrize(
    ("minor", "digits", "shown", "plain"),
    [
        (123_456_789, 2, "1,234,567.89", "1234567.89"), (5, 2, "0.05", "0.05"),
        (-5, 2, "-0.05", "-0.05"), (1_200, 0, "1,200", "1200"), (1_234, 3, "1.234", "1.234"),
    ],
)  # fmt: skip
def test_an_amount_is_written_with_the_decimals_of_its_currency(
    minor: int, digits: int, shown: str, plain: str
) -> None:
    assert (format_amount(minor, digits), plain_amount(minor, digits)) == (shown, plain)


@pytest.mark.parametrize(
    ("exact", "rounded", "down"),
    [
        ("2.5", 3, 2), ("2.4999", 2, 2), ("3.5", 4, 3), ("0.5", 1, 0), ("-2.5", -3, -3),
        ("2", 2, 2), ("999999999999999.5", 1_000_000_000_000_000, 999_999_999_999_999),
    ],
)  # fmt: skip
def test_amounts_round_half_up_and_limits_down(exact: str, rounded: int, down: int) -> None:
    assert (round_half_up(Decimal(exact)), round_down(Decimal(exact))) == (rounded, down)


def test_a_share_is_exact_until_it_is_rounded() -> None:
    assert share(99_999, Decimal("0.015")) == Decimal("1499.985")


def test_a_ratio_is_floored_from_the_exact_quotient() -> None:
    just_below = Decimal("364.999999999999999999999999999999")

    assert (floor_ratio(just_below, 365), floor_ratio(Decimal(365), 365)) == (0, 1)


@pytest.mark.parametrize(
    ("total", "parts", "shares"),
    [(10, 3, (4, 3, 3)), (2, 4, (1, 1, 0, 0)), (9, 3, (3, 3, 3)), (5, 1, (5,)), (0, 2, (0, 0))],
)
def test_the_remainder_of_a_split_goes_to_the_first_parts(
    total: int, parts: int, shares: tuple[int, ...]
) -> None:
    assert split(total, parts) == shares
