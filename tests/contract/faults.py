"""What may go wrong between a process and the table, made to happen at one chosen call."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ReadTimeoutError
from chalicelib.store.tables import Table, client_of


class Killed(BaseException):
    """The process ended here; nothing in it could catch that."""


class Calls:
    """Counts the calls of a table's client, and lets chosen ones go wrong."""

    def __init__(self) -> None:
        self.count = 0
        self.operations: list[str] = []


@contextmanager
def calls(table: Table, *, kill_before: int = -1, lose_reply_of: int = -1) -> Iterator[Calls]:
    """Count calls from 0; end the process before one, or do one and lose its reply."""
    seen = Calls()

    def before(model: Any, **_: Any) -> None:
        if seen.count == kill_before:
            raise Killed
        seen.operations.append(model.name)

    def after(**_: Any) -> None:
        seen.count += 1
        if seen.count - 1 == lose_reply_of:
            raise ReadTimeoutError(endpoint_url="the table")

    events = client_of(table).meta.events
    events.register("before-call.dynamodb", before)
    events.register("after-call.dynamodb", after)
    try:
        yield seen
    finally:
        events.unregister("before-call.dynamodb", before)
        events.unregister("after-call.dynamodb", after)
