"""Starts the run of a day, on a schedule or by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.correlation import correlation_id, run_correlation
from chalicelib.telemetry import about, follow
from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import invoked
from chalicelib.workers.schedule import run_date

blueprint = Blueprint(__name__)


@blueprint.lambda_function(name="sweep")
@invoked
def sweep(event: Mapping[str, Any]) -> Counts:
    """Start the run; `{"run_on": "2024-03-18"}` names its day, else it is the schedule's own."""
    run_on = run_date(event, deps())
    follow(run_correlation(run_on, correlation_id()))
    about({"run_on": run_on.isoformat()})
    return deps().sweep(run_on)
