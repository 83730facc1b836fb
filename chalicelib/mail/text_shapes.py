"""What the values of a letter look like to finance's own texts: names, and what each of them is.

A shape is `TEXT`, `NUMBER` or `FLAG`, a table of shapes by name, or a list of one shape. Texts are
checked against shapes before they are ever rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEXT, NUMBER, FLAG = "text", "number", "flag"
MIXED = "text or number"  # of a choice between them
SCALARS = (TEXT, NUMBER, MIXED)  # what can be printed
ENTRIES_MAX = 200  # of a list; the rest is not seen by a text
CHARACTERS_MAX = 4_000  # of one value; the rest is cut off


@dataclass(frozen=True, slots=True)
class ListOf:
    """The shape of a list whose entries have one shape."""

    entry: Shape


Shape = str | Mapping[str, Any] | ListOf


def plain(value: Any) -> Any:
    """Return a value made of plain dicts, lists, texts, whole numbers and flags only.

    Lists are cut at 200 entries and texts at 4,000 characters. A text that is more than a text,
    such as one that says that it is safe HTML, becomes an ordinary one.

    Raises:
        TypeError: it holds anything else: no object ever reaches a text.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)[:CHARACTERS_MAX]
    if isinstance(value, Mapping):
        return {str.__str__(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value[:ENTRIES_MAX]]
    raise TypeError(f"a {type(value).__name__} is no plain value of a letter")


def said_of(shape: Shape) -> str:
    """Return what a shape is, for a sentence that begins with a name."""
    if isinstance(shape, ListOf):
        return "a list"
    if isinstance(shape, Mapping):
        return "a group of values"
    return {TEXT: "a text", NUMBER: "a number", MIXED: "a text or a number"}.get(
        shape, "true or false"
    )
