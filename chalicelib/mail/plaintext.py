"""Lining up plain text: letters are read in a fixed-width font by programs and in print."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 72  # columns; longer lines are wrapped by mail programs where they please


def wrapped(text: str, indent: int = 0, hanging: int = 0) -> str:
    """Return a paragraph wrapped at 72 columns, each line indented by `indent` columns.

    All lines but the first stand `hanging` columns further in, as beneath a bullet.
    """
    prefix = " " * indent
    if len(text) <= WIDTH - indent:
        return prefix + text
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=prefix,
        subsequent_indent=prefix + " " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


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
