"""Every published vector is shown to hold by a test here, or `docs/vectors.md` says why not."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from tests.real.left_out import LEFT_OUT
from tests.real.vectors import SHOWN, known

ROW = re.compile(r"\| (?P<id>[A-Z][\w-]*) \| (?P<topic>[\w.+]+) \| (?P<why>.+) \|")


def documented(project: Path) -> list[tuple[str, str, str]]:
    lines = (project / "docs" / "vectors.md").read_text("utf-8").splitlines()
    return [(row["id"], row["topic"], row["why"]) for row in map(ROW.fullmatch, lines) if row]


def test_the_page_lists_what_is_left_out_with_the_same_reasons(project: Path) -> None:
    assert documented(project) == [(name, *why) for name, why in LEFT_OUT.items()]


def test_every_vector_is_either_shown_or_left_out() -> None:
    if not known():
        pytest.skip("needs ../shared/vectors, which is not here")
    for module in Path(__file__).parent.glob("test_*.py"):
        import_module(f"tests.real.{module.stem}")
    topics = {vector["id"]: vector["topic"] for vector in known()}

    assert set(topics) == SHOWN | set(LEFT_OUT)
    assert {name: topics[name] for name in LEFT_OUT} == {
        name: topic for name, (topic, _) in LEFT_OUT.items()
    }


def test_the_page_counts_what_holds_and_what_does_not(project: Path) -> None:
    if not known():
        pytest.skip("needs ../shared/vectors, which is not here")
    kinds = Counter(vector["id"] in LEFT_OUT for vector in known())

    page = (project / "docs" / "vectors.md").read_text("utf-8")

    assert f"Of {len(known())} vectors {kinds[False]} hold whole" in page
    assert f"the other {kinds[True]} are below" in page
