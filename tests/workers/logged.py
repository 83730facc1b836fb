"""What a deployment's functions log, as the lines that CloudWatch would get."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.telemetry import SERVICE, logger


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(logger.registered_formatter.format(record)))


@contextmanager
def logged() -> Iterator[list[dict[str, Any]]]:
    """Collect the lines while the context lasts, each with all of its keys."""
    handler = _Lines()
    logging.getLogger(SERVICE).addHandler(handler)
    try:
        yield handler.lines
    finally:
        logging.getLogger(SERVICE).removeHandler(handler)
