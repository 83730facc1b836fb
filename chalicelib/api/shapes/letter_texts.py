"""Finance's own texts for letters, and what they come to (R11.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from unicodedata import category

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from chalicelib.api.shapes.base import Answer, Identity, Shape

BLOCK_CHARS_MAX = 8_000
BODY_BYTES_MAX = 300_000
_LINES = "\n\r\t"


def _lines(text: str) -> str:
    if any(category(letter) == "Cc" and letter not in _LINES for letter in text):
        raise PydanticCustomError(
            "control_character", "must not have control characters but line ends and tabs"
        )
    return text


BlockText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=BLOCK_CHARS_MAX),
    AfterValidator(_lines),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": BLOCK_CHARS_MAX,
            "pattern": "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$",
        }
    ),
]
Kind = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"),
    Field(description="The letter that the text is for, where neither its name nor a stage says."),
]
EXAMPLE: dict[str, JsonValue] = {
    "subject": "Open: {{ total }} [{{ reference }}]",
    "opening": "{{ phrases.greeting }}\n\nthe following is open: {{ invoice_ids|join(', ') }}.",
}


class BlocksBody(Shape):
    """The blocks of a text; one that is left out stays as it is shipped in its language."""

    subject: BlockText | None = None
    title: BlockText | None = None
    headline: BlockText | None = None
    opening: BlockText | None = None
    next: BlockText | None = None
    contact: BlockText | None = None

    def given(self) -> dict[str, str]:
        """Return the blocks that are there."""
        values: dict[str, Any] = self.model_dump(exclude_none=True)
        return values


class TextBody(Shape):
    """A text as a whole: it takes the place of what was there."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, hide_input_in_errors=True,
        json_schema_extra={"examples": [{"blocks": EXAMPLE}]},
    )  # fmt: skip

    blocks: BlocksBody
    letter: Kind | None = None


class PreviewBody(Shape):
    """What to show: a text that is tried, else the published or the shipped one; for whom."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, hide_input_in_errors=True,
        json_schema_extra={"examples": [{"blocks": EXAMPLE}, {"account_id": "4711"}]},
    )  # fmt: skip

    blocks: BlocksBody | None = None
    letter: Kind | None = None
    account_id: Annotated[
        Identity | None,
        Field(description="The account as it is today; without it, a sample account."),
    ] = None


class RemarkAnswer(Answer):
    """Something about a text that is worth reading, and refuses nothing."""

    pointer: str
    code: str
    detail: str


class TextChange(Answer):
    """One of the last 20 changes of a text; `version` null: it was removed."""

    version: str | None
    change: Literal["published", "removed"]
    changed_by: str
    changed_at: datetime


class TextRow(Answer):
    """A text: for which letters of a policy it is, and who changed it last."""

    policy_id: str
    language: str
    text: str
    letter: str
    version: str
    changed_by: str
    changed_at: datetime


class TextAnswer(TextRow):
    """A text with its words and its last changes."""

    blocks: dict[str, str]
    history: list[TextChange]


class TextPublished(TextAnswer):
    """A text that letters are written with from now on."""

    remarks: list[RemarkAnswer]


class TextWordsAnswer(Answer):
    """The words of one of a text's last versions."""

    policy_id: str
    language: str
    text: str
    letter: str
    version: str
    blocks: dict[str, str]


class TextRemoved(Answer):
    """A text that letters are not written with any more."""

    policy_id: str
    language: str
    text: str
    removed: bool


class PreviewAnswer(Answer):
    """What a letter comes to. `version` null: the blocks that were given, or the shipped words."""

    version: str | None
    subject: str
    plain_text: str
    html: str
    sha256: str
    attachments: list[str]
    remarks: list[RemarkAnswer]
