"""The fetch of an issuer's keys over HTTP: bounded in time and size, and never led elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from chalicelib.core.errors import UnavailableError
from chalicelib.identity.jwks import BYTES_MAX, fetch_json

ANSWERS: dict[str, tuple[int, bytes]] = {
    "/keys": (200, b'{"keys": []}'),
    "/moved": (302, b""),
    "/broken": (200, b"<html>"),
    "/huge": (200, b'"' + b"x" * BYTES_MAX + b'"'),
    "/deep": (200, b"[" * BYTES_MAX),
    "/error": (500, b"{}"),
    "/latin": (200, b"\xff\xff"),
}


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, content = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Location", "/keys")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_json_is_read(url: str) -> None:
    assert fetch_json(f"{url}/keys") == {"keys": []}


@pytest.mark.parametrize("path", ["/moved", "/broken", "/huge", "/deep", "/error", "/latin"])
def test_anything_else_is_no_answer(url: str, path: str) -> None:
    with pytest.raises(UnavailableError):
        fetch_json(url + path)


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(UnavailableError):
        fetch_json("http://127.0.0.1:1/keys")
