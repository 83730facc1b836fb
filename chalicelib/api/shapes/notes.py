"""Notes of people about an account."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict

from chalicelib.api.shapes.base import Answer, Instant, Shape, text


class NoteBody(Shape):
    """What is to be known of the account."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"text": "Their office is closed until Easter."}]},
    )

    text: Annotated[str, text(2_000, 1)]


class NoteAnswer(Answer):
    """A note as it stands in the timeline."""

    account_id: str
    text: str
    written_by: str
    written_at: Instant
