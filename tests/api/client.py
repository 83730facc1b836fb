"""The API as a caller sees it, over memory: who calls, what is asked, what is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app import app
from chalice.test import Client
from chalicelib import wiring
from tests.flows.machine import Machine
from tests.workers.deployment import FakeDeployment

WHY = {"reason_code": "goodwill", "note": "Agreed by phone."}


@dataclass
class Answered:
    """An answer, read."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def pointers(self) -> list[str]:
        return [fault["pointer"] for fault in self.body["errors"]]


@dataclass
class Api:
    """Calls of one person with some roles. Each writing call has a key of its own unless given."""

    machine: Machine
    roles: str = "viewer,collector,approver,admin,service"
    who: str = "anna"
    calls: list[int] = field(default_factory=list)

    def as_(self, roles: str, who: str = "anna") -> Api:
        """Return the API as another principal calls it."""
        return Api(self.machine, roles, who, self.calls)

    def get(self, path: str, **headers: str) -> Answered:
        return self.call("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answered:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answered:
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Answered:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answered:
        return self.call("DELETE", path, None, **headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answered:
        """Call the API. Underscores in a header's name stand for hyphens; "" leaves it out."""
        self.calls.append(1)
        sent = {"Authorization": f"Bearer test {self.roles} {self.who}"} if self.roles else {}
        if body is not None:
            sent["Content-Type"] = "application/json"
        if method == "POST":
            sent["Idempotency-Key"] = f"call-{len(self.calls)}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        with wiring.using(FakeDeployment(self.machine)), Client(app) as client:
            given = {name: value for name, value in sent.items() if value}
            answer = client.http.request(method, path, headers=given, body=raw)
        return Answered(answer.status_code, dict(answer.headers), answer.body.decode())


@contextmanager
def calling(machine: Machine | None = None, roles: str = Api.roles) -> Iterator[Api]:
    """Give the API over a machine."""
    yield Api(machine or Machine(), roles)
