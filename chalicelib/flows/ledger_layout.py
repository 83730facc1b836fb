"""Where a file of another layout keeps each of Pastdue's columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.flows.ledger_columns import (
    FILE_COLUMNS,
    INVOICE_COLUMNS,
    PAID_COLUMNS,
    Column,
)
from chalicelib.flows.ledger_faults import suggestion
from chalicelib.flows.ledger_map import LedgerMap


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a file keeps each column it has, by Pastdue's name; and what is amiss with it."""

    sources: Mapping[str, str]
    missing: tuple[str, ...]  # sentences
    unknown: tuple[str, ...]  # names of the file that nothing reads


def columns_of(role: str, ledger_map: LedgerMap) -> Mapping[str, Column]:
    """Return the columns that files of `role` are read by, under this mapping."""
    if role == "invoices" and ledger_map.paid:
        return {**INVOICE_COLUMNS, **PAID_COLUMNS}
    return FILE_COLUMNS[role]


def layout_of(role: str, header: Sequence[str], ledger_map: LedgerMap) -> Layout:
    """Return the layout of a file with these column names.

    A mapped column that the file does not have is read under its own name, so one mapping serves
    files that are partly in Pastdue's own layout.
    """
    present = set(header)
    columns = columns_of(role, ledger_map)
    sources = {
        name: source
        for name, column in columns.items()
        for source in [
            option for option in _candidates(role, name, column, ledger_map) if option in present
        ][:1]
    }
    unknown = tuple(name for name in header if name and name not in sources.values())
    missing = [
        f"has no column {_candidates(role, name, column, ledger_map)[0]!r}"
        + suggestion(name, unknown)
        for name, column in columns.items()
        if column.required and name not in sources and name not in ledger_map.defaults
    ]
    said = {"due_on", "terms"} & (set(sources) | set(ledger_map.defaults))
    if role == "invoices" and not said and ledger_map.terms_of is None:
        missing.append("has neither a column 'due_on' nor 'terms'" + suggestion("due_on", unknown))
    return Layout(sources, tuple(missing), unknown)


def unknown_column(name: str, known: Collection[str]) -> str:
    """Return the sentence for a column that nothing reads."""
    return f"column {name!r} is not known and was not read{suggestion(name, known)}"


def _candidates(role: str, name: str, column: Column, ledger_map: LedgerMap) -> list[str]:
    """The names under which a file may have the column, the likeliest first."""
    if name in PAID_COLUMNS:
        own = name.removeprefix("paid.")
        mapped = ledger_map.paid.get(own)
        # Without a name for it, the amount paid is the invoice's own; nothing else is guessed.
        return [mapped, own] if mapped else []
    options: list[str | None] = []
    if role == "payments":
        options.append(ledger_map.payment_columns.get(name))
    if role == "credit_notes":
        options.append(ledger_map.credit_note_columns.get(name))
    if role == "invoices" or name not in INVOICE_COLUMNS:
        options.append(ledger_map.columns.get(name))
    options.append(name)
    if column.required:  # the other files of the same system often share the invoices' names
        options.append(ledger_map.columns.get(name))
    return [option for option in options if option]
