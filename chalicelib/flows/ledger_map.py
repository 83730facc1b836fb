"""The mapping file: how another system's ledger files are laid out (`--map ledger.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from chalicelib.core.errors import Fault, LedgerFileError
from chalicelib.flows.ledger_columns import ALL_COLUMNS, CREDIT_NOTE_COLUMNS, PAYMENT_COLUMNS
from chalicelib.flows.ledger_faults import suggestion

MAP_BYTES_MAX = 1_000_000
TABLES = ("columns", "formats", "defaults", "values", "payments", "credit_notes")
FORMATS = ("date", "decimal")
TermsOf = Callable[[str, str], str]  # by account id and class as the row says it; "" for none
PAID_KEYS = ("received_on", "booked_on", "amount")


@dataclass(frozen=True, slots=True)
class LedgerMap:
    """A mapping file as values. The default is Pastdue's own layout.

    `columns`: the invoices file's name for each column, by Pastdue's name. `paid`: where a row of
    the invoices file says how it was paid; empty when payments are not taken from there.
    `date_format` None: YYYY-MM-DD. `values`: per column, what a cell's text stands for.
    `terms_of`, which no file says: the terms of the account's policy, for what has none (R3.5).
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    payment_columns: Mapping[str, str] = field(default_factory=dict)
    credit_note_columns: Mapping[str, str] = field(default_factory=dict)
    paid: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    decimal_mark: Literal[".", ","] = "."
    defaults: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    terms_of: TermsOf | None = None


OWN_LAYOUT = LedgerMap()


def parse_ledger_map(content: bytes, file: str) -> LedgerMap:
    """Return a mapping file's content as a `LedgerMap`.

    Raises:
        LedgerFileError: it is no TOML, or has unknown or wrong keys: every fault, at once.
    """
    if len(content) > MAP_BYTES_MAX:
        raise LedgerFileError(f"{file} is larger than {MAP_BYTES_MAX:,} bytes")
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LedgerFileError(f"{file} is not UTF-8 (byte {error.start + 1})") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LedgerFileError(f"{file} is not TOML: {error}") from None
    faults = [
        Fault(f"{file}, key {key}" if key else file, code, detail)
        for key, code, detail in _faults(document)
    ]
    if faults:
        raise LedgerFileError(f"{file} has {len(faults)} fault(s)", faults)
    payments = dict(document.get("payments", {}))
    payment_columns = payments.pop("columns", {})
    formats = document.get("formats", {})
    return LedgerMap(
        columns=document.get("columns", {}),
        payment_columns=payment_columns,
        credit_note_columns=document.get("credit_notes", {}).get("columns", {}),
        paid=payments,
        date_format=formats.get("date"),
        decimal_mark=formats.get("decimal", "."),
        defaults=document.get("defaults", {}),
        values=document.get("values", {}),
    )


_Found = Iterator[tuple[str, str, str]]


def _faults(document: Mapping[str, Any]) -> _Found:
    every = tuple(ALL_COLUMNS)
    yield from _unknown("", document, TABLES)
    tables = {key: value for key, value in document.items() if key in TABLES}
    for key, table in tables.items():
        if not isinstance(table, dict):
            yield key, "bad_type", "must be a table"
    sound = {key: table for key, table in tables.items() if isinstance(table, dict)}
    yield from _texts("columns", sound.get("columns", {}), every)
    yield from _texts("defaults", sound.get("defaults", {}), every, may_be_empty=True)
    yield from _format_faults(sound.get("formats", {}))
    yield from _value_faults(sound.get("values", {}), every)
    yield from _payment_faults(sound.get("payments", {}), PAYMENT_COLUMNS)
    notes = sound.get("credit_notes", {})
    yield from _unknown("credit_notes", notes, ("columns",))
    yield from _nested_columns("credit_notes", notes, CREDIT_NOTE_COLUMNS)


def _unknown(table: str, found: Mapping[str, Any], known: Collection[str]) -> _Found:
    for key in found:
        if key not in known:
            path = f"{table}.{key}" if table else key
            detail = f"is not known{suggestion(key, known) or f'; known are {_listed(known)}'}"
            yield path, "unknown_key", detail


def _listed(names: Collection[str]) -> str:
    return ", ".join(names)


def _texts(
    table: str, found: Mapping[str, Any], known: Collection[str], *, may_be_empty: bool = False
) -> _Found:
    yield from _unknown(table, found, known)
    for key, value in found.items():
        if not isinstance(value, str):
            yield f"{table}.{key}", "bad_type", 'must be a text in quotes, such as "doc_id"'
        elif not value.strip() and not may_be_empty:
            yield f"{table}.{key}", "missing_value", "must not be empty"


def _format_faults(formats: Mapping[str, Any]) -> _Found:
    yield from _texts("formats", formats, FORMATS)
    decimal_mark, date_format = formats.get("decimal", "."), formats.get("date")
    if isinstance(decimal_mark, str) and decimal_mark not in (".", ","):
        yield "formats.decimal", "bad_value", 'must be "." or ","'
    if isinstance(date_format, str) and not _names_a_day(date_format):
        detail = 'must name a year, a month and a day, such as "%Y%m%d" or "%d.%m.%Y"'
        yield "formats.date", "bad_value", detail


def _names_a_day(date_format: str) -> bool:
    """Whether a day that is written in this format can be read back."""
    day = datetime(2021, 3, 24)  # noqa: DTZ001 - a calendar date; the format may hold a time
    try:
        return datetime.strptime(day.strftime(date_format), date_format).date() == day.date()  # noqa: DTZ007 - as above
    except ValueError:
        return False


def _value_faults(values: Mapping[str, Any], every: Collection[str]) -> _Found:
    yield from _unknown("values", values, every)
    for column, table in values.items():
        if not isinstance(table, dict):
            detail = 'must be a table, such as [values.currency] with "US Dollar" = "USD"'
            yield f"values.{column}", "bad_type", detail
            continue
        for text, value in table.items():
            if not isinstance(value, str):
                yield f"values.{column}.{text}", "bad_type", "must be a text in quotes"


def _payment_faults(payments: Mapping[str, Any], columns: Collection[str]) -> _Found:
    own = {key: value for key, value in payments.items() if key != "columns"}
    yield from _unknown("payments", own, (*PAID_KEYS, "columns"))
    known = {key: value for key, value in own.items() if key in PAID_KEYS}
    yield from _texts("payments", known, PAID_KEYS)
    if known and "received_on" not in known:
        detail = "is needed to take payments from the invoices file; a payments file has its "
        yield "payments.received_on", "missing_value", detail + "columns in [payments.columns]"
    yield from _nested_columns("payments", payments, columns)


def _nested_columns(table: str, found: Mapping[str, Any], known: Collection[str]) -> _Found:
    columns = found.get("columns", {})
    if isinstance(columns, dict):
        yield from _texts(f"{table}.columns", columns, known)
    else:
        yield f"{table}.columns", "bad_type", "must be a table"
