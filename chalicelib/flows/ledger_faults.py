"""What reading a ledger reports: row faults, warnings, counts and limits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from chalicelib.core.errors import Fault

FILE_BYTES_MAX = 200_000_000
ROWS_MAX = 2_000_000
COLUMNS_MAX = 500
CELL_CHARS_MAX = 10_000
# A quoted cell may run over lines; a quote that is not closed by then is a slip, not a cell.
RECORD_LINES_MAX = 100
SHOWN_CHARS_MAX = 60


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row was refused (or, among the warnings, what was noticed about it).

    `line` is the physical line in the file, counted from 1; `column` is the name that the file
    itself uses, "" when the row as a whole is meant; `code` is stable.
    """

    file: str
    line: int
    column: str
    code: str
    detail: str

    @property
    def where(self) -> str:
        """The file with line and column, in words."""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file} line {self.line}{column}"

    def as_fault(self) -> Fault:
        """Return this as a fault of the error tree."""
        return Fault(self.where, self.code, self.detail)

    def __str__(self) -> str:
        return f"{self.where}: {self.detail}"


@dataclass(frozen=True, slots=True)
class CellFault:
    """A fault before it is known where it is; `column` is Pastdue's own name."""

    column: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class FileCounts:
    """What became of a file's rows: `read` is the sum of the other four.

    `taken` are new, `replaced` took the place of an earlier row (`--update`), `duplicates` say the
    same as an earlier row, `refused` have a fault.
    """

    file: str
    role: str
    read: int = 0
    taken: int = 0
    replaced: int = 0
    duplicates: int = 0
    refused: int = 0


def shown(text: str) -> str:
    """Return a text in quotes, cut to a length that fits a message."""
    return repr(text if len(text) <= SHOWN_CHARS_MAX else f"{text[:SHOWN_CHARS_MAX]}...")


def suggestion(name: str, known: Collection[str]) -> str:
    """Return "; did you mean ...?" for the nearest known name, or "" when none is near."""
    folded = {option.casefold(): option for option in known}
    nearest = get_close_matches(name.strip().casefold().replace(" ", "_"), folded, n=1, cutoff=0.7)
    return f"; did you mean {folded[nearest[0]]!r}?" if nearest else ""
