"""Delivers notices by mail."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.messages import MailMessage
from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import queued

blueprint = Blueprint(__name__)
# Replaced by the real queue in infra/resources.yaml: a text merges cleanly, a reference does not.
_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:mail"


@blueprint.on_sqs_message(queue_arn=_QUEUE_ARN, name="mail", batch_size=10, maximum_concurrency=2)
@queued
def mail(body: str) -> Counts:
    """Deliver the notice that the message names (R11.1, R11.3)."""
    message = MailMessage.from_json(body)
    return deps().mail(message.account_id, message.notice_id)
