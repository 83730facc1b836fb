"""The API as a WSGI application over memory, so that a fuzzer can ask it thousands of questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from app import app
from chalice.test import Client
from chalicelib import wiring
from chalicelib.api.problems import problem
from chalicelib.core.errors import NotFoundError, UnauthorizedError

from tests.flows.machine import Machine
from tests.workers.deployment import FakeDeployment

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Wsgi:
    """Answers as API Gateway and the function do, except for the gateway's own 403 and 404."""

    def __init__(self, machine: Machine) -> None:
        self._deployment = FakeDeployment(machine)

    def __call__(self, environ: Mapping[str, Any], start: StartResponse) -> Iterable[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        # WSGI has decoded the path once; API Gateway hands it over encoded.
        path = "/" + quote(environ["PATH_INFO"].lstrip("/").encode("latin-1"), safe="/:@~")
        if environ.get("QUERY_STRING"):
            path += f"?{environ['QUERY_STRING']}"
        with wiring.using(self._deployment), Client(app) as client:
            answer = client.http.request(
                environ["REQUEST_METHOD"], path, headers=headers, body=body
            )
        if "X-Request-Id" not in answer.headers and not path.startswith(("/openapi.json", "/docs")):
            return self._of_the_gateway(answer.status_code, answer.body, start)
        start(f"{answer.status_code} -", [(n, str(v)) for n, v in answer.headers.items()])
        return [answer.body]

    @staticmethod
    def _of_the_gateway(status: int, body: bytes, start: StartResponse) -> Iterable[bytes]:
        """Answer what the gateway answers by itself, as `GatewayResponses` in the template words it."""
        error: Exception = UnauthorizedError()
        if b"Missing Authentication Token" in body:
            error, status = NotFoundError("there is no such call"), 404
        headers = [("Content-Type", "application/problem+json"), ("X-Request-Id", "gateway")]
        start(f"{status} -", headers)
        return [json.dumps(problem(error, "gateway")).encode()]
