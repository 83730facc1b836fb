"""The files of an evidence archive: a ZIP whose bytes follow from what is in it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chalicelib.core.errors import LimitError
from chalicelib.flows.currencies import CURRENCY_DIGITS

CONTENT_BYTES_MAX = 500_000_000  # of all files, unpacked
ARCHIVE_BYTES_MAX = 250_000_000  # what a worker of 2,048 MB can hold and hand over
FILES_MAX = 60_000  # what any program that unpacks ZIP files takes
SUMS = "SHA256SUMS"
INDENTED_MAX = 20_000  # characters of JSON: indenting takes ten times as long
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the ZIP format knows no time before
_READABLE = 0o644 << 16
_UNIX = 3
_PLAIN = frozenset({str, int, bool, type(None)})
_FORMULA_STARTS = frozenset("=+-@")

Cell = str | int | Decimal | date | datetime | bool | None


class EvidenceTooLargeError(LimitError):
    """An account is larger than an evidence archive may be; the message names the limit."""

    code = "evidence_too_large"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the archive: its digest in hex, and its size in bytes."""

    sha256: str
    size_bytes: int


class EvidenceFiles:
    """Writes files into a ZIP in memory: the same files in the same order are the same bytes."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._zip = ZipFile(self._out, "w", ZIP_DEFLATED, compresslevel=6)
        self._kept: dict[str, KeptFile] = {}
        self._bytes = 0

    @property
    def kept(self) -> Mapping[str, KeptFile]:
        """The files so far, by their paths."""
        return self._kept

    def add(self, path: str, content: bytes) -> None:
        """Add a file.

        Raises:
            EvidenceTooLargeError: there is no room for it.
        """
        assert path not in self._kept, path
        self._bytes += len(content)
        _check("files", len(self._kept) + 1, FILES_MAX)
        _check("bytes unpacked", self._bytes, CONTENT_BYTES_MAX)
        info = ZipInfo(path, _EARLIEST)
        info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, _READABLE, _UNIX
        self._zip.writestr(info, content)
        _check("bytes packed", self._out.tell(), ARCHIVE_BYTES_MAX)
        self._kept[path] = KeptFile(hashlib.sha256(content).hexdigest(), len(content))

    def add_text(self, path: str, text: str) -> None:
        """Add a text in UTF-8."""
        self.add(path, text.encode())

    def add_json(self, path: str, value: Any) -> None:
        """Add a value, of dataclasses too, as JSON."""
        self.add_text(path, json_text(value))

    def add_csv(self, path: str, columns: Sequence[str], rows: Iterable[Mapping[str, Cell]]) -> int:
        """Add rows as a CSV file, with a byte order mark for spreadsheets; return how many."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(columns)
        count = 0
        for row in rows:
            assert row.keys() <= set(columns), row.keys() - set(columns)
            writer.writerow([cell(row.get(name)) for name in columns])
            count += 1
        self.add(path, out.getvalue().encode("utf-8-sig"))
        return count

    def close(self) -> bytes:
        """Add the list of digests, which `sha256sum -c` reads, and return the archive.

        Raises:
            EvidenceTooLargeError: it is larger than it may be.
        """
        lines = [f"{self._kept[path].sha256}  {path}\n" for path in sorted(self._kept)]
        self.add_text(SUMS, "".join(lines))
        self._zip.close()
        content = self._out.getvalue()
        _check("bytes packed", len(content), ARCHIVE_BYTES_MAX)
        return content


def plain(value: Any) -> Any:
    """Return a value as JSON has it: fields by their names, days and instants as ISO texts."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(plain(one) for one in value)
    if isinstance(value, date | Decimal):
        return cell(value)
    return {name: plain(getattr(value, name)) for name in _names_of(kind)}


@cache
def _names_of(kind: Any) -> tuple[str, ...]:
    """Return the names of a dataclass's fields.

    Raises:
        TypeError: it is no dataclass, so that JSON has no form of it.
    """
    return tuple(field.name for field in fields(kind))


def json_text(value: Any) -> str:
    """Return a value as JSON: indented while it is short, else a line for each of its parts."""
    value = plain(value)
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= INDENTED_MAX:
        return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    if isinstance(value, dict):
        lines = (f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in value.items())
        return "{\n" + ",\n".join(lines) + "\n}\n"
    return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in value) + "\n]\n"


def instant(at: datetime) -> str:
    """Return an instant as RFC 3339 has it, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def major(amount_minor: int, currency: str) -> Decimal:
    """Return an amount in major units, exact, with the decimals of its currency."""
    return Decimal(amount_minor).scaleb(-CURRENCY_DIGITS.get(currency, 2))


def cell(value: Cell) -> str:
    """Return a value as its cell. A text that a spreadsheet would run gets an apostrophe first.

    Also behind spaces, or in full-width signs. Numbers are no texts: -5 stays -5.
    """
    if isinstance(value, str):
        start = unicodedata.normalize("NFKC", value.lstrip())[:1]
        is_run = start in _FORMULA_STARTS or value[:1] in ("\t", "\r", "\n")
        return f"'{value}" if is_run else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None else str(value)


def _check(what: str, size: int, limit: int) -> None:
    if size > limit:
        raise EvidenceTooLargeError(f"an evidence archive may have {limit:,} {what}, no more")
