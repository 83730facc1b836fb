"""A ledger file being read: its rows are counted, its faults placed, its doubles compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Generic, TypeVar

from chalicelib.core.errors import Fault
from chalicelib.core.facts import CreditNote, InvoiceIssued, Payment
from chalicelib.flows.ledger_faults import ROWS_MAX, CellFault, FileCounts, RowFault
from chalicelib.flows.ledger_rows import CreditNoteRow, InvoiceRow, PaymentRow
from chalicelib.flows.ledger_table import Row
from chalicelib.flows.ledger_text import UnreadableFileError

Content = TypeVar("Content", InvoiceRow, PaymentRow, CreditNoteRow)


@dataclass(frozen=True, slots=True)
class Taken(Generic[Content]):
    """A row that was taken, and where it stands."""

    content: Content
    file: str
    line: int


class LedgerFile:
    """The file being read: its rows are counted and its faults placed."""

    def __init__(self, role: str, name: str, faults: list[RowFault]) -> None:
        self.role, self.name = role, name
        self.taken = self.replaced = self.duplicates = self.refused = 0
        self._faults = faults

    def refuse(self, row: Row, faults: Iterable[CellFault]) -> None:
        """Refuse a row with all its faults. A cell of a wrong type is not also missing."""
        self.refused += 1
        wrong = {fault.column for fault in row.faults}
        every = [
            *row.faults,
            *(fault for fault in faults if fault.column not in wrong or not fault.column),
        ]
        # Two of Pastdue's columns may be one of the file; its fault is told once.
        self._faults.extend(dict.fromkeys(self.placed(row, fault) for fault in every))

    def placed(self, row: Row, fault: CellFault) -> RowFault:
        """Return a fault with its place, by the file's own name of the column."""
        own = fault.column.removeprefix("paid.")
        column = row.sources.get(fault.column, own)
        return RowFault(self.name, row.line, column, fault.code, fault.detail)

    @property
    def read(self) -> int:
        """How many rows were read so far."""
        return self.taken + self.replaced + self.duplicates + self.refused

    def check_size(self) -> None:
        """Raise `UnreadableFileError` when the file has over 2,000,000 rows."""
        if self.read >= ROWS_MAX:
            detail = f"has over {ROWS_MAX:,} rows; split it"
            raise UnreadableFileError(Fault(self.name, "too_many_rows", detail))

    def counts(self) -> FileCounts:
        """Return what became of the file's rows."""
        return FileCounts(
            self.name,
            self.role,
            self.read,
            self.taken,
            self.replaced,
            self.duplicates,
            self.refused,
        )


def differences(earlier: Content, later: Content) -> list[str]:
    """Return, in words, the parts in which two rows of one id differ."""
    before, after = _parts(earlier), _parts(later)
    return [
        name.removesuffix("_minor").replace("_", " ")
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]


def _parts(content: Content) -> dict[str, object]:
    """Return what a row says, by name; of its facts each part by its own."""
    parts: dict[str, object] = {}
    for part in fields(content):
        value = getattr(content, part.name)
        if isinstance(value, InvoiceIssued | Payment | CreditNote) and part.name != "payment":
            parts |= {sub.name: getattr(value, sub.name) for sub in fields(value)}
        elif part.compare:
            parts[part.name] = value
    return parts
