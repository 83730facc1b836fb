"""Every example of the document works, on a deployment that has what it speaks of."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from chalicelib.api.openapi import document
from chalicelib.api.operation import OPERATIONS, Operation
from tests.api.client import Api
from tests.fuzz.ledger import Known, known
from tests.fuzz.steps import WITH_A_BODY, call, examples, path_of


@pytest.fixture(scope="module")
def filled() -> Known:
    return known()


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    """The document's routes: made once, it takes a third of a second."""
    found: dict[str, Any] = document()["paths"]
    return found


def queries(described: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """What is required, then this with all of the others that show an example."""
    shown = [each for each in described if each["in"] == "query"]
    first = {each["name"]: each["schema"].get("examples", [""])[0] for each in shown}
    yield {each["name"]: first[each["name"]] for each in shown if each["required"]}
    yield {name: value for name, value in first.items() if value}


@pytest.mark.parametrize("one", WITH_A_BODY, ids=lambda one: one.route)
def test_an_example_is_answered_well(one: Operation, filled: Known) -> None:
    given = list(examples(one))

    answers = [call(one, filled, copy.deepcopy(filled.machine), body) for body in given]

    assert answers, "a body has an example"
    assert [answer.text for answer in answers if answer.status not in one.answers] == []
    for answer in answers:  # of a batch: every row
        assert not [row for row in answer.body.get("data", []) if row.get("errors")], answer.text


@pytest.mark.parametrize(
    "one", [one for one in OPERATIONS if one.method == "GET"], ids=lambda one: one.route
)
def test_all_that_is_there_can_be_read(
    one: Operation, filled: Known, paths: dict[str, Any]
) -> None:
    bert = Api(copy.deepcopy(filled.machine))

    for query in queries(paths[one.path][one.method.lower()]["parameters"]):
        answer = bert.get(f"{path_of(one, filled)}?{urlencode(query)}")
        assert answer.status == 200, answer.text
