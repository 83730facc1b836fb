"""Brings events to the receivers of webhooks."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import queued

blueprint = Blueprint(__name__)
# Replaced by the real queue in infra/webhooks.yaml: a text merges cleanly, a reference does not.
_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:webhook"


# One message at a time: none waits in a batch behind a receiver that takes its time.
@blueprint.on_sqs_message(
    queue_arn=_QUEUE_ARN, name="webhooks", batch_size=1, maximum_concurrency=2
)
@queued
def webhooks(body: str) -> Counts:
    """Hand an event of the bus out to the endpoints that want it, or try one delivery."""
    return deps().webhooks(body)
