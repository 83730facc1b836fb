"""Writes the run's snapshot: begun after the run or by hand, gone on with by messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.messages import ReportMessage
from chalicelib.telemetry import about
from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import invoked, queued
from chalicelib.workers.schedule import run_date

blueprint = Blueprint(__name__)
# Replaced by the real queue in infra/report.yaml: a text merges cleanly, a reference does not.
_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:report-part"


@blueprint.lambda_function(name="report")
@invoked
def report(event: Mapping[str, Any]) -> Counts:
    """Begin the snapshot of a day's run; the day is found as the sweep finds it."""
    run_on = run_date(event, deps())
    about({"run_on": run_on.isoformat()})
    return deps().report(run_on)


@blueprint.on_sqs_message(
    queue_arn=_QUEUE_ARN, name="report_part", batch_size=1, maximum_concurrency=10
)
@queued
def report_part(body: str) -> Counts:
    """Do the portion of a snapshot that the message names."""
    message = ReportMessage.from_json(body)
    return deps().report_part(message.run_on, message.start, message.stretch)
