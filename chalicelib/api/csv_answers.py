"""Answers as CSV, for whoever asks with `Accept: text/csv` (api.md, text)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from chalicelib.flows.desk import Reply

CSV = "text/csv"
JSON = "application/json"
NEXT_CURSOR = "Next-Cursor"  # the header that stands for `next_cursor`
Cell = str | int | Decimal | None

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvReply(Reply):
    """A reply in CSV: a header row, then a row each. `next_cursor` gets the next part of a list."""

    status: int = 200
    body: Mapping[str, Any] = field(default_factory=dict)
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Cell]]
    next_cursor: str | None = None

    @property
    def text(self) -> str:
        """Return the file. Lines end in CR LF (RFC 4180); what is not there is an empty cell."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(self.columns)
        writer.writerows([_safe(row.get(name)) for name in self.columns] for row in self.rows)
        return out.getvalue()


def _safe(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet runs: a text that could be a formula gets an apostrophe.

    Numbers are no texts: -5 stays -5.
    """
    if isinstance(cell, str) and cell.startswith(_STARTS_A_FORMULA):
        return f"'{cell}"
    return cell


def prefers_csv(accept: str) -> bool:
    """Whether an `Accept` header asks for CSV rather than JSON; JSON when it says neither."""
    weights = dict.fromkeys((CSV, JSON), 0.0)
    for part in accept.split(","):
        kind, _, more = part.partition(";")
        named = kind.strip().lower()
        if named == "*/*":
            named = JSON
        if named in weights:
            weights[named] = max(weights[named], _weight(more.split(";")))
    return weights[CSV] > weights[JSON]


def _weight(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
