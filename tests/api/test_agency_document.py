"""The agencies' own document and schema: valid, served, the same as the routes, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest
from app import app
from chalicelib.api.agency_docs import json_schema
from chalicelib.api.openapi import agency_document, document
from chalicelib.api.operation import AGENCY_OPERATIONS, OPERATIONS, Operation
from chalicelib.core.agency_lines import TYPES
from chalicelib.core.placement_money import BECAUSE
from chalicelib.flows.agency_money_ids import OF_MONEY
from chalicelib.flows.api_keys import SCOPES
from chalicelib.flows.ports_agency import ReportKind
from chalicelib.flows.principal import AGENCY
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it has no types
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.api.agency_calls import with_offer
from tests.api.client import Api
from tests.flows.machine import Machine

SERVED = {"/agency/v1/openapi.json", "/agency/v1/schema.json", "/agency/v1/docs"}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return agency_document()


def test_the_agencies_document_is_valid(described: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(described).validate()


def test_the_agencies_document_names_every_route_of_theirs_and_no_other(
    described: dict[str, Any],
) -> None:
    routes = {
        (method, path)
        for path, methods in app.routes.items()
        for method in methods
        if path.startswith("/agency/") and path not in SERVED
    }
    named = {(m.upper(), path) for path, methods in described["paths"].items() for m in methods}

    assert named == routes
    assert not any(path.startswith("/agency/") for path in document()["paths"])


def test_every_route_of_agencies_asks_who_calls_and_for_a_scope() -> None:
    guarded = {
        (method, path)
        for path, methods in app.routes.items()
        for method, entry in methods.items()
        if path.startswith("/agency/") and entry.authorizer is not None
    }

    assert guarded == {(one.method, one.path) for one in AGENCY_OPERATIONS}
    assert {one.roles for one in AGENCY_OPERATIONS} == {frozenset({AGENCY})}
    assert {one.scope for one in AGENCY_OPERATIONS} == set(SCOPES)
    assert not any(AGENCY in one.roles for one in OPERATIONS)


def test_operation_ids_are_unique(described: dict[str, Any]) -> None:
    ids = [one["operationId"] for path in described["paths"].values() for one in path.values()]

    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("one", AGENCY_OPERATIONS, ids=lambda one: one.route)
def test_a_route_of_agencies_says_what_it_does_and_answers(one: Operation) -> None:
    assert one.summary
    assert one.view.__doc__
    assert one.answers
    assert re.fullmatch(r"/agency/v1(/[a-z_]+|/{[a-z_]+})+", one.path)
    for example in one.body.model_json_schema()["examples"] if one.body else ():
        assert one.body
        one.body.model_validate_json(json.dumps(example))


def test_what_an_agency_does_not_need_is_not_asked_of_it(described: dict[str, Any]) -> None:
    names = {
        parameter["name"]
        for path in described["paths"].values()
        for one in path.values()
        for parameter in one["parameters"]
    }

    assert not names & {"Idempotency-Key", "If-Match"}


def test_every_kind_of_event_and_of_report_is_in_the_document(described: dict[str, Any]) -> None:
    shapes = described["components"]["schemas"]
    event, report = (shapes[name]["properties"] for name in ("FeedEventAnswer", "ReportAnswer"))
    reads = described["paths"]["/agency/v1/reports/{kind}/{report_id}"]["get"]
    (path_kind,) = (one for one in reads["parameters"] if one["name"] == "kind")

    assert set(event["type"]["examples"]) == set(TYPES)
    for type_ in TYPES:
        assert f"`{type_}`: " in event["type"]["description"]
    for because in (*BECAUSE.values(), *OF_MONEY, "fee", "credit_note", "correction"):
        assert f"`{because}`" in event["type"]["description"]
    kinds = sorted({*get_args(ReportKind)} - {"confirmation"})
    assert sorted(path_kind["schema"]["enum"]) == kinds
    assert all(kind in report["kind"]["description"] for kind in kinds)


def test_the_schema_is_one_and_a_dossier_is_of_it() -> None:
    agency, placement_id = with_offer()
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    dossier = agency.get(f"/placements/{placement_id}").body
    feed = agency.get("/feed").body

    for name, value in (("DossierAnswer", dossier), ("FeedAnswer", feed)):
        Draft202012Validator(schema | {"$ref": f"#/$defs/{name}"}).validate(value)
    wrong = Draft202012Validator(schema | {"$ref": "#/$defs/DossierAnswer"})
    assert not wrong.is_valid(dossier | {"risk_score": 7})


def test_document_schema_and_page_are_served_without_asking_anyone_else() -> None:
    api = Api(Machine(), roles="")

    assert api.get("/agency/v1/openapi.json").body == json.loads(json.dumps(agency_document()))
    assert api.get("/agency/v1/schema.json").body == json.loads(json.dumps(json_schema()))
    page = api.get("/agency/v1/docs")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)
    assert "/v1/accounts" not in page.text
