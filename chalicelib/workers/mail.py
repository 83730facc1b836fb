"""Delivers notices by mail."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.flows.pace import WORKERS
from chalicelib.messages import MailMessage
from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import queued

blueprint = Blueprint(__name__)
# Replaced by the real queue in infra/functions.yaml: a text merges cleanly, a reference does not.
_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:mail"

BATCH = 10  # letters of one invocation: each may wait for its turn, and for the answer of SES


@blueprint.on_sqs_message(
    queue_arn=_QUEUE_ARN, name="mail", batch_size=BATCH, maximum_concurrency=WORKERS
)
@queued
def mail(body: str) -> Counts:
    """Deliver the notice that the message names (R11.1, R11.3)."""
    message = MailMessage.from_json(body)
    return deps().mail(message.account_id, message.notice_id)
