"""Decides accounts: one message each. Accounts with many open invoices come by their own queue."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.messages import WorkMessage
from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import queued

blueprint = Blueprint(__name__)
# Replaced by the real queues in infra/functions.yaml: a text merges cleanly, a reference does not.
_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:work"
_LARGE_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:work-large"


@blueprint.on_sqs_message(queue_arn=_QUEUE_ARN, name="work", batch_size=10, maximum_concurrency=2)
@queued
def work(body: str) -> Counts:
    """Decide one account for the run that the message names."""
    return _decide(body)


@blueprint.on_sqs_message(
    queue_arn=_LARGE_QUEUE_ARN, name="work_large", batch_size=1, maximum_concurrency=2
)
@queued
def work_large(body: str) -> Counts:
    """Decide one account of over 1,000 open invoices, with more time and memory."""
    return _decide(body)


def _decide(body: str) -> Counts:
    message = WorkMessage.from_json(body)
    return deps().work(message.run_on, message.account_id)
