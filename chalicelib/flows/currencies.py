"""How many decimals each currency has, from ISO 4217 by way of the `iso4217` library."""

from collections.abc import Mapping
from types import MappingProxyType

from iso4217 import Currency

# Codes without a minor unit (gold, test codes, "no currency") are not money anyone invoices in.
CURRENCY_DIGITS: Mapping[str, int] = MappingProxyType(
    {
        currency.code: currency.exponent
        for currency in Currency
        if isinstance(currency.exponent, int)
    }
)
