"""Loads the tables of reference rates that are shipped, and says what is wrong with one (R4.4).

A table is a file `chalicelib/policies/rates/<id>.toml`; a policy names it in `[interest].table`:

    id = "gb_bank_rate"                   # the file's name
    title = "Bank of England Bank Rate"   # as letters and workings name it
    source = "https://..."                # where its publisher shows the figures
    taken_from = "..."                    # what these rows were taken from, and how far it reaches
    retrieved_on = 2026-11-22             # when the rows were last compared
    rates = [
        { from = 2025-08-07, through = 2025-12-17, rate = "0.0400" },
        { from = 2025-12-18, through = 2026-10-06, rate = "0.0375" },
    ]

The last row ends on the day up to which the rate is known. To extend a table, move that day or add
rows; to give a table of one's own, add a file; then deploy. Every table is checked when the first
policy is loaded: with a fault in any, none is used.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.core.policy_reading import nearest
from chalicelib.core.rates import RateSpan, RateTable, span_faults

PACKAGE = "chalicelib.policies.rates"
SUFFIX = ".toml"
DOCUMENT_BYTES_MAX = 256 * 1024
ROWS_MAX = 1000
TEXT_CHARS_MAX = 500
FAULTS_MAX = 100
RATE = re.compile(r"-?0\.[0-9]{1,8}")
WEB = re.compile(r"https://[^\s/]+/\S*")
KEYS = ("id", "title", "source", "taken_from", "retrieved_on", "rates")
ROW_KEYS = ("from", "through", "rate")


class RateTableError(InvalidInputError):
    """Tables of reference rates do not hold together; every fault names its file and row (R4.4)."""

    code = "invalid_rate_table"


@cache
def shipped_rates() -> Mapping[str, RateTable]:
    """Return the shipped tables of reference rates by their ids.

    Raises:
        RateTableError: a file does not hold together; `faults` has those of every file.
    """
    entries = sorted(files(PACKAGE).iterdir(), key=lambda entry: entry.name)
    return read_tables(
        {
            entry.name.removesuffix(SUFFIX): entry.read_bytes()
            for entry in entries
            if entry.name.endswith(SUFFIX)
        }
    )


def read_tables(documents: Mapping[str, bytes]) -> Mapping[str, RateTable]:
    """Return the tables of TOML documents by their ids, which are also the documents' names.

    Raises:
        RateTableError: a document does not hold together; `faults` has every fault of every one
            (the first 100, should there be more).
    """
    found: dict[str, RateTable] = {}
    faults: list[Fault] = []
    for name, document in documents.items():
        reading = _Reading(name + SUFFIX)
        table = reading.table(name, document)
        faults += reading.faults
        if table is not None:
            found[name] = table
    if faults:
        count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise RateTableError(f"the tables of reference rates have {count}:", faults[:FAULTS_MAX])
    return found


@dataclass(slots=True)
class _Reading:
    """One reading of one file, which gathers its faults."""

    file: str
    faults: list[Fault] = field(default_factory=list)

    def table(self, name: str, document: bytes) -> RateTable | None:
        """Return the table, or None with the faults noted."""
        raw = self._parsed(document)
        if raw is None:
            return None
        self._unknown_keys(raw, KEYS, "")
        table_id, title = self._text(raw, "id"), self._text(raw, "title")
        source = self._text(raw, "source")
        self._text(raw, "taken_from")
        if table_id and table_id != name:
            self._bad("id", "other_name", f'is "{table_id}", but the file is called {self.file}')
        if source and not WEB.fullmatch(source):
            self._bad("source", "not_a_url", "is the address of the publisher's page: https://...")
        retrieved_on = self._day(raw, "retrieved_on", "")
        spans = self._spans(raw)
        if self.faults or retrieved_on is None:
            return None
        return RateTable(table_id, title, source, retrieved_on, spans)

    def _parsed(self, document: bytes) -> dict[str, Any] | None:
        if len(document) > DOCUMENT_BYTES_MAX:
            self._bad("", "too_long", f"is larger than {DOCUMENT_BYTES_MAX} bytes")
            return None
        try:
            return tomllib.loads(document.decode("utf-8-sig"))
        except UnicodeDecodeError:
            self._bad("", "not_utf8", "is not UTF-8; save the file with that encoding")
        except (ValueError, RecursionError) as error:
            self._bad("", "toml_syntax", f"is not TOML: {error}")
        return None

    def _spans(self, raw: dict[str, Any]) -> tuple[RateSpan, ...]:
        rows = raw.get("rates")
        if not isinstance(rows, list) or not rows:
            detail = "lists the rows: { from = ..., through = ..., rate = ... }, one at least"
            self._bad("rates", "missing" if rows in (None, []) else "not_a_list", detail)
            return ()
        if len(rows) > ROWS_MAX:
            self._bad("rates", "too_many", f"has {len(rows)} rows; at most {ROWS_MAX} are read")
            return ()
        spans = [self._span(row, f"rates[{number}]") for number, row in enumerate(rows, 1)]
        self.faults += span_faults(spans, f"{self.file} rates")
        return tuple(span for span in spans if span is not None)

    def _span(self, row: object, where: str) -> RateSpan | None:
        """Return a row whose days can be read: also one with a bad rate, so that gaps are found."""
        if not isinstance(row, dict):
            self._bad(where, "not_a_row", "is a row: { from = ..., through = ..., rate = ... }")
            return None
        self._unknown_keys(row, ROW_KEYS, f"{where}.")
        since, through = self._day(row, "from", f"{where}."), self._day(row, "through", f"{where}.")
        rate = self._rate(row, f"{where}.rate")
        return None if since is None or through is None else RateSpan(since, through, rate)

    def _rate(self, row: dict[str, Any], where: str) -> Decimal:
        rate = row.get("rate")
        if isinstance(rate, str) and RATE.fullmatch(rate):
            return Decimal(rate)
        if rate is None:
            self._bad(where, "missing", "the row has no rate")
        else:
            detail = 'is a rate a year as text, below 1: "0.0475" is 4.75%, "-0.0088" is -0.88%'
            self._bad(where, "not_a_rate", detail)
        return Decimal(0)

    def _day(self, raw: dict[str, Any], key: str, prefix: str) -> date | None:
        day = raw.get(key)
        if type(day) is date:  # a date with a time is one to isinstance
            return day
        if day is None:
            self._bad(prefix + key, "missing", "a day is missing, such as 2026-11-22")
        else:
            self._bad(prefix + key, "not_a_day", "is a day without quotes, such as 2026-11-22")
        return None

    def _text(self, raw: dict[str, Any], key: str) -> str:
        text = raw.get(key)
        if text is None:
            self._bad(key, "missing", "this key is missing")
        elif not isinstance(text, str) or not text.strip() or not text.isprintable():
            self._bad(key, "not_a_text", "is a line of text")
        elif len(text) > TEXT_CHARS_MAX:
            self._bad(key, "too_long", f"has {len(text)} characters; at most {TEXT_CHARS_MAX}")
        else:
            return text
        return ""

    def _unknown_keys(self, raw: dict[str, Any], known: tuple[str, ...], prefix: str) -> None:
        for key in raw:
            if key not in known:
                hint = nearest(key, known)
                ask = f'; did you mean "{hint}"?' if hint else ""
                self._bad(f"{prefix}{key[:64]}", "unknown_key", f"there is no such key{ask}")

    def _bad(self, where: str, code: str, detail: str) -> None:
        self.faults.append(Fault(f"{self.file} {where}".rstrip(), code, detail))
