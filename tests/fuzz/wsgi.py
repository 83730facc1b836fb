"""The API as a WSGI application over memory, so that a fuzzer can ask it thousands of questions."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from app import app
from chalice.test import Client
from chalicelib import wiring
from chalicelib.api.authorizer import NobodyError
from chalicelib.api.problems import problem
from chalicelib.core.errors import NotFoundError, UnauthorizedError

from tests.flows.machine import Machine
from tests.workers.deployment import FakeDeployment

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Wsgi:
    """Answers as API Gateway and the function do, with the gateway's own 401, 403 and 404."""

    def __init__(self, machine: Machine) -> None:
        self._filled = machine
        self.machine = machine

    def begin(self) -> None:
        """Go back to the machine as it was at first, so that a question can be asked again."""
        self.machine = copy.deepcopy(self._filled)

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
        try:
            with wiring.using(FakeDeployment(self.machine)), Client(app) as client:
                answer = client.http.request(
                    environ["REQUEST_METHOD"], path, headers=headers, body=body
                )
        except NobodyError:
            return _of_the_gateway(UnauthorizedError(), 401, start)
        if "X-Request-Id" not in answer.headers and not path.endswith(("/openapi.json", "/docs")):
            if b"Missing Authentication Token" in answer.body:
                return _of_the_gateway(NotFoundError("there is no such call"), 404, start)
            return _of_the_gateway(UnauthorizedError(), answer.status_code, start)
        start(f"{answer.status_code} -", [(n, str(v)) for n, v in answer.headers.items()])
        return [answer.body]


def _of_the_gateway(error: Exception, status: int, start: StartResponse) -> Iterable[bytes]:
    """Answer what the gateway answers by itself, as `GatewayResponses` in the template words it."""
    headers = [("Content-Type", "application/problem+json"), ("X-Request-Id", "gateway")]
    start(f"{status} -", headers)
    return [json.dumps(problem(error, "gateway")).encode()]
