"""Sends messages to queues: every message of a call, or an error that says how many are left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import boto3
from botocore.config import Config

from chalicelib.core.errors import UnavailableError

_BATCH = 10  # what SQS takes in one call


class QueueError(UnavailableError):
    """A queue did not take every message; sending all of them again is right."""

    code = "queue_unavailable"


class SqsClient(Protocol):
    """What is used of the SQS client."""

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        """Send up to ten messages."""
        ...


def sqs_client() -> SqsClient:
    """Return an SQS client for this process's region and endpoint."""
    client: SqsClient = boto3.client(
        "sqs", config=Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard"})
    )
    return client


def send_messages(client: SqsClient, queue_url: str, bodies: Sequence[str]) -> None:
    """Send each body as one message, ten a call.

    A message may arrive more than once, and some may have been sent when this raises.

    Raises:
        QueueError: the queue refused some of them.
    """
    for start in range(0, len(bodies), _BATCH):
        entries = [
            {"Id": str(number), "MessageBody": body}
            for number, body in enumerate(bodies[start : start + _BATCH])
        ]
        answer = client.send_message_batch(QueueUrl=queue_url, Entries=entries)
        refused = answer.get("Failed", [])
        if refused:
            left = len(bodies) - start - len(entries) + len(refused)
            raise QueueError(f"{left} messages were not taken: {refused[0].get('Code')}")
