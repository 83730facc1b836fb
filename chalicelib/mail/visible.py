"""Names from outside, made harmless: what hides or turns text is shown or left out (R11.5)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_JOINERS = "\u200c\u200d"  # words of Persian and some Indian scripts, and emoji, need them
_NOTHING = "\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff"  # pasted along, they show nothing
_SPACE = re.compile(r"\s")
_TEXTLESS = frozenset({int, bool, date, Decimal, type(None)})


def visible(value: T) -> T:
    """Return a value with all its texts made visible, down to those of its parts.

    Line breaks and tabs become spaces, marks that show nothing go, and what turns or hides text,
    such as the overrides of its direction, is replaced by a sign. The value itself is returned
    where nothing is to change.
    """
    shown: T = _visible(value)
    return shown


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else _shown(value)
    if isinstance(value, tuple):
        parts = tuple([_visible(part) for part in value])
        is_same = all(new is old for new, old in zip(parts, value, strict=True))
        return value if is_same else parts
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {}
    for name in value.__dataclass_fields__:
        old = getattr(value, name)
        if type(old) in _TEXTLESS:
            continue
        new = _visible(old)
        if new is not old:
            changes[name] = new
    return replace(value, **changes) if changes else value


def _shown(text: str) -> str:
    if text.isprintable():
        return text
    shown = "".join(_sign(character) for character in text)
    if shown == text:
        return text
    return shown if shown.strip() or not text.strip() else REPLACEMENT


def _sign(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    if unicodedata.category(character) == "Zs":  # no-break spaces hold names together
        return character
    if _SPACE.match(character):
        return " "
    return "" if character in _NOTHING else REPLACEMENT
