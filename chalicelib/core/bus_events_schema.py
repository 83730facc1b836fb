"""The catalogue as a JSON Schema document: what a consumer checks every event with."""

from __future__ import annotations

from typing import Any

from chalicelib.core.bus_events import ID_DIGITS, ID_PREFIX
from chalicelib.core.bus_events_fields import AMOUNT_SCHEMA, FIELDS
from chalicelib.core.bus_events_types import CATALOGUE, EventType

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_ENVELOPE: dict[str, Any] = {
    "id": {
        "type": "string",
        "pattern": f"^{ID_PREFIX}[0-9a-f]{{{ID_DIGITS}}}$",
        "description": "The same for ever: an event that comes twice is to be taken once.",
    },
    "type": {"type": "string", "description": "One of the catalogue's."},
    "timestamp": {
        "type": "string",
        "format": "date-time",
        "description": "When the change was committed, UTC.",
    },
    "account_id": {"type": "string", "minLength": 1},
    "account_version": {
        "type": "integer",
        "minimum": 1,
        "description": "The account's after the change: orders the changes of an account.",
    },
    "index": {
        "type": "integer",
        "minimum": 0,
        "description": "The event's place among those of its change.",
    },
    "on": {"type": "string", "format": "date", "description": "The business day it is of."},
}


def events_schema() -> dict[str, Any]:
    """Return the JSON Schema of events: one definition for each type, any of which an event is."""
    names = sorted(CATALOGUE)
    return {
        "$schema": DRAFT,
        "title": "Pastdue events",
        "description": "What stands in `detail` on the bus, and in the body of a webhook.",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in names],
        "$defs": {
            "amount": dict(AMOUNT_SCHEMA),
            **{name: type_schema(CATALOGUE[name]) for name in names},
        },
    }


def type_schema(one: EventType) -> dict[str, Any]:
    """Return the JSON Schema of one type's events. New optional data may come: it is let through."""
    data = {
        name: {**FIELDS[name].schema, "description": FIELDS[name].meaning}
        for name in (*one.has, *one.may_have)
    }
    return {
        "type": "object",
        "description": one.when,
        "properties": {
            **_ENVELOPE,
            "type": {"const": one.name},
            "data": {"type": "object", "properties": data, "required": sorted(one.has)},
        },
        "required": [*_ENVELOPE, "data"],
    }
