"""Agencies, their keys and their feeds, as finance sees them (R10)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.shapes.acts import ActAnswer
from chalicelib.api.shapes.base import Answer, ListQuery, Name, Shape, text

Scope = Literal["read", "report", "remit"]
KEY_DAYS_MAX = 366
OVERLAP_HOURS_MAX = 720  # 30 days


class AgencyBody(Shape):
    """An agency as a whole."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {"name": "Northgate Collections", "email": "desk@northgate.example"},
                {"name": "Northgate Collections", "active": False, "remit": "net"},
            ]
        },
    )  # fmt: skip

    name: Annotated[str, text(200, 1)]
    email: Annotated[
        str, text(254), Field(description="Whom finance writes to; empty: nobody.")
    ] = ""
    active: Annotated[
        bool | None,
        Field(
            description="Whether it gets offers; what it has goes on either way. Left out: as it "
            "was, and of a new one yes."
        ),
    ] = None
    remit: Annotated[
        Literal["net", "gross"],
        Field(description="Whether it hands over what it took less its commission, or all."),
    ] = "gross"


class AgencyAnswer(Answer):
    """An agency."""

    agency_id: str
    name: Name
    email: str | None
    active: bool
    remit: Literal["net", "gross"]
    created_at: datetime


class AgencyTold(AgencyAnswer):
    """An agency with what people did about it and its keys, newest first: the last 50."""

    log: list[ActAnswer]


class KeyBody(Shape):
    """What an agency's key may, and how long."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {"scopes": ["read", "report"], "expires_in_days": 90, "label": "Dialler"}
            ]
        },
    )  # fmt: skip

    scopes: Annotated[
        list[Scope],
        Field(
            min_length=1,
            max_length=3,
            description="`read` the feed and dossiers, `report` what was done, `remit` money.",
        ),
    ]
    expires_in_days: Annotated[int, Field(ge=1, le=KEY_DAYS_MAX)] = 90
    label: Annotated[str, text(64), Field(description="What it is for.")] = ""


class RotateBody(Shape):
    """How long the old key goes on beside the new one."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"overlap_hours": 48}]},
    )  # fmt: skip

    overlap_hours: Annotated[int, Field(ge=0, le=OVERLAP_HOURS_MAX)] = 24


class KeyAnswer(Answer):
    """A key without its secret. `made_by` answers for it."""

    key_id: str
    agency_id: str
    label: str | None
    scopes: list[str]
    status: Literal["active", "revoked", "expired"]
    last_characters: str
    made_by: str
    created_at: datetime
    expires_at: datetime
    replaced_by: str | None
    revoked_at: datetime | None
    revoked_by: str | None
    allowed_actions: list[str]


class NewKeyAnswer(KeyAnswer):
    """A new key with its token: shown this once. Null when the same call is answered again.

    Whoever lost the token revokes the key and makes another.
    """

    token: str | None


class FeedStateAnswer(Answer):
    """How far an agency's feed is. `waiting_since`: since when its oldest event is unacknowledged."""

    agency_id: str
    last: int
    acknowledged: int
    unacknowledged: int
    acknowledged_at: datetime | None
    waiting_since: datetime | None


class ReadAnswer(Answer):
    """Which key of the agency read which placements, and when."""

    at: datetime
    key_id: str
    placement_ids: list[str]
    request_id: str | None


class ReportAnswer(Answer):
    """What an agency reported under its own id, and what became of it. `said`: as it was reported."""

    report_id: str
    kind: str
    placement_id: str | None
    state: Literal["received", "applied", "refused"]
    code: str | None
    detail: str | None
    received_at: datetime
    applied_at: datetime | None
    key_id: str | None
    said: dict[str, Any]


class WaitingReports(Answer):
    """The reports that wait to be applied, in order, at most 200."""

    data: list[ReportAnswer]


class AgenciesQuery(ListQuery):
    """All of them."""


class KeysQuery(ListQuery):
    """All keys of the agency, also those that are over."""


class ReadsQuery(ListQuery):
    """All reads, the newest first."""
