"""The finance test vectors beside the project, by topic or id; nothing is copied into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.real.left_out import LEFT_OUT

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "finance.json"
Vector = dict[str, Any]
# The ids that tests here show to hold: filled while the tests are collected.
SHOWN: set[str] = set()


def known() -> list[Vector]:
    """Every vector; none where the reference data is absent."""
    if not VECTORS.is_file():
        return []
    found: list[Vector] = json.loads(VECTORS.read_text("utf-8"))
    return found


def of_topic(*topics: str) -> pytest.MarkDecorator:
    """Parametrize a test by the vectors of some topics that hold whole, each under its own id."""
    found = [v for v in known() if v["topic"] in topics and v["id"] not in LEFT_OUT]
    SHOWN.update(vector["id"] for vector in found)
    return _each(found)


def in_part(*ids: str) -> pytest.MarkDecorator:
    """Parametrize a test by vectors of which a part holds, or of which it shows what ours is."""
    assert set(ids) <= set(LEFT_OUT), "a vector that holds whole is not told in part"
    return _each([vector for vector in known() if vector["id"] in ids])


def _each(vectors: list[Vector]) -> pytest.MarkDecorator:
    missing = pytest.mark.skip(reason="needs ../shared/vectors, which is not here")
    cases = [pytest.param(vector, id=vector["id"]) for vector in vectors]
    return pytest.mark.parametrize("vector", cases or [pytest.param({}, marks=missing)])


def minor(text: str, digits: int = 2) -> int:
    whole, _, fraction = text.partition(".")
    assert len(fraction) in (0, digits)
    return int(whole + fraction.ljust(digits, "0"))
