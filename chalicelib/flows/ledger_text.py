"""From a file's bytes to its records: encoding, delimiter, quotes, JSON Lines. Cells stay texts."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chalicelib.core.errors import Fault
from chalicelib.flows.ledger_faults import (
    CELL_CHARS_MAX,
    COLUMNS_MAX,
    FILE_BYTES_MAX,
    RECORD_LINES_MAX,
    CellFault,
    shown,
)

DELIMITERS = (",", ";", "\t")
_UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff")


class UnreadableFileError(Exception):
    """A file cannot be read at all; `fault` says why. Turned into a `LedgerFileError`."""

    code = "unreadable_file"

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """One row's cells, or why it has none. `line` is the physical line on which it begins."""

    line: int
    cells: Sequence[str]
    fault: CellFault | None = None


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """One line's object, or why there is none."""

    line: int
    values: dict[str, Any]
    fault: CellFault | None = None


def decode(content: bytes, file: str) -> list[str]:
    """Return the physical lines of a UTF-8 file, without a byte-order mark or line ends.

    Raises:
        UnreadableFileError: larger than 200 MB, or not UTF-8 (with the byte and the line).
    """
    if len(content) > FILE_BYTES_MAX:
        detail = f"is larger than {FILE_BYTES_MAX // 1_000_000} MB; split it"
        raise UnreadableFileError(Fault(file, "file_too_large", detail))
    if content.startswith(_UNICODE_MARKS):
        detail = "is UTF-16, not UTF-8; save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
        raise UnreadableFileError(Fault(file, "wrong_encoding", detail))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        detail = (
            f"is not UTF-8: byte 0x{content[error.start]:02x} at byte {error.start + 1} of the "
            "file; save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
        )
        where = f"{file} line {line}"
        raise UnreadableFileError(Fault(where, "wrong_encoding", detail)) from None
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def is_json_lines(lines: Sequence[str]) -> bool:
    """Whether the first line that is not blank begins a JSON object."""
    return next((line for line in lines if line.strip()), "").lstrip().startswith("{")


def csv_records(lines: Sequence[str], file: str) -> tuple[list[str], Iterator[CsvRecord]]:
    """Return the header's names and the records below it.

    The delimiter is the one of comma, semicolon and tab that splits the header most. Lines that
    are blank, or hold blank cells only, are passed over.

    Raises:
        UnreadableFileError: an empty file, a header that is broken or names a column twice.
    """
    start = next((index for index, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise UnreadableFileError(Fault(file, "empty_file", "is empty: it has no header"))
    delimiter = max(DELIMITERS, key=lines[start].count)
    record, following = _csv_at(lines, start, delimiter)
    where = f"{file} line {start + 1}"
    if record.fault:
        raise UnreadableFileError(Fault(where, record.fault.code, record.fault.detail))
    header = [name.strip() for name in record.cells]
    if len(header) > COLUMNS_MAX:
        detail = f"has {len(header)} columns, {COLUMNS_MAX} at most"
        raise UnreadableFileError(Fault(where, "too_many_columns", detail))
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        detail = f"names a column twice: {', '.join(map(shown, twice))}"
        raise UnreadableFileError(Fault(where, "duplicate_column", detail))
    return header, _csv_below(lines, following, delimiter, len(header))


def _csv_below(lines: Sequence[str], start: int, delimiter: str, width: int) -> Iterator[CsvRecord]:
    index = start
    while index < len(lines):
        line = lines[index]
        if not line or line.isspace():
            index += 1
            continue
        if '"' in line:
            record, following = _csv_at(lines, index, delimiter)
        else:
            record, following = CsvRecord(index + 1, line.split(delimiter)), index + 1
        if record.fault is None:
            if not "".join(record.cells).strip():
                index = following
                continue
            record = _sound(record, width, lines[index:following], delimiter)
        if record.fault and following > index + 1:
            # A stray quote joined rows that do not belong together: only its own row is refused.
            following = index + 1
        yield record
        index = following


def _csv_at(lines: Sequence[str], start: int, delimiter: str) -> tuple[CsvRecord, int]:
    """Return the record that begins at `start`, and the index of the line after it."""
    feed = (line + "\n" for line in islice(lines, start, start + RECORD_LINES_MAX))
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    try:
        cells = next(reader)
    except csv.Error as error:
        unclosed = reader.line_num > 1 or "unexpected end of data" in str(error)
        fault = (
            CellFault("", "unclosed_quote", "a quote opens a cell and is never closed")
            if unclosed
            else CellFault("", "bad_csv", f"cannot be split into cells: {error}")
        )
        return CsvRecord(start + 1, (), fault), start + 1
    return CsvRecord(start + 1, cells), start + reader.line_num


def _sound(record: CsvRecord, width: int, lines: Sequence[str], delimiter: str) -> CsvRecord:
    """Return the record, with a fault if its cells cannot be what the header announces."""
    cells, fault = record.cells, None
    if len(cells) != width:
        code = "too_few_cells" if len(cells) < width else "too_many_cells"
        detail = f"has {len(cells)} cells where the header has {width}"
        fault = CellFault("", code, detail)
    elif len(lines) > 1 and all(
        line.count(delimiter) == width - 1 for line in (lines[0], lines[-1])
    ):
        # Two stray quotes made one cell of whole rows; reading on would give one row's cells to
        # another's invoice.
        detail = "a quote opens a cell and takes in the rows below"
        fault = CellFault("", "unclosed_quote", detail)
    elif sum(map(len, lines)) > CELL_CHARS_MAX and any(
        len(cell) > CELL_CHARS_MAX for cell in cells
    ):
        fault = CellFault("", "cell_too_long", f"a cell is over {CELL_CHARS_MAX:,} characters")
    elif any("\0" in line for line in lines):
        fault = CellFault("", "nul", "holds a NUL byte; the file is damaged")
    return CsvRecord(record.line, (), fault) if fault else record


def json_records(lines: Sequence[str]) -> Iterator[JsonRecord]:
    """Return the object of each line that is not blank; a line that is none bears its fault."""
    for number, line in enumerate(lines, start=1):
        if line and not line.isspace():
            yield _json_at(number, line)


def _json_at(number: int, line: str) -> JsonRecord:
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            names = [name for name, _ in pairs]
            twice.extend(sorted({name for name in names if names.count(name) > 1}))
        return values

    if len(line) > CELL_CHARS_MAX * 10:
        detail = f"the line is over {CELL_CHARS_MAX * 10:,} characters"
        return JsonRecord(number, {}, CellFault("", "line_too_long", detail))
    try:
        values = json.loads(line, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        detail = f"is not a JSON object on one line: {error}"
        return JsonRecord(number, {}, CellFault("", "bad_json", detail))
    if not isinstance(values, dict):
        return JsonRecord(number, {}, CellFault("", "bad_json", "is JSON, but not an object {...}"))
    if twice:
        detail = f"names {', '.join(map(shown, twice))} twice"
        return JsonRecord(number, {}, CellFault("", "duplicate_field", detail))
    return JsonRecord(number, values)
