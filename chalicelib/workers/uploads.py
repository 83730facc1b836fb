"""Asks for the import of ledger files that were put into the bucket."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.messages import UploadMessage
from chalicelib.wiring import Counts, deps
from chalicelib.workers.handler import queued

blueprint = Blueprint(__name__)
# Replaced by the real queue in infra/functions.yaml: a text merges cleanly, a reference does not.
_QUEUE_ARN = "arn:aws:sqs:eu-central-1:000000000000:uploads"


@blueprint.on_sqs_message(
    queue_arn=_QUEUE_ARN, name="uploads", batch_size=10, maximum_concurrency=2
)
@queued
def uploads(body: str) -> Counts:
    """Ask for a file's import; what is no ledger file is passed over."""
    return deps().upload(UploadMessage.from_json(body))
