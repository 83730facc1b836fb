"""The bodies of the messages between the functions: written and read here only.

Each is one JSON object in a queue's message. Standard library only, so that any layer may use it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.core.errors import InvalidInputError


class MessageError(InvalidInputError):
    """A queue's message is not one that Pastdue writes; retrying does not help."""

    code = "invalid_message"


@dataclass(frozen=True, slots=True)
class ShardMessage:
    """Hand out the work of one shard of the due index for one run. `shard` counts from 0."""

    run_on: date
    shard: int

    def to_json(self) -> str:
        """Return the message's body."""
        return json.dumps({"run_on": self.run_on.isoformat(), "shard": self.shard})

    @classmethod
    def from_json(cls, body: str) -> ShardMessage:
        """Return what a body says.

        Raises:
            MessageError: the body is not a shard message.
        """
        values = _object(body)
        shard = values.get("shard")
        if not isinstance(shard, int) or isinstance(shard, bool) or shard < 0:
            raise MessageError("a shard message needs `shard`, a number from 0")
        return cls(_day(values), shard)


@dataclass(frozen=True, slots=True)
class WorkMessage:
    """Decide one account for one run. The run's date travels with it, whatever the clock says."""

    run_on: date
    account_id: str

    def to_json(self) -> str:
        """Return the message's body."""
        return json.dumps({"run_on": self.run_on.isoformat(), "account_id": self.account_id})

    @classmethod
    def from_json(cls, body: str) -> WorkMessage:
        """Return what a body says.

        Raises:
            MessageError: the body is not a work message.
        """
        values = _object(body)
        return cls(_day(values), _text(values, "account_id"))


@dataclass(frozen=True, slots=True)
class MailMessage:
    """Deliver one notice of one account (R11.1). The letter itself is read again, never carried."""

    account_id: str
    notice_id: str

    def to_json(self) -> str:
        """Return the message's body."""
        return json.dumps({"account_id": self.account_id, "notice_id": self.notice_id})

    @classmethod
    def from_json(cls, body: str) -> MailMessage:
        """Return what a body says.

        Raises:
            MessageError: the body is not a mail message.
        """
        values = _object(body)
        return cls(_text(values, "account_id"), _text(values, "notice_id"))


@dataclass(frozen=True, slots=True)
class JobMessage:
    """Do one step of a job. `step` counts from 0; a step that was done is not done again."""

    job_id: str
    step: int

    def to_json(self) -> str:
        """Return the message's body."""
        return json.dumps({"job_id": self.job_id, "step": self.step})

    @classmethod
    def from_json(cls, body: str) -> JobMessage:
        """Return what a body says.

        Raises:
            MessageError: the body is not a job message.
        """
        values = _object(body)
        step = values.get("step")
        if not isinstance(step, int) or isinstance(step, bool) or step < 0:
            raise MessageError("a job message needs `step`, a number from 0")
        return cls(_text(values, "job_id"), step)


@dataclass(frozen=True, slots=True)
class ReportMessage:
    """Do the next portion of a run's snapshot: of a stretch, counted from 0; None: of the search."""

    run_on: date
    start: str
    stretch: int | None

    def to_json(self) -> str:
        """Return the message's body."""
        return json.dumps(
            {"run_on": self.run_on.isoformat(), "start": self.start, "stretch": self.stretch}
        )

    @classmethod
    def from_json(cls, body: str) -> ReportMessage:
        """Return what a body says.

        Raises:
            MessageError: the body is not a report message.
        """
        values = _object(body)
        stretch = values.get("stretch")
        is_number = isinstance(stretch, int) and not isinstance(stretch, bool) and stretch >= 0
        if "stretch" not in values or not (stretch is None or is_number):
            raise MessageError("a report message needs `stretch`, a number from 0 or null")
        return cls(_day(values), _text(values, "start"), stretch)


@dataclass(frozen=True, slots=True)
class AgencyMessage:
    """There is something to do for an agency (R10.5): what it is, its partition says."""

    agency_id: str

    def to_json(self) -> str:
        """Return the message's body."""
        return json.dumps({"agency_id": self.agency_id})

    @classmethod
    def from_json(cls, body: str) -> AgencyMessage:
        """Return what a body says.

        Raises:
            MessageError: the body is not an agency message.
        """
        return cls(_text(_object(body), "agency_id"))


@dataclass(frozen=True, slots=True)
class UploadMessage:
    """A file was put into the bucket: what EventBridge tells of it, as S3 says it."""

    key: str
    etag: str
    size_bytes: int
    at: datetime

    @classmethod
    def from_json(cls, body: str) -> UploadMessage:
        """Return what an event of S3 says.

        Raises:
            MessageError: the body is not such an event.
        """
        event = _object(body)
        detail = event.get("detail")
        thing = detail.get("object") if isinstance(detail, dict) else None
        if not isinstance(thing, dict):
            raise MessageError("an event of S3 needs `detail.object`")
        size = thing.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise MessageError("an event of S3 needs `size`, a number from 0")
        try:
            at = datetime.fromisoformat(_text(event, "time"))
        except ValueError:
            raise MessageError("an event of S3 needs `time`, an instant") from None
        if at.tzinfo is None:
            raise MessageError("an event of S3 needs the zone of its `time`")
        return cls(_text(thing, "key"), _text(thing, "etag"), size, at)


def read_day(text: object) -> date:
    """Return the day that an ISO date (`2024-03-18`) names.

    Raises:
        MessageError: the text is not such a date.
    """
    try:
        return date.fromisoformat(text) if isinstance(text, str) else _no_day(text)
    except ValueError:
        return _no_day(text)


def _no_day(text: object) -> date:
    raise MessageError(f"{text!r} is not a date such as 2024-03-18")


def _object(body: str) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except ValueError:
        raise MessageError("a message's body must be JSON") from None
    if not isinstance(values, dict):
        raise MessageError("a message's body must be a JSON object")
    return values


def _day(values: Mapping[str, Any]) -> date:
    return read_day(values.get("run_on"))


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise MessageError(f"the message needs `{name}`")
    return value
