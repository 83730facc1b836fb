"""Texts as the shipped font can show them: whatever a customer is called, it prints."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it ships no types

REPLACEMENT = "\ufffd"  # shown for what the font has no glyph for
_MARKS_MAX = 2  # accents on one letter; more are an attack on the line above


def font_path(name: str) -> Path:
    """Return where a font of the package lies; the package is always unpacked."""
    return Path(str(resources.files("chalicelib.mail") / "fonts" / name))


def shown(text: str) -> str:
    """Return a text as one line of what can be seen, in the order in which it is read.

    Controls, marks of direction and what has no width are left out, so that nothing hides and
    nothing runs backwards; spaces stay as wide as they are, a no-break one holds. A character
    that the font does not have becomes a replacement that can be seen.
    """
    out: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind == "Cf" or marks > _MARKS_MAX or "\ufe00" <= char <= "\ufe0f":
            continue
        if kind in ("Cc", "Zl", "Zp"):
            out.append(" ")
        else:
            out.append(char if ord(char) in _covered() else REPLACEMENT)
    return "".join(out).strip()


@cache
def _covered() -> frozenset[int]:
    with TTFont(font_path("NotoSans-Regular.ttf"), lazy=True) as font:
        return frozenset(font.getBestCmap())
