"""Books what SES says became of a letter."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import queued

blueprint = Blueprint(__name__)
# Replaced by the real queue in infra/functions.yaml: a text merges cleanly, a reference does not.
_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:mail-events"


@blueprint.on_sqs_message(
    queue_arn=_QUEUE_ARN, name="mail_events", batch_size=10, maximum_concurrency=2
)
@queued
def mail_events(body: str) -> Counts:
    """Book one event; SNS delivers it raw, so the body is the event itself."""
    return deps().mail_event(body)
