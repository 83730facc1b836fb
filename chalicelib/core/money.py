"""Money is an integer of minor units with an ISO 4217 code; rates are `Decimal` (domain rules, preamble).

Every posted amount is rounded once, half-up (away from zero on ties); limits are rounded down.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, InvalidOperation

# Exact for every product the rules form: 15 digits of amount, 12 of a rate, 5 of days.
EXACT = Context(prec=60)
AMOUNT_DIGITS_MAX = 15
RATE_DIGITS_MAX = 12

Amounts = Mapping[str, int]  # minor units by currency code


class AmountError(ValueError):
    """A text is not an amount of its currency; the message says why in plain words."""


def parse_amount(text: str, digits: int, decimal_mark: str = ".") -> int:
    """Return the minor units of a decimal string in major units.

    `digits` is how many decimals the currency has; more decimals in the text are refused, never
    rounded. Thousands separators are refused: a guess there could be off by a thousand.

    Raises:
        AmountError: the text is no number, has too many decimals, or more than 15 digits.
    """
    plain = text.strip()
    if decimal_mark != "." and "." in plain:
        raise AmountError(f"{text!r} has a '.', but the decimal mark is {decimal_mark!r}")
    plain = plain.replace(decimal_mark, ".")
    unsigned = plain[1:] if plain[:1] in ("-", "+") else plain
    whole, _, fraction = unsigned.partition(".")
    if not (whole + fraction).isascii() or not (whole + fraction).isdigit():
        raise AmountError(f"{text!r} is not an amount")
    if len(fraction) > digits:
        raise AmountError(f"{text!r} has more decimals than the {digits} of its currency")
    minor = int((whole or "0") + fraction.ljust(digits, "0"))
    if len(str(minor)) > AMOUNT_DIGITS_MAX:
        raise AmountError(f"{text!r} has more than {AMOUNT_DIGITS_MAX} digits")
    return -minor if plain.startswith("-") else minor


def parse_rate(text: str) -> Decimal:
    """Return a rate such as "0.015" (1.5%) as a `Decimal`.

    Raises:
        AmountError: the text is not a finite decimal number.
    """
    try:
        rate = Decimal(text.strip())
    except InvalidOperation:
        raise AmountError(f'{text!r} is not a rate; write 1.5% as "0.015"') from None
    if not rate.is_finite() or len(rate.as_tuple().digits) > RATE_DIGITS_MAX:
        raise AmountError(f"{text!r} is not a rate of at most {RATE_DIGITS_MAX} digits")
    return rate


def format_amount(minor: int, digits: int) -> str:
    """Return minor units as a decimal string in major units, with commas: 1234567 -> 12,345.67."""
    sign = "-" if minor < 0 else ""
    whole, fraction = divmod(abs(minor), 10**digits)
    return f"{sign}{whole:,}" + (f".{fraction:0{digits}d}" if digits else "")


def plain_amount(minor: int, digits: int) -> str:
    """Return minor units as a plain decimal string for files: 1234567 -> 12345.67."""
    return format_amount(minor, digits).replace(",", "")


def share(amount_minor: int, rate: Decimal) -> Decimal:
    """Return the exact, unrounded share of an amount, in minor units."""
    return EXACT.multiply(Decimal(amount_minor), rate)


def round_half_up(exact: Decimal) -> int:
    """Return an exact amount of minor units rounded half-up, away from zero on ties."""
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=EXACT))


def round_down(exact: Decimal) -> int:
    """Return a limit of minor units rounded down (R4.5)."""
    return int(exact.quantize(Decimal(1), rounding=ROUND_FLOOR, context=EXACT))


def floor_ratio(numerator: Decimal, denominator: int) -> int:
    """Return floor(numerator / denominator), exact: the quotient itself is never rounded."""
    top, bottom = numerator.as_integer_ratio()
    return top // (bottom * denominator)


def round_half_up_ratio(numerator: Decimal, denominator: int) -> int:
    """Return numerator / denominator rounded half-up, away from zero on ties; `denominator` > 0.

    Exact: the quotient itself is never rounded before.
    """
    top, bottom = numerator.as_integer_ratio()
    bottom *= denominator
    rounded = (2 * abs(top) + bottom) // (2 * bottom)
    return -rounded if top < 0 else rounded


def split(total_minor: int, parts: int) -> tuple[int, ...]:
    """Return `parts` amounts that add up to the total; the remainder goes one each to the first (R9.1)."""
    share_minor, remainder = divmod(total_minor, parts)
    return tuple(share_minor + (1 if index < remainder else 0) for index in range(parts))


def add(totals: dict[str, int], currency: str, amount_minor: int) -> None:
    """Add an amount to a table of totals per currency, in place. Currencies never mix (R3.3)."""
    totals[currency] = totals.get(currency, 0) + amount_minor
