"""Webhooks: endpoints of receivers, and what was delivered to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from chalicelib.api.shapes.acts import ActAnswer
from chalicelib.api.shapes.base import Answer, Instant, ListQuery, Shape, text

TYPES_MAX = 200
OVERLAP_HOURS_MAX = 168  # a week
State = Literal["pending", "delivered", "failed"]
EventType = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){1,3}$"),
    Field(description="A type of the catalogue, such as `charge.posted`."),
]


class WebhookBody(Shape):
    """An endpoint as a whole."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "url": "https://hooks.crm.example/pastdue",
                    "event_types": ["hold.placed", "hold.released"],
                    "description": "Order desk",
                },
                {"url": "https://hooks.crm.example/pastdue", "enabled": False},
            ]
        },
    )  # fmt: skip

    url: Annotated[str, text(500, 1), Field(description="A public HTTPS address, port 443.")]
    event_types: Annotated[
        list[EventType] | None,
        Field(
            min_length=1,
            max_length=TYPES_MAX,
            description="What it is told of. Left out or null: every type, new ones included.",
        ),
    ] = None
    description: Annotated[str, text(200), Field(description="Whose it is, what it is for.")] = ""
    enabled: Annotated[
        bool, Field(description="Whether it is sent anything. What happens meanwhile is not kept.")
    ] = True


class RotateSecretBody(Shape):
    """How long the old secret signs beside the new one."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"overlap_hours": 24}]},
    )  # fmt: skip

    overlap_hours: Annotated[
        int,
        Field(
            ge=0,
            le=OVERLAP_HOURS_MAX,
            description="0 if the old one may have come into wrong hands: it ends at once.",
        ),
    ] = 24


class RecoverBody(Shape):
    """From when on failed deliveries are made again."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True,
        json_schema_extra={"examples": [{"since": "2024-03-17T00:00:00Z"}]},
    )  # fmt: skip

    since: Annotated[
        Instant, Field(strict=False, description="When the events happened; 30 days ago at most.")
    ]


class WebhookAnswer(Answer):
    """An endpoint. `disabled_because`: `gone` or `failing` when Pastdue disabled it."""

    webhook_id: str
    url: str
    event_types: list[str] | None
    description: str | None
    enabled: bool
    disabled_because: Literal["gone", "failing"] | None
    created_at: datetime
    old_secret_until: datetime | None


class NewSecretAnswer(WebhookAnswer):
    """An endpoint with its signing secret: shown this once. Else null.

    Whoever lost the secret rotates it.
    """

    secret: str | None


class WebhookTold(WebhookAnswer):
    """An endpoint, how it does, and what was done about it, newest first: the last 50.

    `failures` counts attempts that failed since one last succeeded; before `rests_until` nothing is
    sent.
    """

    failures: int
    failing_since: datetime | None
    rests_until: datetime | None
    log: list[ActAnswer]


class WebhookRemoved(Answer):
    """An endpoint that is gone."""

    webhook_id: str
    removed: bool


class DeliveryAnswer(Answer):
    """One event on its way to an endpoint.

    `last_status`: the receiver's HTTP status, null for none; `last_code` says why it was no success.
    """

    event_id: str
    event_type: str
    happened_at: datetime
    began_at: datetime
    state: State
    attempts: int
    last_attempt_at: datetime | None
    last_status: int | None
    last_code: str | None
    next_attempt_at: datetime | None


class RecoveredAnswer(Answer):
    """How many deliveries begin anew. There is more: ask again with `next_since` as `since`."""

    recovered: int
    next_since: datetime | None


class WebhooksQuery(ListQuery):
    """All of them."""


class DeliveriesQuery(ListQuery):
    """Deliveries of the last 30 days, the newest first."""

    state: Annotated[State | None, Field(description="Those in this state only.")] = None
