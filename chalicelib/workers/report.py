"""Writes the run's snapshot, after the run or by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.telemetry import about
from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import invoked
from chalicelib.workers.schedule import run_date

blueprint = Blueprint(__name__)


@blueprint.lambda_function(name="report")
@invoked
def report(event: Mapping[str, Any]) -> Counts:
    """Write the snapshot of a day's run; the day is found as the sweep finds it."""
    run_on = run_date(event, deps())
    about({"run_on": run_on.isoformat()})
    return deps().report(run_on)
