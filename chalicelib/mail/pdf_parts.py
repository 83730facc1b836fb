"""What a printable page is made of: values only; `pdf_page.py` sets them (R11.2, R11.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

RowLook = Literal["plain", "group", "sub", "sum", "total"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a part; it never stands alone at a page's foot. It may open a page."""

    text: str
    opens_page: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words; `is_muted` for what explains a figure."""

    text: str
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and values, the values in one column; `is_framed` on the letter's tint."""

    rows: tuple[tuple[str, str], ...]
    is_framed: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `share` is its part of the width; amounts stand right."""

    label: str
    share: int
    is_right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, and lines of small print under it. `span` columns wide."""

    text: str
    small: tuple[str, ...] = ()
    span: int = 1
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row. `group` heads the rows after it, `sub` belongs to the one before, `total` ends it."""

    cells: tuple[Cell, ...]
    look: RowLook = "plain"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. It goes on over pages, its head repeated on each."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


Block = Heading | Paragraph | Bullets | Facts | Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole document, in the order in which it is read.

    `language` is a BCP 47 tag. `sender` stands at the head and `to` where a window envelope shows
    it; without `to` it is no letter, and has a short head. `foot` stands on every page beside its
    number. `dated_on` is also the file's own date, so that the same letter gives the same bytes.
    """

    title: str
    language: str
    dated_on: date
    is_us_letter: bool
    accent: str
    tint: str
    sender: tuple[str, ...]
    to: tuple[str, ...] = ()
    eyebrow: str
    headline: str
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    foot: str
