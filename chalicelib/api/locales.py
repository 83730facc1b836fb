"""Which locales letters can be written in: asked of the mail adapter when there is one to check."""

from __future__ import annotations

from chalicelib.core.errors import PastdueError


def is_locale(text: str) -> bool:
    """Return whether letters can be written in a locale such as `en`, `en_GB` or `de-AT` (R11.5)."""
    from chalicelib.mail.formats import parse_locale  # noqa: PLC0415 - loads every locale's data

    try:
        parse_locale(text)
    except PastdueError:
        return False
    return True
