"""Does jobs: what takes longer than an answer of the API may."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.messages import JobMessage
from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import queued

blueprint = Blueprint(__name__)
# Replaced by the real queue in infra/functions.yaml: a text merges cleanly, a reference does not.
_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:jobs"


@blueprint.on_sqs_message(queue_arn=_QUEUE_ARN, name="jobs", batch_size=1, maximum_concurrency=2)
@queued
def jobs(body: str) -> Counts:
    """Do the step of a job that the message names."""
    message = JobMessage.from_json(body)
    return deps().job(message.job_id, message.step)
