"""Where a run's snapshot is kept, and how it is written: a summary, and rows in numbered parts."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chalicelib.flows.ports import Archive

FORMAT = 2  # of summaries; one of another format counts as not there
ACCOUNT_ROWS_MAX = 2_000  # of one part
OPEN_ITEMS_MAX = 20_000  # of one part


def summary_key(run_on: date) -> str:
    """Return where a run's summary is kept."""
    return f"runs/{run_on}/summary.json"


def accounts_key(run_on: date, part: int) -> str:
    """Return where a part of a run's account rows is kept."""
    return f"runs/{run_on}/accounts/{part:04d}.jsonl.gz"


def open_items_key(run_on: date, part: int = 0) -> str:
    """Return where a part of a run's open items is kept."""
    return f"runs/{run_on}/open_items/{part:04d}.jsonl.gz"


@dataclass(slots=True)
class PartsWriter:
    """Writes rows into numbered parts of at most `most` rows; only one part is held at a time.

    `kind` is "accounts" or "open_items"; `parts` says of each part that was written the `id` of its
    first row and how many rows it has. The same rows give the same bytes.
    """

    archive: Archive
    run_on: date
    kind: str
    most: int
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
        key = accounts_key if self.kind == "accounts" else open_items_key
        self.archive.put(
            key(self.run_on, len(self.parts)), self._packed.getvalue(), "application/gzip"
        )
        self.parts.append({"first": self._first, "rows": self._rows})
        self._file, self._rows = None, 0


def read_part(archive: Archive, key: str) -> list[dict[str, Any]]:
    """Return the rows of one part.

    Raises:
        NotFoundError: there is no such part.
        UnavailableError: the archive does not answer now.
    """
    return [json.loads(line) for line in gzip.decompress(archive.get(key)).splitlines()]
