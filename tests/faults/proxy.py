"""Microburst as a child process between the clients and the emulator: it breaks what it is told to.

It reads AWS's own protocols, so what it makes up is what an SDK takes for AWS's word.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cloud.emulator import HOST, free_port

START_TIMEOUT_S = 30
# It ends with its parent, however that ends: its standard input then closes.
_CHILD = """
import os, runpy, signal, sys, threading
def follow_parent():
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=follow_parent, daemon=True).start()
runpy.run_module("microburst", run_name="__main__", alter_sys=True)
"""
Rule = dict[str, Any]


@dataclass(frozen=True)
class Proxy:
    """A running proxy. Without rules it only passes on."""

    url: str

    def breaks(self, *rules: Rule) -> None:
        """Let these rules be the ones in force, each for one call unless it says `times`."""
        self._ask("POST", "rules", [{"times": 1, **rule} for rule in rules])

    def fired(self) -> list[str]:
        """Return what was done to calls since the last `forget`, in order."""
        return [one["action"] for one in self._ask("GET", "fired")]

    def forget(self) -> None:
        """Break nothing more, and forget what was broken."""
        self.breaks()
        self._ask("DELETE", "fired")

    def _ask(self, method: str, what: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_microburst/{what}", data, {"Content-Type": "application/json"},
            method=method,
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def run_proxy(folder: Path, upstream_url: str) -> Iterator[Proxy]:
    """Run a proxy in front of an emulator while the context lasts; its log is in `folder`."""
    port = free_port()
    arguments = ["--upstream", upstream_url, "--host", HOST, "--port", str(port)]
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _CHILD, *arguments],
            stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            proxy = Proxy(f"http://{HOST}:{port}")
            _wait_until_up(proxy, process)
            yield proxy
        finally:
            process.terminate()
            process.wait(10)
            if process.stdin:
                process.stdin.close()


def _wait_until_up(proxy: Proxy, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            proxy.forget()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the proxy did not start; its log is proxy.log")
