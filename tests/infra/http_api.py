"""The deployed API as people and systems call it: over HTTP, with tokens of their own."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.cloud.machine import LocalCloud
from local.token_signer import Signer


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        return str(self.body["code"])


@dataclass
class Person:
    """Somebody with a token. Each writing call has a key of its own unless one is given."""

    cloud: LocalCloud
    signer: Signer
    name: str
    roles: tuple[str, ...]
    calls: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, None, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("PUT", path, body, **headers)

    def call(self, method: str, path: str, body: Any, **headers: str) -> Answer:
        """Call the deployed API, and see that the answer has the request's id."""
        self.calls.append(path)
        given = {
            "Authorization": f"Bearer {self.token()}",
            "X-Request-Id": f"{self.name}-{len(self.calls)}",
        }
        if body is not None:
            given["Content-Type"] = "application/json"
            given["Idempotency-Key"] = f"{self.name}-{len(self.calls)}"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            f"{self.cloud.stack.api_url}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers=given,
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as found:
                answer = Answer(found.status, dict(found.headers), found.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                answer = Answer(error.code, dict(error.headers), error.read().decode())
        assert answer.headers["X-Request-Id"] == given["X-Request-Id"], answer
        return answer

    def token(self) -> str:
        """Return a token that holds for an hour."""
        now = datetime.now(UTC)  # noqa: TID251 - tokens are for the deployed clock
        return self.signer.issue(self.name, self.roles, now, timedelta(hours=1))
