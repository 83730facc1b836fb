"""The jobs over one deployment's adapters: which handler does which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalicelib.flows.jobs import Handler
from chalicelib.flows.jobs_worker import JobsWorker
from chalicelib.wiring_ports import Ports

# Each makes a kind's handler; what it needs is loaded when it is made.
HANDLERS: Mapping[str, Callable[[Ports], Handler]] = {}


def worker(ports: Ports) -> JobsWorker:
    """Return what does jobs."""
    handlers = {kind: make(ports) for kind, make in HANDLERS.items()}
    return JobsWorker(ports.jobs, handlers, ports, ports.monotonic)
