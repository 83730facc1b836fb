"""Which day a scheduled function works for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from chalicelib.messages import MessageError, read_day
from chalicelib.wiring import Deps


def run_date(event: Mapping[str, Any], dependencies: Deps) -> date:
    """Return the run's one date: `run_on`, else the scheduled instant's day in the seller's zone.

    The scheduled instant, not the present one: a run that starts late is still the run of its day.

    Raises:
        MessageError: `run_on` is not a date, or `scheduled_at` not an instant with a zone.
    """
    if "run_on" in event:
        return read_day(event["run_on"])
    return dependencies.run_date(_scheduled_at(event) or dependencies.now())


def _scheduled_at(event: Mapping[str, Any]) -> datetime | None:
    """Return the scheduled instant; None when the scheduler left its placeholder, or by hand."""
    text = event.get("scheduled_at")
    if text is None or (isinstance(text, str) and text.startswith("<aws.scheduler.")):
        return None
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise MessageError(f"`scheduled_at` is not an instant: {text!r}") from None
    if at.tzinfo is None:
        raise MessageError(f"`scheduled_at` has no zone: {text!r}")
    return at
