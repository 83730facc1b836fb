"""The finance test vectors beside the project, by topic; nothing is copied into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "finance.json"
Vector = dict[str, Any]


def known() -> list[Vector]:
    """Every vector; none where the reference data is absent."""
    if not VECTORS.is_file():
        return []
    found: list[Vector] = json.loads(VECTORS.read_text("utf-8"))
    return found


def of_topic(*topics: str, only: set[str] | None = None) -> pytest.MarkDecorator:
    """Parametrize a test by the vectors of some topics, each under its own id."""
    found = [v for v in known() if v["topic"] in topics and (only is None or v["id"] in only)]
    missing = pytest.mark.skip(reason="needs ../shared/vectors, which is not here")
    cases = [pytest.param(vector, id=vector["id"]) for vector in found]
    return pytest.mark.parametrize("vector", cases or [pytest.param({}, marks=missing)])


def minor(text: str, digits: int = 2) -> int:
    whole, _, fraction = text.partition(".")
    assert len(fraction) in (0, digits)
    return int(whole + fraction.ljust(digits, "0"))
