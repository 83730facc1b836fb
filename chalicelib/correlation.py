"""The id that all lines of one cause share: a run's from the schedule to its letters, a call's."""

from __future__ import annotations

import re
from contextvars import ContextVar
from datetime import date

ATTRIBUTE = "correlation_id"  # of a queue's message, beside its body
_ID = re.compile(r"[\w.:/-]{1,200}", re.ASCII)
_current: ContextVar[str] = ContextVar("correlation_id", default="")


def correlation_id() -> str:
    """Return the id of what is being done now, "" when nothing said one."""
    return _current.get()


def correlate(name: str) -> None:
    """Let this be the id of all that is done from now on, and of the messages that it sends."""
    _current.set(name)


def run_correlation(run_on: date, request_id: str) -> str:
    """Return the id of a run that the sweep starts now: its day, and which start of it this is."""
    return f"run-{run_on.isoformat()}-{request_id}"


def sent_along(value: object, otherwise: str) -> str:
    """Return the id that came with a message; `otherwise` when none did, or none that is one."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else otherwise
