"""Where a run's snapshot is kept, and how it is written: a summary, and rows in numbered parts."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from chalicelib.flows.ports import Archive

FORMAT = 3  # of summaries; one of a format that is not read counts as not there
FORMATS_READ = frozenset({2, FORMAT})  # parts of 2 are found by their number, since then by `key`
ACCOUNT_ROWS_MAX = 2_000  # of one part
OPEN_ITEMS_MAX = 20_000  # of one part
_DIGEST = 12  # hexadecimal digits of a part's digest that its key has
Kind = Literal["accounts", "open_items"]


def summary_key(run_on: date) -> str:
    """Return where a run's summary is kept."""
    return f"runs/{run_on}/summary.json"


def part_key(run_on: date, kind: Kind, stretch: int, part: int, content: bytes) -> str:
    """Return where a part is kept: other content has another key, so that no part is ever replaced.

    A snapshot that is written again never changes what an earlier summary still names.
    """
    digest = hashlib.sha256(content).hexdigest()[:_DIGEST]
    return f"runs/{run_on}/{kind}/{stretch:05d}-{part:04d}-{digest}.jsonl.gz"


def keys_of(summary: dict[str, Any], kind: Kind) -> list[str]:
    """Return where the parts of a summary's account rows or open items are, in order."""
    parts = summary["account_parts" if kind == "accounts" else "open_item_parts"]
    run_on = summary["run_on"]
    numbered = (f"runs/{run_on}/{kind}/{number:04d}.jsonl.gz" for number in range(len(parts)))
    return [part.get("key", key) for part, key in zip(parts, numbered, strict=True)]


@dataclass(slots=True)
class PartsWriter:
    """Writes rows into parts of at most `most` rows; only one part is held at a time.

    `parts` says of each part that was written its `key`, the `id` of its first row and how many rows
    it has; those of an earlier portion of the same stretch may be given. The same rows in the same
    portions give the same bytes under the same keys.
    """

    archive: Archive
    run_on: date
    kind: Kind
    most: int
    stretch: int = 0
    parts: list[dict[str, Any]] = field(default_factory=list)
    _rows: int = 0
    _first: str = ""
    _packed: io.BytesIO = field(default_factory=io.BytesIO)
    _file: gzip.GzipFile | None = None

    def add(self, row_id: str, row: Mapping[str, Any]) -> None:
        """Add a row; rows come in the order of their ids.

        Raises:
            UnavailableError: the archive does not answer now.
        """
        if self._file is None:
            # No name and no time in the file's head: the same rows give the same bytes.
            self._packed = io.BytesIO()
            self._file = gzip.GzipFile(filename="", mode="wb", fileobj=self._packed, mtime=0)
            self._first = row_id
        self._file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        self._rows += 1
        if self._rows == self.most:
            self.close()

    def close(self) -> None:
        """Store the last part. A kind without rows has no part."""
        if self._file is None:
            return
        self._file.close()
        content = self._packed.getvalue()
        key = part_key(self.run_on, self.kind, self.stretch, len(self.parts), content)
        self.archive.put(key, content, "application/gzip")
        self.parts.append({"key": key, "first": self._first, "rows": self._rows})
        self._file, self._rows = None, 0


def read_part(archive: Archive, key: str) -> list[dict[str, Any]]:
    """Return the rows of one part.

    Raises:
        NotFoundError: there is no such part.
        UnavailableError: the archive does not answer now.
    """
    return [json.loads(line) for line in gzip.decompress(archive.get(key)).splitlines()]
