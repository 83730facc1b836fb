"""Writes the run's snapshot, after the run or by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import invoked
from chalicelib.workers.schedule import run_date

blueprint = Blueprint(__name__)


@blueprint.lambda_function(name="report")
@invoked
def report(event: Mapping[str, Any]) -> Counts:
    """Write the snapshot of a day's run; the day is found as the sweep finds it."""
    return deps().report(run_date(event, deps()))
