"""Hands out the accounts of one shard that are due."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.messages import ShardMessage
from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import queued

blueprint = Blueprint(__name__)
# Replaced by the real queue in infra/functions.yaml: a text merges cleanly, a reference does not.
_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:sweep-shard"


@blueprint.on_sqs_message(
    queue_arn=_QUEUE_ARN, name="sweep_shard", batch_size=1, maximum_concurrency=2
)
@queued
def sweep_shard(body: str) -> Counts:
    """Hand out one shard's accounts for the run that the message names."""
    message = ShardMessage.from_json(body)
    return deps().sweep_shard(message.run_on, message.shard)
