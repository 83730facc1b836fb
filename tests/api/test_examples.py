"""Every example of the document works, on a deployment that has what it speaks of."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from chalicelib.api.openapi import document
from chalicelib.api.operation import OPERATIONS, Operation
from tests.api.client import Answered, Api
from tests.fuzz.ledger import DISPUTED, FREE, UNSENT, Known, known, let_it_wait

# What an example is about where it is not the first of its kind: something in another state.
ABOUT = {
    "POST /v1/accounts/{account_id}/invoices/{invoice_id}/deliver": {"invoice_id": UNSENT},
    "POST /v1/accounts/{account_id}/invoices/{invoice_id}/dispute/resolve": {
        "invoice_id": DISPUTED
    },
    "POST /v1/accounts/{account_id}/charges/{charge_id}/reinstate": {
        "charge_id": "R-2024-0031:late_fee_60:percent"
    },
    "POST /v1/accounts/{account_id}/legal_stops/end": {"account_id": FREE},
    "POST /v1/accounts/{account_id}/reply_waiting/end": {"account_id": FREE},
    "POST /v1/accounts/{account_id}/resume": {"account_id": FREE},
    "PUT /v1/policies/{policy_id}": {"policy_id": "careful"},
    "POST /v1/policies/{policy_id}/simulate": {"policy_id": "careful"},
}
WITH_A_BODY = [one for one in OPERATIONS if one.body is not None]


@pytest.fixture(scope="module")
def filled() -> Known:
    return known()


def path_of(one: Operation, filled: Known) -> str:
    ids = {name: values[0] for name, values in filled.ids.items()} | ABOUT.get(one.route, {})
    return re.sub(r"{(\w+)}", lambda found: ids[found[1]], one.path)


def examples(one: Operation) -> Iterator[Any]:
    assert one.body is not None
    yield from one.body.model_json_schema().get("examples", [])


def call(one: Operation, filled: Known, body: Any) -> Answered:
    """Call as Anna, who may do all, and who has read what she changes."""
    anna = Api(copy.deepcopy(filled.machine))
    if one.path.startswith("/v1/runs/"):
        let_it_wait(anna.machine)
    path = path_of(one, filled)
    headers = {"Idempotency_Key": "example"}
    if one.matches:
        read = anna.get(path)
        headers |= {"If_Match": read.headers["ETag"]} if read.status == 200 else {}
    return anna.call(one.method, path, body, **headers)


@pytest.mark.parametrize("one", WITH_A_BODY, ids=lambda one: one.route)
def test_an_example_is_answered_well(one: Operation, filled: Known) -> None:
    given = list(examples(one))

    answers = [call(one, filled, body) for body in given]

    assert answers, "a body has an example"
    assert [answer.status for answer in answers if answer.status not in one.answers] == [], [
        answer.text for answer in answers
    ]
    for answer in answers:  # of a batch: every row
        assert not [row for row in answer.body.get("data", []) if row.get("errors")], answer.text


def queries(one: Operation) -> Iterator[dict[str, str]]:
    """What is required, then this with all of the others that show an example."""
    described = document()["paths"][one.path][one.method.lower()]["parameters"]
    shown = [each for each in described if each["in"] == "query"]
    first = {each["name"]: each["schema"].get("examples", [""])[0] for each in shown}
    needed = {each["name"]: first[each["name"]] for each in shown if each["required"]}
    yield needed
    yield {name: value for name, value in first.items() if value}


@pytest.mark.parametrize(
    "one", [one for one in OPERATIONS if one.method == "GET"], ids=lambda one: one.route
)
def test_all_that_is_there_can_be_read(one: Operation, filled: Known) -> None:
    bert = Api(copy.deepcopy(filled.machine))

    for query in queries(one):
        answer = bert.get(f"{path_of(one, filled)}?{urlencode(query)}")
        assert answer.status == 200, answer.text
