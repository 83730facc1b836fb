"""The OpenAPI 3.1 document, made from what the routes declare (api.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from chalicelib.api.csv_answers import CSV, NEXT_CURSOR
from chalicelib.api.operation import AGENCY_OPERATIONS, OPERATIONS, Operation
from chalicelib.api.shapes.agency_reports import REPORT_KINDS
from chalicelib.api.shapes.base import ID_PATTERN, KEY_PATTERN, Problem

VERSION = "1.0.0"
_ROUTE_REFERENCE = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"{(\w+)}")
_BOUNDS = {"ge": "minimum", "le": "maximum"}  # pydantic's own names, kept behind a validator
_ETAGS = "^[ -~]{0,1000}$"
_CALLERS_OWN = {"account_id", "invoice_id", "contact_id"}

DESCRIPTION = """Pastdue gives every account with overdue invoices its right next step.

Money is a whole number of minor units with an ISO 4217 currency. `*_on` is a calendar date in the
seller's zone, `*_at` an instant in UTC. Errors are `application/problem+json` with a stable `code`
and every fault at once. Writes that change money, credit status or a legal position need an
`Idempotency-Key`: the same key and body gives the first answer again."""


AGENCY_DESCRIPTION = """What an external agency reads of its placements, and what it reports.

An agency calls with a key of its own, whose scope each call names, and sees nothing but its own.
Money is a whole number of minor units with an ISO 4217 currency. `*_on` is a calendar date in the
seller's zone, `*_at` an instant in UTC. Errors are `application/problem+json` with a stable `code`
and every fault at once. What is reported has an id of the agency's own: the same id and content
again is answered the same; it is applied within a minute, and told in the feed.

Pull the feed each minute, take each event once by its `id`, and acknowledge what is kept. What has
ended answers 410 to whoever reads it, and 409 to every report but money. Fields, events and codes
may be added: pass over what you do not know. Lists with `text/csv` give CSV to who accepts that."""


def document() -> dict[str, Any]:
    """Return the document of finance's routes as plain values."""
    return _document(
        OPERATIONS, "Pastdue", DESCRIPTION, "An access token of a person, or a key of a system."
    )


def agency_document() -> dict[str, Any]:
    """Return the document of the agencies' routes as plain values."""
    return _document(
        AGENCY_OPERATIONS, "Pastdue for agencies", AGENCY_DESCRIPTION, "A key of the agency."
    )


def _document(
    operations: Iterable[Operation], title: str, description: str, token: str
) -> dict[str, Any]:
    found = sorted(operations, key=lambda o: (o.path, o.method))
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    for one in found:
        wanted += [(shape, "serialization") for shape in one.answers.values()]
        wanted += [(one.body, "validation")] if one.body else []
    names, definitions = models_json_schema(wanted, ref_template=_ROUTE_REFERENCE)
    schemas = definitions.get("$defs", {})
    paths: dict[str, dict[str, Any]] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, names)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": VERSION, "description": description},
        "servers": [{"url": "." if operations is OPERATIONS else "../.."}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": token,
                }
            },
        },
    }


def _operation(one: Operation, names: Any) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": one.view.__name__,
        "summary": one.summary,
        "description": _with_roles(one),
        "tags": [one.tag],
        "parameters": _parameters(one),
        "responses": _responses(one, names),
        "security": [{"token": []}] if one.roles else [],
    }
    if one.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": names[one.body, "validation"]}},
        }
    return described


def _with_roles(one: Operation) -> str:
    if one.scope:
        return f"{one.description} Needs a key with the scope `{one.scope}`."
    roles = ", ".join(f"`{role}`" for role in sorted(one.roles))
    return f"{one.description} For: {roles}." if roles else one.description


def _parameters(one: Operation) -> list[dict[str, Any]]:
    found = [_path_parameter(name) for name in _PARAMETER.findall(one.path)]
    if one.query is not None:
        schema = one.query.model_json_schema(ref_template=_ROUTE_REFERENCE)
        required = set(schema.get("required", ()))
        for name, value in schema["properties"].items():
            found.append(
                {"name": name, "in": "query", "required": name in required}
                | {"schema": _inlined(value, schema.get("$defs", {}))}
            )
    if one.scope and one.method == "GET" and one.etag:
        found.append(_header("If-None-Match", "The ETag of what is had already.", _ETAGS))
    if one.method != "GET" and not one.scope:
        found.append(
            _header(
                "Idempotency-Key",
                "The same key and body gives the first answer again, for 7 days.",
                "^[!-~]{1,200}$",
                required=one.needs_key,
            )
        )
        found.append(_header("If-Match", "The ETag that was read.", _ETAGS))
    return found


def _path_parameter(name: str) -> dict[str, Any]:
    pattern = ID_PATTERN if name in _CALLERS_OWN else KEY_PATTERN
    schema: dict[str, Any] = {"type": "string", "pattern": pattern}
    if name == "kind":
        schema = {"type": "string", "enum": list(REPORT_KINDS)}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _header(name: str, said: str, pattern: str, *, required: bool = False) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    where = {"name": name, "in": "header", "description": said}
    return where | {"required": required, "schema": schema}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return a parameter's schema with what it refers to put in its place."""
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if reference:
            return _inlined(definitions[reference.rpartition("/")[2]], definitions)
        return {_BOUNDS.get(key, key): _inlined(v, definitions) for key, v in schema.items()}
    if isinstance(schema, list):
        return [_inlined(value, definitions) for value in schema]
    return schema


def _responses(one: Operation, names: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, shape in one.answers.items():
        schema = names[shape, "serialization"]
        content = {kind: {"schema": _of_media(kind, schema)} for kind in one.media_types}
        said: dict[str, Any] = {"description": HTTPStatus(status).phrase, "content": content}
        said["headers"] = _answer_headers(one)
        found[str(status)] = said
    if one.scope and one.etag:
        said = {"description": "Not Modified", "headers": _answer_headers(one)}
        found["304"] = said
    for status in sorted(problem_statuses(one)):
        found[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "headers": {"X-Request-Id": _text_header("What to quote when asking about it.")},
            "content": {"application/problem+json": {"schema": names[Problem, "serialization"]}},
        }
    return found


def _of_media(kind: str, schema: Any) -> Any:
    return schema if kind == "application/json" else {"type": "string"}


def _answer_headers(one: Operation) -> dict[str, Any]:
    headers = {"X-Request-Id": _text_header("What to quote when asking about it.")}
    if one.etag:
        headers["ETag"] = _text_header("The state that was read, for If-Match.")
    if CSV in one.media_types:
        headers[NEXT_CURSOR] = _text_header("In CSV, `next_cursor`; not there at the end.")
    if one.method != "GET" and not one.scope:
        headers["Idempotent-Replayed"] = _text_header("`true`: the answer was given before.")
    return headers


def _text_header(said: str) -> dict[str, Any]:
    return {"description": said, "schema": {"type": "string"}}


def problem_statuses(one: Operation) -> set[int]:
    """Return the statuses of the problems that an operation can answer."""
    found = {400, 429, 500, 503, *one.problems}
    if one.roles:
        found |= {401, 403}
    if "{" in one.path:
        found.add(404)  # of the gateway: what is in the braces may make it another path
    if one.body is not None:
        found |= {413, 415, 422}
    if one.method != "GET":
        found |= {409, 422}
    if one.matches:
        found |= {412, 428}
    elif one.method != "GET" and not one.scope:
        found.add(412)
    return found
