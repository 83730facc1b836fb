"""Works for agencies: applies what they reported, and numbers what their feeds tell (R10.5)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.messages import AgencyMessage
from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import queued

blueprint = Blueprint(__name__)
# Replaced by the real queue in infra/functions.yaml: a text merges cleanly, a reference does not.
_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:agency.fifo"


# One message at a time: after a failed one the rest of its agency's would have to come back too.
@blueprint.on_sqs_message(queue_arn=_QUEUE_ARN, name="agency", batch_size=1, maximum_concurrency=2)
@queued
def agency(body: str) -> Counts:
    """Do what waits for the agency that the message names."""
    return deps().agency(AgencyMessage.from_json(body).agency_id)
