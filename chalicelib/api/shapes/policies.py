"""Policies: their versions, who published them, and which accounts have them (R2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from unicodedata import category

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.api.shapes.acts import ActAnswer
from chalicelib.api.shapes.base import Answer, Day, Note, ReasonCode, Shape

DOCUMENT_CHARS_MAX = 100_000
CLASSES_MAX = 100
BODY_BYTES_MAX = 600_000

_LINES = "\n\r\t"


def _document(text: str) -> str:
    if any(category(letter) == "Cc" and letter not in _LINES for letter in text):
        raise PydanticCustomError(
            "control_character", "must not have control characters but line ends and tabs"
        )
    return text


Document = Annotated[
    str,
    StringConstraints(min_length=1, max_length=DOCUMENT_CHARS_MAX),
    AfterValidator(_document),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": DOCUMENT_CHARS_MAX,
            "pattern": "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$",
            "description": "The policy's TOML document, whole.",
        }
    ),
]
PolicyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{1,64}$")]
Version = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{12}$"),
    Field(description="The first 12 hex digits of the document's SHA-256."),
]
ClassName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{1,64}$")]

EXAMPLE = """id = "careful"
currencies = ["EUR"]

[[stages]]
id = "first"
days = 15
notice = "reminder"
"""


class PolicyBody(Shape):
    """A new version: the whole document, and from which day (the next processing day, if not said)."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"document": EXAMPLE}]},
    )  # fmt: skip

    document: Document
    effective_on: Day | None = None


class ScheduledVersion(Answer):
    """A version that was approved for a day to come."""

    version: str
    effective_on: date


class PolicyRow(Answer):
    """A policy: what is in force since when (null: since it was installed), and what is to come."""

    policy_id: str
    version: str | None
    effective_on: date | None
    scheduled: list[ScheduledVersion]
    proposed: list[str]


class VersionAnswer(Answer):
    """A version: who proposed it, who decided, where it stands. `job_id` wakes its accounts."""

    policy_id: str
    version: str
    state: Literal["proposed", "scheduled", "in_force", "superseded", "declined"]
    effective_on: date | None
    proposed_by: str | None
    proposed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    reason_code: str | None
    note: str | None
    document: str | None = None
    job_id: str | None = None


class PolicyAnswer(PolicyRow):
    """A policy with its document in force, its last versions, and who did what."""

    document: str | None
    versions: list[VersionAnswer]
    log: list[ActAnswer]


class AssignmentsBody(Shape):
    """Which policy an account has that names none: its class's, else the default."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "default": "standard",
                    "classes": {"key": "standard"},
                    "reason_code": "new_class",
                    "note": "Key accounts are treated as all others.",
                }
            ]
        },
    )  # fmt: skip

    default: PolicyId
    classes: Annotated[
        dict[ClassName, PolicyId], Field(default_factory=dict, max_length=CLASSES_MAX)
    ]
    reason_code: ReasonCode
    note: Note


class AssignmentsAnswer(Answer):
    """Which policy an account has that names none."""

    default: str
    classes: dict[str, str]
    log: list[ActAnswer]


class AssignedAnswer(Answer):
    """The assignments as they now are; the job wakes the accounts that have another policy now."""

    default: str
    classes: dict[str, str]
    job_id: str
    woken_on: date
    change: str


class SimulateBody(Shape):
    """A version or a document to try; neither: the version that is next."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"document": EXAMPLE, "days": 31}]},
    )  # fmt: skip

    version: Version | None = None
    document: Document | None = None
    days: Annotated[int, Field(ge=1, le=92)] = 31
    scope: Annotated[
        Literal["policy", "all"],
        Field(description="The accounts that have this policy, or every account."),
    ] = "policy"


class SimulationAsked(Answer):
    """A simulation that was asked for; its job has the result."""

    job_id: str
    policy_id: str
    version: str
    from_on: date
    through_on: date
    scope: str
