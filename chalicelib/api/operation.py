"""The view decorator: reads, checks, answers, and remembers what the document says (api.md).

One declaration for each route; validation, roles, problems, idempotency and the OpenAPI document
come from it, so that document and behaviour cannot differ.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import unquote

from chalice.app import Blueprint, Request, Response
from pydantic import BaseModel

from chalicelib.api.authorizer import authz
from chalicelib.api.call import Call
from chalicelib.api.conditions import (
    check_replay_key,
    etags,
    names_etag,
    replay_key,
)
from chalicelib.api.conditions import request_id as request_id_of
from chalicelib.api.csv_answers import CSV, NEXT_CURSOR, CsvReply
from chalicelib.api.letting_in import let_agency_in, let_in
from chalicelib.api.problems import problem, status_of
from chalicelib.api.reading import read_body, read_path, read_query
from chalicelib.api.shapes.base import ListQuery
from chalicelib.core.errors import PastdueError
from chalicelib.flows.desk import Caller, Reply, answered_before, etag_of
from chalicelib.flows.principal import AGENCY, Principal
from chalicelib.telemetry import about, follow, logger
from chalicelib.wiring import deps

BODY_BYTES_MAX = 262_144
NOBODY = Principal("", frozenset())
View = Callable[[Call], Reply]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What is declared of a route.

    `roles` none: anyone, without a token. `answers`: the shapes by status. `needs_key`: an
    Idempotency-Key is required; elsewhere a writing call may have one. `etag`: the answer carries
    one; with names: of these fields only, because the others follow from elsewhere. `matches`: a
    change of what is there needs If-Match. `problems`: statuses beyond those that every such route
    can answer. `scope`: the route is for agencies alone, and their key needs it.
    """

    method: Method
    path: str
    summary: str
    description: str
    tag: str
    roles: frozenset[str]
    answers: Mapping[int, type[BaseModel]]
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    needs_key: bool
    etag: bool | tuple[str, ...]
    problems: frozenset[int]
    body_bytes_max: int
    media_types: tuple[str, ...]
    scope: str
    view: View

    @property
    def matches(self) -> bool:
        """Whether a change of what is there needs If-Match (428)."""
        return self.method in ("PUT", "PATCH")

    @property
    def route(self) -> str:
        """The operation in words: its method and path."""
        return f"{self.method} {self.path}"


OPERATIONS: list[Operation] = []  # of finance
AGENCY_OPERATIONS: list[Operation] = []


def operation(  # noqa: PLR0913 - one declaration of all that a route is
    blueprint: Blueprint,
    method: Method,
    path: str,
    *,
    summary: str,
    roles: Collection[str],
    answers: Mapping[int, type[BaseModel]],
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    needs_key: bool = False,
    etag: bool | tuple[str, ...] = False,
    problems: Collection[int] = (),
    body_bytes_max: int = BODY_BYTES_MAX,
    media_types: tuple[str, ...] = ("application/json",),
    scope: str = "",
) -> Callable[[View], View]:
    """Return the decorator that makes a view the route's, and returns the view as it was."""
    assert (set(roles) == {AGENCY}) == bool(scope), "a route is for agencies alone, with a scope"

    def decorate(view: View) -> View:
        declared = Operation(
            method=method,
            path=path,
            summary=summary,
            description=" ".join((view.__doc__ or "").split()),
            tag=_noun(path),
            roles=frozenset(roles),
            answers=answers,
            body=body,
            query=query,
            needs_key=needs_key,
            etag=etag or _is_single_read(method, query, media_types),
            problems=frozenset(problems),
            body_bytes_max=body_bytes_max,
            media_types=media_types,
            scope=scope,
            view=view,
        )
        (AGENCY_OPERATIONS if scope else OPERATIONS).append(declared)

        @functools.wraps(view)
        def handler(**path_values: str) -> Response:
            return _answer(declared, blueprint.current_request, path_values)

        options: dict[str, Any] = {"authorizer": authz} if roles else {}
        # Chalice would refuse other media types in words of its own; `read_body` does it in ours.
        blueprint.route(path, methods=[method], content_types=["*/*"], **options)(handler)
        return view

    return decorate


def _is_single_read(
    method: Method, query: type[BaseModel] | None, media_types: tuple[str, ...]
) -> bool:
    """Whether a route reads one thing: its answer carries an ETag (api.md, concurrency)."""
    is_list = query is not None and issubclass(query, ListQuery)
    return method == "GET" and not is_list and media_types == ("application/json",)


