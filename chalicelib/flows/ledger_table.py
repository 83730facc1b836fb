"""A ledger file as rows of cells in Pastdue's own names, whatever its layout."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.core.errors import Fault
from chalicelib.flows.ledger_columns import Column
from chalicelib.flows.ledger_faults import CellFault, RowFault
from chalicelib.flows.ledger_json import cell_of
from chalicelib.flows.ledger_layout import columns_of, layout_of, unknown_column
from chalicelib.flows.ledger_map import LedgerMap
from chalicelib.flows.ledger_text import (
    JsonRecord,
    UnreadableFileError,
    csv_records,
    is_json_lines,
    json_records,
)

LAYOUTS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells that are not blank, by Pastdue's names, and what was wrong before reading.

    `sources`: what the file calls each column.
    """

    line: int
    cells: Mapping[str, str]
    sources: Mapping[str, str]
    faults: tuple[CellFault, ...] = ()


def table_rows(
    role: str, lines: Sequence[str], file: str, ledger_map: LedgerMap, warnings: list[RowFault]
) -> Iterator[Row]:
    """Return the rows of an invoices, payments or credit-notes file, CSV or JSON Lines.

    Columns that nothing reads are added to `warnings`.

    Raises:
        UnreadableFileError: an empty file, a broken header, columns that are missing.
    """
    if is_json_lines(lines):
        return _from_json(role, lines, file, ledger_map, warnings)
    if _first_text(lines).startswith("["):
        detail = "is a JSON list; write JSON Lines (one object a line) or CSV"
        raise UnreadableFileError(Fault(file, "bad_json", detail))
    return _from_csv(role, lines, file, ledger_map, warnings)


def _first_text(lines: Sequence[str]) -> str:
    return next((line for line in lines if line.strip()), "").lstrip()


def _from_csv(
    role: str, lines: Sequence[str], file: str, ledger_map: LedgerMap, warnings: list[RowFault]
) -> Iterator[Row]:
    header, records = csv_records(lines, file)
    layout = layout_of(role, header, ledger_map)
    if layout.missing:
        raise UnreadableFileError(Fault(file, "missing_column", "; ".join(layout.missing)))
    columns = columns_of(role, ledger_map)
    head_line = next(index for index, line in enumerate(lines, start=1) if line.strip())
    for name in layout.unknown:
        detail = unknown_column(name, columns)
        warnings.append(RowFault(file, head_line, name, "unknown_column", detail))
    places = [(name, header.index(source)) for name, source in layout.sources.items()]
    translate = Translation(ledger_map, columns)

    def rows() -> Iterator[Row]:
        for record in records:
            if record.fault:
                yield Row(record.line, {}, layout.sources, (record.fault,))
                continue
            cells = record.cells
            found = {name: text for name, at in places if (text := cells[at].strip())}
            yield Row(record.line, translate.cells(found), layout.sources)

    return rows()


def _from_json(
    role: str, lines: Sequence[str], file: str, ledger_map: LedgerMap, warnings: list[RowFault]
) -> Iterator[Row]:
    columns = columns_of(role, ledger_map)
    translate = Translation(ledger_map, columns)
    layouts: dict[tuple[str, ...], Mapping[str, str]] = {}
    warned: set[str] = set()
    for record in json_records(lines):
        names = tuple(record.values)
        sources = layouts.get(names)
        if sources is None:
            if len(layouts) >= LAYOUTS_MAX:  # lines that share no layout are not worth keeping
                layouts.clear()
            layout = layout_of(role, names, ledger_map)
            sources = layouts[names] = layout.sources
            for name in layout.unknown:
                if name not in warned:
                    warned.add(name)
                    detail = unknown_column(name, columns)
                    warnings.append(RowFault(file, record.line, name, "unknown_column", detail))
        yield json_row(record, sources, columns, translate)


def json_row(
    record: JsonRecord,
    sources: Mapping[str, str],
    columns: Mapping[str, Column],
    translate: Translation,
) -> Row:
    """Return a JSON line's row: its values as the texts their cells would have."""
    if record.fault:
        return Row(record.line, {}, sources, (record.fault,))
    found: dict[str, str] = {}
    faults: list[CellFault] = []
    for name, source in sources.items():
        try:
            text = cell_of(record.values[source], columns[name])
        except ValueError as error:
            faults.append(CellFault(name, "bad_type", str(error)))
        else:
            if text:
                found[name] = text
    return Row(record.line, translate.cells(found), sources, tuple(faults))


class Translation:
    """What cells stand for: the mapping's `[values.*]`, then its `[defaults]` for blank ones."""

    __slots__ = ("_defaults", "_values")

    def __init__(
        self,
        ledger_map: LedgerMap,
        columns: Mapping[str, Column],
        *,
        defaults_for: Collection[str] | None = None,
    ) -> None:
        self._values = [
            (name, ledger_map.values[own])
            for name in columns
            if (own := name.removeprefix("paid.")) in ledger_map.values
        ]
        self._defaults = [
            (name, default)
            for name, default in ledger_map.defaults.items()
            if name in (columns if defaults_for is None else defaults_for)
        ]

    def cells(self, found: dict[str, str]) -> Mapping[str, str]:
        """Return the cells translated, blank ones left out. Changes `found` in place."""
        for name, values in self._values:
            text = found.get(name, "")
            if text in values:
                found[name] = values[text].strip()
                if not found[name]:
                    del found[name]
        for name, default in self._defaults:
            if name not in found and default.strip():
                found[name] = default.strip()
        return found
