"""The parts that every event's data is put together from: amounts, codes, lists of ids."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.bus_events_fields import CODE_CHARS_MAX, IDS_MAX

Data = dict[str, Any]
_CODE = re.compile(rf"[a-z][a-z0-9_-]{{0,{CODE_CHARS_MAX - 1}}}")


@dataclass(frozen=True, slots=True)
class Telling:
    """An event before it has its id: its type, its day (None: the change's), and its data."""

    type: str
    data: Mapping[str, Any]
    on: date | None = None


def amount(minor: int, currency: str) -> Data:
    """Return money as events have it."""
    return {"amount_minor": minor, "currency": currency}


def invoices(names: Collection[str]) -> Data:
    """Return the fields that name invoices: the first ids in their order, and how many there are."""
    return {"invoice_ids": sorted(names)[:IDS_MAX], "invoice_count": len(names)}


def code(text: str) -> str:
    """Return a text that is a code, else "": reasons may be anybody's words (R13.3)."""
    return text if _CODE.fullmatch(text) else ""


def person(name: str) -> str:
    """Return a person's id; "" for what may be an address."""
    return "" if "@" in name else name


def day(on: date | None) -> str:
    """Return a day as text, "" for none."""
    return "" if on is None else on.isoformat()


def told(**fields: Any) -> Data:
    """Return the fields that have something to tell: none that is None or ""."""
    return {name: value for name, value in fields.items() if value not in (None, "")}
