"""Which countries there are, from ISO 3166-1 by way of `babel`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

LETTERS = 2
# CLDR names these too; ISO 3166-1 keeps them for others or leaves them to users.
NOT_OF_ISO = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"]
)


def is_country(code: str) -> bool:
    """Return whether ISO 3166-1 has a code of two capital letters, such as `DE`."""
    return code in country_names()


@cache
def country_names() -> Mapping[str, str]:
    """Return the 249 countries of ISO 3166-1 by their codes of two letters, named in English."""
    from babel import Locale  # noqa: PLC0415 - only for those who name a country

    names: Mapping[str, str] = Locale("en").territories
    return {
        code: name
        for code, name in names.items()
        if len(code) == LETTERS and code.isalpha() and code not in NOT_OF_ISO
    }
