"""Calls of an HTTP API that speaks JSON: what a client of Pastdue in any language would need."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.errors import PastdueError

TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: its status, its headers, and what its body says (an object, `{}` of none)."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]


# A call: method, path with its query, headers, body or nothing.
Send = Callable[[str, str, Mapping[str, str], bytes | None], Answered]


class RefusedCallError(PastdueError):
    """The API answered a call with a problem; the message is what it says."""

    code = "call_refused"

    def __init__(self, call: str, answer: Answered) -> None:
        said = str(answer.body.get("detail") or answer.body.get("title") or "no reason given")
        parts = [*answer.body.get("errors", ()), *answer.body.get("blockers", ())]
        lines = "".join(f"\n  {part.get('detail', part)}" for part in parts)
        super().__init__(f"{call} was answered {answer.status}: {said}{lines}")
        self.answer = answer


@dataclass(slots=True)
class Caller:
    """Calls an API with one token. `new_id` names a writing call, so that a repeat is done once."""

    send: Send
    token: str = field(repr=False)
    new_id: Callable[[], str] = lambda: uuid.uuid4().hex

    def get(self, path: str) -> Mapping[str, Any]:
        """Return what a GET answers.

        Raises:
            RefusedCallError: the API answered with a problem.
        """
        return self.call("GET", path).body

    def post(self, path: str, body: Any, **headers: str) -> Mapping[str, Any]:
        """Return what a POST answers; raises as `get`."""
        return self.call("POST", path, body, headers).body

    def put(self, path: str, body: Any) -> Mapping[str, Any]:
        """Return what a PUT answers; raises as `get`."""
        return self.call("PUT", path, body).body

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Return the answer of a call; raises as `get`."""
        answer = self.ask(method, path, body, headers)
        if answer.status >= 400:  # noqa: PLR2004 - where HTTP's refusals begin
            raise RefusedCallError(f"{method} {path}", answer)
        return answer

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Return the answer of a call, whatever it is."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if method == "POST":
            sent.setdefault("Idempotency-Key", self.new_id())
        content = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        return self.send(method, path, sent, content)


def over_http(base_url: str, timeout_s: float = TIMEOUT_S) -> Send:
    """Return what sends calls to an API by its base URL (http or https)."""

    def send(method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Answered:
        request = urllib.request.Request(  # noqa: S310 - the URL is the command's own
            f"{base_url}{path}", data=content, headers=dict(headers), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310 - same
                return Answered(answer.status, dict(answer.headers), as_object(answer.read()))
        except urllib.error.HTTPError as error:
            with error:
                return Answered(error.code, dict(error.headers), as_object(error.read()))

    return send


def as_object(content: bytes) -> Mapping[str, Any]:
    """Return what a body says; of what is no JSON object, something that says so."""
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        found = {"detail": "the answer is no JSON"}
    return found if isinstance(found, dict) else {"values": found}
