"""Which locales letters can be written in."""

from __future__ import annotations


def is_locale(text: str) -> bool:
    """Return whether CLDR knows a locale such as `en`, `en_GB` or `de-AT` (R11.5)."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only for those who name one

    try:
        Locale.parse(text.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return False
    return True
