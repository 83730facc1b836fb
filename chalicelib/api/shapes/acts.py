"""Who did what to the deployment, when and why."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.shapes.base import Answer


class ActAnswer(Answer):
    """One thing that somebody did."""

    at: datetime
    kind: str
    actor: str
    subject: str
    reason_code: str
    note: str
    figures: dict[str, str]
