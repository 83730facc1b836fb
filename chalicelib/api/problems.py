"""Errors as answers: `application/problem+json`, as RFC 9457 and api.md say."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from chalicelib.core.errors import (
    BlockedError,
    ConflictError,
    Fault,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    PastdueError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RateUnknownError,
    RefusedError,
    UnauthorizedError,
    UnavailableError,
    UnfitInputError,
    WrongStateError,
)

FAULTS_MAX = 100  # of one answer; the last line tells how many more there are
RETRY_AFTER_S = 5


class MalformedError(InvalidInputError):
    """A request cannot be read, or parts of it are not what they must be; every fault is named."""

    code = "malformed"


class TooLargeError(InvalidInputError):
    """A request's body is larger than this call takes."""

    code = "too_large"


class UnsupportedMediaError(InvalidInputError):
    """A request's body is not JSON."""

    code = "unsupported_media_type"


# The first that fits; what is none of these is our own mistake.
_STATUS: tuple[tuple[type[PastdueError], HTTPStatus], ...] = (
    (UnauthorizedError, HTTPStatus.UNAUTHORIZED),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ConflictError, HTTPStatus.CONFLICT),
    (WrongStateError, HTTPStatus.CONFLICT),
    (PreconditionFailedError, HTTPStatus.PRECONDITION_FAILED),
    (PreconditionRequiredError, HTTPStatus.PRECONDITION_REQUIRED),
    (TooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (UnsupportedMediaError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (UnfitInputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InvalidInputError, HTTPStatus.BAD_REQUEST),
    (RefusedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (RateUnknownError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)


def status_of(error: Exception) -> HTTPStatus:
    """Return the status that an error answers with; 500 for our own mistakes.

    An account that others keep changing is a matter of coming back, not of the request.
    """
    if isinstance(error, PastdueError) and error.retryable:
        return HTTPStatus.SERVICE_UNAVAILABLE
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(error: Exception, request_id: str) -> dict[str, Any]:
    """Return an error as the values of a problem document.

    What broke inside is for the log: a caller of a 5xx is told to come back, and its request id.
    """
    status = status_of(error)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": _said(error),
        "code": error.code if isinstance(error, PastdueError) else "internal_error",
        "request_id": request_id,
    }
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        body["detail"] = "try again later"
    elif status is HTTPStatus.INTERNAL_SERVER_ERROR:
        body |= {"detail": "this is our mistake; the request id finds it", "code": "internal_error"}
    elif status is HTTPStatus.UNAUTHORIZED:
        body["detail"] = "a valid token is needed"
    if isinstance(error, InvalidInputError) and error.faults:
        body["errors"] = [_fault(fault) for fault in _at_most(error.faults)]
    if isinstance(error, BlockedError):
        body["blockers"] = [
            {
                "code": blocker.code,
                "detail": blocker.detail,
                "eligible_from": blocker.eligible_from and blocker.eligible_from.isoformat(),
            }
            for blocker in error.blockers
        ]
        body["allowed_actions"] = list(error.allowed_actions)
    return body


def _fault(fault: Fault) -> dict[str, str]:
    return {"pointer": fault.where, "code": fault.code, "detail": fault.detail}


def _at_most(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    if len(faults) <= FAULTS_MAX:
        return faults
    more = Fault("", "more_faults", f"and {len(faults) - FAULTS_MAX} more faults")
    return (*faults[:FAULTS_MAX], more)


def _said(error: Exception) -> str:
    return str(error).partition("\n")[0]
