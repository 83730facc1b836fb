"""Lining up plain text: letters are read in a fixed-width font by programs and in print."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

_SPACES = re.compile(r"[ \t\r\n]+")  # a no-break space is none: it holds amounts together
WIDTH = 72  # columns; longer lines are wrapped by mail programs where they please


def wrapped(text: str, indent: int = 0, hanging: int = 0) -> str:
    """Return a paragraph wrapped at 72 columns, each line indented by `indent` columns.

    All lines but the first stand `hanging` columns further in, as beneath a bullet.
    """
    prefix = " " * indent
    if len(text) <= WIDTH - indent:
        return prefix + text
    further = prefix + " " * hanging
    lines, line = [], prefix
    for word in filter(None, _SPACES.split(text)):
        # As textwrap does it, at a fifth of its cost: a letter has dozens of paragraphs.
        longer = line + word if not line.strip(" ") else f"{line} {word}"
        if len(longer) > WIDTH and line.strip(" "):
            lines.append(line)
            longer = further + word
        line = longer
    return "\n".join([*lines, line])


def columns(left: str, right: str, indent: int = 0) -> str:
    """Return a line with `left` at its start and `right` at its end, 72 columns wide.

    What is too long for one line is wrapped, `right` standing at the end of the last line.
    """
    prefix = " " * indent
    room = WIDTH - indent - len(right) - 2
    fits = len(left) <= room
    lines = [left] if fits else textwrap.wrap(left, max(room, 20), break_on_hyphens=False)
    last = lines.pop() if lines else ""
    gap = max(WIDTH - indent - len(last) - len(right), 2)
    return "\n".join([*(prefix + line for line in lines), f"{prefix}{last}{' ' * gap}{right}"])


def table(rows: Sequence[tuple[str, str]], indent: int = 0) -> str:
    """Return lines of a label and a value with the values starting in one column."""
    width = max((len(label) for label, _ in rows), default=0) + 2
    return "\n".join(f"{' ' * indent}{label:<{width}}{value}" for label, value in rows)
