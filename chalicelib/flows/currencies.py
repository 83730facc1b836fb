"""How many decimals each currency has, from ISO 4217 by way of the `iso4217` library."""

from collections.abc import Mapping
from types import MappingProxyType

from iso4217 import Currency

from chalicelib.core.money import format_amount

# Codes without a minor unit (gold, test codes, "no currency") are not money anyone invoices in.
CURRENCY_DIGITS: Mapping[str, int] = MappingProxyType(
    {
        currency.code: currency.exponent
        for currency in Currency
        if isinstance(currency.exponent, int)
    }
)


def amount_in_words(amount_minor: int, currency: str) -> str:
    """Return an amount of minor units as a person in finance reads it: `EUR 1,234.50`."""
    return f"{currency} {format_amount(amount_minor, CURRENCY_DIGITS.get(currency, 2))}"
