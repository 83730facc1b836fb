"""What comes to the webhooks' worker: an event from the bus, or a delivery that is to be tried.

Standard library only, so that any layer may use it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.messages import MessageError

BODY_BYTES_MAX = 200_000  # of an event; a queue's message has at most 262,144
_EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")  # no full stop: it parts what is signed
_TYPE = re.compile(r"[a-z][a-z0-9_.]{0,99}")


@dataclass(frozen=True, slots=True)
class DeliveryMessage:
    """Try to deliver an event to an endpoint: what it is, the table says."""

    webhook_id: str
    event_id: str

    def to_json(self) -> str:
        """Return the message's body."""
        return json.dumps({"webhook_id": self.webhook_id, "event_id": self.event_id})


@dataclass(frozen=True, slots=True)
class EventMessage:
    """An event as the bus tells it. `body` is what receivers get, byte for byte."""

    id: str
    type: str
    at: datetime
    body: str


def read_webhook_message(body: str) -> DeliveryMessage | EventMessage:
    """Return what a body says.

    Raises:
        MessageError: it is neither a delivery nor an event.
    """
    try:
        values = json.loads(body)
    except ValueError:
        raise MessageError("a message's body must be JSON") from None
    if not isinstance(values, dict):
        raise MessageError("a message's body must be a JSON object")
    if "webhook_id" in values:
        return DeliveryMessage(_text(values, "webhook_id"), _text(values, "event_id"))
    return read_event(values)


def read_event(values: dict[str, Any]) -> EventMessage:
    """Return an event of its JSON values, written as compact as it goes.

    Raises:
        MessageError: it has no id, type or timestamp, or is larger than any event is.
    """
    event_id, kind = _text(values, "id"), _text(values, "type")
    if not _EVENT_ID.fullmatch(event_id) or not _TYPE.fullmatch(kind):
        raise MessageError("an event needs an `id` and a `type` of plain characters")
    try:
        at = datetime.fromisoformat(_text(values, "timestamp"))
    except ValueError:
        raise MessageError("an event needs `timestamp`, an instant") from None
    if at.tzinfo is None:
        raise MessageError("an event needs the zone of its `timestamp`")
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    if len(body.encode()) > BODY_BYTES_MAX:
        raise MessageError(f"an event may have {BODY_BYTES_MAX} bytes")
    return EventMessage(event_id, kind, at, body)


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise MessageError(f"the message needs `{name}`")
    return value
