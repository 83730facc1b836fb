"""Evidence archives as they are asked for and answered (R13.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.base import Answer, Name, Override
from chalicelib.api.shapes.runs import JobFault


class EvidenceBody(Override):
    """Why an account is exported, and for whom."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "reason_code": "lawsuit",
                    "note": "For the claim that our lawyers file.",
                    "recipient": "Lindholm & Partners",
                }
            ]
        },
    )  # fmt: skip

    recipient: Annotated[Name, Field(description="Who will have it.")] = ""


class EvidenceAsked(Answer):
    """An export that was asked for."""

    evidence_id: str
    account_id: str
    state: Literal["queued", "running", "done", "failed"]


class EvidenceResult(Answer):
    """What the archive has. `sha256` is of the ZIP file.

    `checks`: how many letters and charges are the `same` as was written down, worked out again.
    `out_of_balance`: currencies in which the ledger does not add up. `is_sound`: nothing differs.
    """

    account_id: str
    account_version: int
    sha256: str
    size_bytes: int
    files: int
    counts: dict[str, int]
    checks: dict[str, dict[str, int]]
    out_of_balance: list[str]
    is_sound: bool


class EvidenceFile(Answer):
    """Where the archive is: anyone who has the link can follow it until it expires."""

    name: str
    url: str
    expires_at: datetime
    kept_until: datetime


class EvidenceAnswer(EvidenceAsked):
    """An export; `archive` is null until it is done, and again when it is not kept any more."""

    asked_by: str
    asked_at: datetime
    reason_code: str
    note: str
    recipient: str
    fault: JobFault | None
    result: EvidenceResult | None
    archive: EvidenceFile | None
