"""What a call's headers say of it: its request id, idempotency key, and what was read before."""

from __future__ import annotations

import hashlib
import json
import re

from chalice.app import Request
from pydantic import BaseModel

from chalicelib.api.problems import MalformedError
from chalicelib.core.errors import Fault
from chalicelib.flows.desk import ReplayKey

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_KEY = re.compile(r"[!-~]{1,200}")
_ETAGS_MAX = 1_000  # characters


def replay_key(
    request: Request, about: tuple[str, str, str], said: tuple[BaseModel, BaseModel | None]
) -> ReplayKey | None:
    """Return the call's idempotency key, None when it has none.

    `about`: who calls, method and path. It is bound to them, so that no caller can replay another's
    answer; `said`: query and body, which come the same again.

    Raises:
        MalformedError: it cannot be a key.
    """
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        fault = Fault("Idempotency-Key", "bad_key", "must be 1 to 200 printable ASCII characters")
        raise MalformedError("the Idempotency-Key cannot be taken", [fault])
    # As it was sent: to leave a field out of a PATCH is not to say its default.
    query, body = (one and one.model_dump_json(exclude_unset=True) for one in said)
    return ReplayKey(_hash(*about, given), _hash(query or "", body or ""))


def check_replay_key(key: ReplayKey | None) -> None:
    """Refuse a call without an idempotency key where one is required.

    Raises:
        MalformedError: it has none.
    """
    if key is None:
        detail = "is required: a key of your own for each change, sent again on each retry"
        fault = Fault("Idempotency-Key", "missing", detail)
        raise MalformedError("the call has no Idempotency-Key", [fault])


def etags(request: Request, header: str) -> str:
    """Return `If-Match` or `If-None-Match`, "" for none.

    Raises:
        MalformedError: it is too long.
    """
    given = str(request.headers.get(header, ""))
    if len(given) > _ETAGS_MAX:
        fault = Fault(header, "too_long", f"may have {_ETAGS_MAX} characters")
        raise MalformedError(f"the {header} header cannot be taken", [fault])
    return given


def names_etag(if_none_match: str, etag: str) -> bool:
    """Return whether the caller has what has this ETag: `If-None-Match` names it, or all."""
    named = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return etag in named or "*" in named


def request_id(request: Request) -> str:
    """Return the caller's request id where it may be taken, else the gateway's."""
    given = request.headers.get("x-request-id", "")
    if _REQUEST_ID.fullmatch(given):
        return str(given)
    return str(request.context.get("requestId", "")) or "none"


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