def _noun(path: str) -> str:
    """Return the noun that a route is about: the one under an account, else the first."""
    said = path.removeprefix("/agency").split("/")[2:]
    nouns = [part for part in said if part and not part.startswith("{")]
    noun = nouns[1] if nouns[0] == "accounts" and len(nouns) > 1 else nouns[0]
    return {"hold": "holds"}.get(noun, noun)


def _answer(declared: Operation, request: Request, path_values: Mapping[str, str]) -> Response:
    request_id = request_id_of(request)
    follow(request_id)
    about({name: unquote(value) for name, value in path_values.items()})
    logger.append_keys(request_id=request_id, route=declared.route)
    try:
        reply = _reply(declared, request, path_values, request_id)
        return _response(declared, reply, request_id, etags(request, "If-None-Match"))
    except Exception as error:  # Chalice would answer our mistakes in words of its own
        status = status_of(error)
        if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.exception("a view failed")
        else:
            code = error.code if isinstance(error, PastdueError) else ""
            logger.info("refused", extra={"code": code, "status": int(status)})
        return _problem_response(error, status, request_id)


def _reply(
    declared: Operation, request: Request, path_values: Mapping[str, str], request_id: str
) -> Reply:
    """Read and check a request, in this order: who, role, path, query, body, key; then answer it."""
    now = deps().now()
    principal = _let_in(declared, request, now)
    path = read_path({name: unquote(value) for name, value in path_values.items()})
    given = request.query_params
    asked = {name: given.getlist(name) for name in given} if given else {}
    query = read_query(declared.query or _NoQuery, asked)
    body = None
    if declared.body is not None:
        media = request.headers.get("content-type", "")
        sent = request.raw_body
        raw = sent.encode() if isinstance(sent, str) else sent
        body = read_body(declared.body, media, raw, declared.body_bytes_max)
    key = None
    if declared.method != "GET" and not declared.scope:  # an agency's writes have ids of their own
        about = principal.id, declared.method, declared.path.format(**path)
        key = replay_key(request, about, (query, body))
        if declared.needs_key:
            check_replay_key(key)
    caller = Caller(
        principal=principal,
        at=now,
        request_id=request_id,
        replay_key=key,
        if_match=etags(request, "If-Match"),
        must_match=declared.matches,
    )
    if key is not None:
        given_before = answered_before(deps().ports.accounts, caller)
        if given_before is not None:
            return given_before
    accept = request.headers.get("accept", "")
    has = etags(request, "If-None-Match")
    return declared.view(Call(declared.route, caller, path, body, query, accept, has))


class _NoQuery(BaseModel, extra="forbid"):
    """A call without query parameters."""


def _let_in(declared: Operation, request: Request, now: datetime) -> Principal:
    if not declared.roles:
        return NOBODY
    context = request.context.get("authorizer") or {}
    if declared.scope:
        return let_agency_in(context, declared.scope, deps().ports.keys, now)
    return let_in(context, declared.roles, now)


def _response(declared: Operation, reply: Reply, request_id: str, has: str) -> Response:
    """Return a reply in the shape that the operation declares; another shape is our mistake."""
    if isinstance(reply, CsvReply):
        return _csv_response(reply, request_id)
    shape = declared.answers[reply.status]
    headers = _headers(request_id, "application/json")
    if reply.location:
        headers["Location"] = reply.location
    if reply.is_replayed:
        headers["Idempotent-Replayed"] = "true"
    if declared.etag:
        names = declared.etag if isinstance(declared.etag, tuple) else tuple(reply.body)
        headers["ETag"] = etag_of({name: reply.body[name] for name in names})
        if declared.scope and reply.status == HTTPStatus.OK and names_etag(has, headers["ETag"]):
            return Response(status_code=304, body="", headers=headers)
    content = shape.model_validate(reply.body).model_dump_json(exclude_unset=True)
    return Response(status_code=reply.status, body=content, headers=headers)


def _csv_response(reply: CsvReply, request_id: str) -> Response:
    headers = _headers(request_id, f"{CSV}; charset=utf-8")
    if reply.next_cursor is not None:
        headers[NEXT_CURSOR] = reply.next_cursor
    return Response(status_code=reply.status, body=reply.text, headers=headers)


def _problem_response(error: Exception, status: HTTPStatus, request_id: str) -> Response:
    headers = _headers(request_id, "application/problem+json")
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    body = json.dumps(problem(error, request_id), ensure_ascii=False)
    return Response(status_code=int(status), body=body, headers=headers)


def _headers(request_id: str, media_type: str) -> dict[str, Any]:
    """Return the headers of every answer. It is about credit, and of this moment: no cache keeps it."""
    return {
        "Content-Type": media_type,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": request_id,
    }
