"""Tables that go on over pages, with their heads repeated and rows kept whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.mail.pdf_page import LINE, MARGIN, MUTED, Page, Type
from chalicelib.mail.pdf_parts import Cell, Grid, Row, RowLook

PAD = 1.3  # above and under a row's text, millimetres
GUTTER = 3.0  # between columns
_HEAD = Type(8, is_bold=True, colour=MUTED)
_TEXT, _STRONG = Type(9), Type(9, is_bold=True)
_SMALL = Type(8, colour=MUTED)
_TOTAL = Type(10.5, is_bold=True)
_GROUP = "#f2f5f7"
_LOOKED_AHEAD = 8  # rows after one, among them the sums that end a table
_LINES_MAX = 40  # of a row in one piece; a longer one goes on in rows of its own


@dataclass(frozen=True, slots=True)
class _Placed:
    """A cell's place and its lines."""

    left: float
    right: float
    is_right: bool
    lines: tuple[tuple[str, Type], ...]

    @property
    def height(self) -> float:
        return sum(kind.leading for _, kind in self.lines)


class Table:
    """Writes one table onto pages."""

    def __init__(self, page: Page, grid: Grid, accent: str) -> None:
        self._page, self._grid, self._accent = page, grid, accent
        shares = [column.share for column in grid.columns]
        self._edges = [MARGIN + page.width * sum(shares[:n]) / sum(shares)
                       for n in range(len(shares) + 1)]  # fmt: skip

    def height(self, most: float) -> float:
        """Return the height of all of it, or anything above `most` for a higher one."""
        total = _height(self._head())
        for row in self._grid.rows:
            total += _height(self._placed(row))
            if total > most:
                break
        return total

    def write(self) -> None:
        """Write all of it, from where the page is; a row that does not fit opens a page."""
        head = self._head()
        rows = self._grid.rows
        first = _height(self._placed(rows[0])) if rows else 0
        if self._page.room < _height(head) + first:
            self._page.next_page()
        self._put_head(head)
        for index, row in enumerate(rows):
            held = self._held_with(row, rows[index + 1 : index + 1 + _LOOKED_AHEAD])
            for part in _parts(self._placed(row)):
                height = _height(part)
                if self._page.room < height + held:
                    self._page.next_page()
                    self._put_head(head)
                ends = row.look == "total" and (not index or rows[index - 1].look != "total")
                self._put(row.look, part, height, ends=ends)
        self._page.top += 2

    def _held_with(self, row: Row, after: Sequence[Row]) -> float:
        """Return the height of what must not begin the next page without this row.

        A group's name goes with its first row, a row with its first charge, the last one with the
        sums.
        """
        held = 0.0
        for number, one in enumerate(after):
            if one.look in ("sum", "total"):
                held += _height(self._placed(one))
            elif not number and (row.look == "group" or one.look == "sub"):
                rest = self._held_with(one, after[1:]) if row.look == "group" else 0
                return _height(self._placed(one)) + rest
            else:
                break
        return min(held, self._page.h / 3)

    def _head(self) -> list[_Placed]:
        return [
            self._place(Cell(column.label), index, index + 1, "plain", _HEAD)
            for index, column in enumerate(self._grid.columns)
        ]

    def _put_head(self, head: list[_Placed]) -> None:
        page, height = self._page, _height(head)
        for cell in head:
            bottom = page.top + height - PAD - cell.height
            self._lines(cell, bottom)
        page.top += height

    def _placed(self, row: Row) -> list[_Placed]:
        placed, at = [], 0
        for cell in row.cells:
            placed.append(self._place(cell, at, at + cell.span, row.look))
            at += cell.span
        return placed

    def _place(
        self, cell: Cell, first: int, end: int, look: RowLook, kind: Type | None = None
    ) -> _Placed:
        left, right = self._edges[first], self._edges[end]
        left += GUTTER / 2 if first else 0
        right -= GUTTER / 2 if end < len(self._grid.columns) else 0
        left += 4 if look == "sub" and first == 0 else 1.5 if look == "group" and first == 0 else 0
        column = self._grid.columns[end - 1]
        is_right = column.is_right and cell.span == 1
        kind = kind or _type(cell, look)
        width = right - left - (1.5 if look == "group" and is_right else 0)
        lines = [(line, kind) for line in self._page.broken(cell.text, width, kind)]
        for text in cell.small:
            lines += [(line, _SMALL) for line in self._page.broken(text, width, _SMALL)]
        return _Placed(left, left + width, is_right, tuple(lines))

    def _put(self, look: RowLook, placed: list[_Placed], height: float, *, ends: bool) -> None:
        page = self._page
        if look == "group":
            page.band(page.top, height, _GROUP)
        if ends:
            page.rule(page.top, self._accent, 0.5)
        elif look != "sub":
            page.rule(page.top, LINE)
        for cell in placed:
            self._lines(cell, page.top + (0 if look == "sub" else PAD))
        page.top += height - (PAD if look == "sub" else 0)

    def _lines(self, cell: _Placed, top: float) -> None:
        for text, kind in cell.lines:
            baseline = top + kind.leading * 0.75
            if cell.is_right:
                self._page.put_right(cell.right, baseline, text, kind)
            else:
                self._page.put(cell.left, baseline, text, kind)
            top += kind.leading


def _parts(placed: list[_Placed]) -> Iterator[list[_Placed]]:
    """Yield a row in pieces that fit on a page; nearly every row is one."""
    for start in range(0, max(len(cell.lines) for cell in placed), _LINES_MAX):
        lines = slice(start, start + _LINES_MAX)
        yield [replace(cell, lines=cell.lines[lines]) for cell in placed]


def _height(placed: list[_Placed]) -> float:
    return max(cell.height for cell in placed) + 2 * PAD


def _type(cell: Cell, look: RowLook) -> Type:
    if look == "total":
        return _TOTAL
    if look == "sub":
        return _SMALL
    return _STRONG if look == "group" or cell.is_strong else _TEXT
