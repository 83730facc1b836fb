"""How routes answer: problems as RFC 9457 says, and query parameters read strictly (api.md)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from http import HTTPStatus
from typing import Any

from chalice.app import Request, Response

from chalicelib.core.errors import (
    ConflictError,
    Fault,
    InvalidInputError,
    NotFoundError,
    PastdueError,
    RefusedError,
    UnavailableError,
)

# The first that fits; what is none of these is our own mistake and stays an exception.
_STATUS: tuple[tuple[type[PastdueError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ConflictError, HTTPStatus.CONFLICT),
    (InvalidInputError, HTTPStatus.BAD_REQUEST),
    (RefusedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)


class QueryError(InvalidInputError):
    """A query parameter is unknown, or its value is not one."""

    code = "invalid_query"


def answered(body: Mapping[str, Any]) -> Response:
    """Return a body as JSON, not to be cached: it is about credit, and of this moment."""
    return _response(HTTPStatus.OK, body, "application/json")


def problem(error: PastdueError, request_id: str) -> Response:
    """Return an error as `application/problem+json`; what is no answer to a caller is raised.

    Raises:
        PastdueError: the error itself, if it is our own mistake.
    """
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), None)
    if status is None:
        raise error
    faults = error.faults if isinstance(error, InvalidInputError) else ()
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        # A fault inside is for the log: a caller is told to come back, not what broke.
        "detail": "try again later" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _said(error),
        "code": error.code,
        "request_id": request_id,
    }
    if faults:
        body["errors"] = [
            {"pointer": fault.where, "code": fault.code, "detail": fault.detail} for fault in faults
        ]
    headers = {"Retry-After": "5"} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return _response(status, body, "application/problem+json", headers)


def query(request: Request, allowed: Collection[str]) -> dict[str, str]:
    """Return the query parameters.

    Raises:
        QueryError: one is not known here; every one is listed.
    """
    values = dict(request.query_params or {})
    faults = [
        Fault(name[:64], "unknown_parameter", "is not a parameter of this call")
        for name in sorted(values.keys() - set(allowed))
    ]
    if faults:
        raise QueryError("the query cannot be answered", faults)
    return values


def day(values: Mapping[str, str], name: str) -> date | None:
    """Return a query parameter as a day, None when it is not there.

    Raises:
        QueryError: it is not a date such as 2024-03-18.
    """
    text = values.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fault = Fault(name, "not_a_date", f"{text[:40]!r} is not a date such as 2024-03-18")
        raise QueryError("the query cannot be answered", [fault]) from None


def _said(error: PastdueError) -> str:
    return str(error).partition("\n")[0]


def _response(
    status: HTTPStatus,
    body: Mapping[str, Any],
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    return Response(
        status_code=int(status),
        body=json.dumps(body, ensure_ascii=False),
        headers={"Content-Type": media_type, "Cache-Control": "no-store", **(headers or {})},
    )
