"""The OpenAPI document: valid, served, and the same as the routes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from app import app
from chalicelib.api.openapi import document
from chalicelib.api.operation import OPERATIONS, Operation
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.api.client import Api
from tests.flows.machine import Machine

NOT_DESCRIBED = {("GET", path) for path in ("/openapi.json", "/docs", "/events.schema.json")}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document()


def test_the_document_is_valid(described: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(described).validate()


def test_the_document_names_every_route_and_no_other(described: dict[str, Any]) -> None:
    routes = {(method, path) for path, methods in app.routes.items() for method in methods}
    named = {(m.upper(), path) for path, methods in described["paths"].items() for m in methods}

    finance = {one for one in routes if not one[1].startswith("/agency/")}
    assert named == finance - NOT_DESCRIBED


def test_every_route_but_health_asks_who_calls() -> None:
    public = {one.route for one in OPERATIONS if not one.roles}

    assert public == {"GET /v1/health"}
    guarded = {
        (method, path)
        for path, methods in app.routes.items()
        for method, entry in methods.items()
        if entry.authorizer is not None and not path.startswith("/agency/")
    }
    assert guarded == {(one.method, one.path) for one in OPERATIONS if one.roles}


def test_the_bounds_of_parameters_are_told_in_the_words_of_the_standard(
    described: dict[str, Any],
) -> None:
    schemas = {
        one["name"]: one["schema"]
        for one in described["paths"]["/v1/interest"]["get"]["parameters"]
    }

    principal = schemas["principal_minor"]
    assert (principal["minimum"], principal["maximum"]) == (1, 10**15 - 1)
    assert all(isinstance(one, int) for one in principal["examples"])
    assert '"ge"' not in json.dumps(described["paths"])
    assert '"le"' not in json.dumps(described["paths"])


def test_operation_ids_are_unique(described: dict[str, Any]) -> None:
    ids = [one["operationId"] for path in described["paths"].values() for one in path.values()]

    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.route)
def test_a_route_says_what_it_does_and_answers(one: Operation) -> None:
    assert one.summary
    assert one.view.__doc__
    assert one.answers
    assert re.fullmatch(r"/v1(/[a-z_]+|/{[a-z_]+})+", one.path), "plural snake_case nouns"


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.route)
def test_without_a_token_nothing_is_answered(one: Operation) -> None:
    if not one.roles:
        pytest.skip("public")
    path = re.sub(r"{\w+}", "X1", one.path)

    answer = Api(Machine(), roles="").call(one.method, path)

    assert answer.status == 401


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.route)
def test_a_wrong_role_is_refused_before_anything_is_read(one: Operation) -> None:
    if not one.roles:
        pytest.skip("public")
    path = re.sub(r"{\w+}", "X1", one.path)

    answer = Api(Machine(), roles="agency").call(one.method, path)

    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize(
    "one", [one for one in OPERATIONS if one.body is not None], ids=lambda one: one.route
)
def test_an_example_of_every_body_is_one(one: Operation) -> None:
    assert one.body is not None
    examples = one.body.model_json_schema().get("examples", [])

    assert examples, "the document shows at least one example"
    for example in examples:
        one.body.model_validate_json(json.dumps(example))


def test_the_document_and_its_page_are_served_without_asking_anyone_else() -> None:
    api = Api(Machine(), roles="")

    served = api.get("/openapi.json")
    page = api.get("/docs")

    assert served.body == json.loads(json.dumps(document()))
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_every_answer_has_a_request_id() -> None:
    api = Api(Machine())

    assert api.get("/v1/health", X_Request_Id="my-id-7").headers["X-Request-Id"] == "my-id-7"
    refused = api.get("/v1/accounts/A9/hold", X_Request_Id="my-id-8")
    assert refused.body["request_id"] == refused.headers["X-Request-Id"] == "my-id-8"
    assert api.get("/v1/health", X_Request_Id="bad id").headers["X-Request-Id"] != "bad id"
