"""JSON values as the texts that their cells would have in a CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.flows.ledger_columns import Column, Kind
from chalicelib.flows.ledger_faults import CELL_CHARS_MAX, shown


def cell_of(value: Any, column: Column) -> str:
    """Return a JSON value as the text its cell would have in a CSV file; "" for null.

    Amounts must be texts: a JSON number is a float to most programs, and says nothing of its
    decimals.

    Raises:
        ValueError: the value is of a type that the column does not take.
    """
    match value:
        case None:
            return ""
        case str():
            if len(value) > CELL_CHARS_MAX:
                raise ValueError(f"is over {CELL_CHARS_MAX:,} characters")
            if "\0" in value:
                raise ValueError("holds a NUL character")
            return value.strip()
        case bool() if column.kind == "flag":
            return "yes" if value else "no"
        case int() if column.kind in ("text", "flag") and not isinstance(value, bool):
            return str(value)
        case list() if column.kind == "ids" and _are_ids(value):
            return " ".join(value)
        case list() if column.kind == "lines" and all(isinstance(one, str) for one in value):
            return cell_of("\n".join(value), column)
    raise ValueError(f"must be {_WANTED[column.kind]}, not {_shown_json(value)}")


_WANTED: Mapping[Kind, str] = {
    "text": "a text in quotes",
    "lines": "a list of texts, or a text with lines that '|' parts",
    "ids": 'a list of ids or a text with ids that spaces separate, such as "I1 I2"',
    "day": 'a day in quotes, such as "2024-03-18"',
    "amount": 'an amount in quotes, such as "1234.50"',
    "flag": '"yes" or "no"',
}


def _are_ids(values: list[Any]) -> bool:
    return all(isinstance(value, str) and len(value.split()) == 1 for value in values)


def _shown_json(value: Any) -> str:
    return shown(str(value)) if isinstance(value, int | float | str) else type(value).__name__
