"""How large DynamoDB says a value is: names and values in UTF-8, numbers by their digits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_CONTAINER_BYTES = 3  # of a list or map, and 1 more for each element


def item_bytes(attributes: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the bytes of an item or map, given with type letters."""
    return sum(len(name.encode()) + value_bytes(value) for name, value in attributes.items())


def value_bytes(wrapped: Mapping[str, Any]) -> int:
    """Return the bytes of one value with its type letter."""
    ((letter, value),) = wrapped.items()
    match letter:
        case "S":
            return len(value.encode())
        case "N":
            return number_bytes(value)
        case "B":
            return len(value)
        case "L":
            return _CONTAINER_BYTES + sum(1 + value_bytes(inner) for inner in value)
        case "M":
            return _CONTAINER_BYTES + len(value) + item_bytes(value)
        case _:
            return 1  # BOOL and NULL; sets are not used


def number_bytes(digits: str) -> int:
    """Return the bytes of a number: one for two significant digits and one more, and its sign."""
    significant = digits.lstrip("-").replace(".", "").strip("0")
    return math.ceil(len(significant) / 2) + 1 + digits.startswith("-")
