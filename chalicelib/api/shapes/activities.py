"""Contacts with customers, in and out (R6.2)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from chalicelib.api.shapes.base import Answer, Day, Identity, Shape, text

_EXAMPLE: dict[str, Any] = {
    "channel": "call",
    "direction": "out",
    "outcome": "no_answer",
    "note": "Rang three times.",
}
AnyNote = Annotated[str, text(2_000)]
Outcome = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"),
    Field(
        description="What it came to, such as `replied`, `promised`, `disputed`, `paid`, `other`. "
        "`no_answer`, `voicemail`, `busy`, `not_available` and `wrong_contact` reached nobody."
    ),
]


class ActivityBody(Shape):
    """One contact with the customer. `on`: the day it happened, today if left out."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    channel: Literal["call", "email", "letter", "sms", "chat", "meeting", "portal", "other"]
    direction: Literal["in", "out"]
    outcome: Outcome
    contact_id: Annotated[Identity | None, Field(description="A contact of the account.")] = None
    on: Annotated[Day | None, Field(description="Today, or one of the last 366 days.")] = None
    note: AnyNote = ""


class ActivityAnswer(Answer):
    """A contact as it was recorded. `reply_waiting`: a reply of the customer waits for an answer."""

    account_id: str
    channel: str
    direction: str
    outcome: str
    contact_id: str | None
    on: date
    note: str
    reply_waiting: bool


class WaitingEnd(Shape):
    """Nothing of the customer waits to be answered any more."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"note": "Answered by letter."}]},
    )

    note: AnyNote = ""


class WaitingAnswer(Answer):
    """Whether a reply of the customer waits for an answer."""

    account_id: str
    reply_waiting: bool
