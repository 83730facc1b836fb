"""Sends messages to queues: every message of a call, or an error that says how many are left."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import UnavailableError
from chalicelib.correlation import ATTRIBUTE, correlation_id
from chalicelib.flows.ports import DueAccount
from chalicelib.messages import (
    AgencyMessage,
    JobMessage,
    MailMessage,
    ReportMessage,
    ShardMessage,
    WorkMessage,
)
from chalicelib.store.clients import aws_client

_BATCH = 10  # what SQS takes in one call
DELAY_S_MAX = 900  # and how long it keeps a message back


class QueueError(UnavailableError):
    """A queue did not take every message; sending all of them again is right."""

    code = "queue_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueUrls:
    """Where each kind of message goes."""

    sweep_shard: str
    work: str
    work_large: str
    mail: str


class SqsClient(Protocol):
    """What is used of the SQS client."""

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        """Send up to ten messages."""
        ...


def sqs_client() -> SqsClient:
    """Return an SQS client for this process's region and endpoint."""
    client: SqsClient = aws_client("sqs")
    return client


def send_messages(
    client: SqsClient, queue_url: str, bodies: Sequence[str], delay_s: int = 0
) -> None:
    """Send each body as one message, ten a call, to be seen after `delay_s` seconds.

    A message may arrive more than once, and some may have been sent when this raises.

    Raises:
        QueueError: the queue refused some of them, or does not answer now.
    """
    send_entries(
        client, queue_url, [{"MessageBody": body, "DelaySeconds": delay_s} for body in bodies]
    )


def send_entries(client: SqsClient, queue_url: str, messages: Sequence[dict[str, Any]]) -> None:
    """Send messages as SQS has them, ten a call, with the correlation id along.

    Raises:
        QueueError: the queue refused some of them, or does not answer now.
    """
    cause = correlation_id()
    attribute = {ATTRIBUTE: {"DataType": "String", "StringValue": cause}}
    along = {"MessageAttributes": attribute} if cause else {}
    for start in range(0, len(messages), _BATCH):
        entries = [
            {"Id": str(number), **message, **along}
            for number, message in enumerate(messages[start : start + _BATCH])
        ]
        try:
            answer = client.send_message_batch(QueueUrl=queue_url, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            raise QueueError(f"the queue does not answer now: {type(error).__name__}") from error
        refused = answer.get("Failed", [])
        if refused:
            left = len(messages) - start - len(entries) + len(refused)
            raise QueueError(f"{left} messages were not taken: {refused[0].get('Code')}")


class SqsQueues:
    """`Queues` over SQS (flows.ports). Sending twice is harmless: whoever receives does it once."""

    def __init__(self, client: SqsClient, urls: QueueUrls) -> None:
        self._client = client
        self._urls = urls

    def send_shards(self, run_on: date, shards: Sequence[int]) -> None:
        """Send one message per shard of a run.

        Raises:
            QueueError: not every message was taken; the same again is right.
        """
        bodies = [ShardMessage(run_on, shard).to_json() for shard in shards]
        send_messages(self._client, self._urls.sweep_shard, bodies)

    def send_work(self, run_on: date, due: Sequence[DueAccount]) -> None:
        """Send one message per account; large ones go to their own queue.

        Raises:
            QueueError: not every message was taken; the same again is right.
        """
        for is_large, url in ((False, self._urls.work), (True, self._urls.work_large)):
            here = [row for row in due if row.is_large is is_large]
            bodies = [WorkMessage(run_on, row.account_id).to_json() for row in here]
            send_messages(self._client, url, bodies)

    def send_mail(self, account_id: str, notice_ids: Sequence[str], delay_s: int = 0) -> None:
        """Send one message per notice to deliver, to be seen after `delay_s` (at most 900).

        Raises:
            QueueError: not every message was taken; the same again is right.
        """
        bodies = [MailMessage(account_id, notice_id).to_json() for notice_id in notice_ids]
        send_messages(self._client, self._urls.mail, bodies, min(delay_s, DELAY_S_MAX))


class SqsJobQueue:
    """`JobQueue` over SQS."""

    def __init__(self, client: SqsClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
        """Send one message for a step of a job, to be seen after `delay_s` (at most 900).

        Raises:
            QueueError: it was not taken; the same again is right.
        """
        body = JobMessage(job_id, step).to_json()
        send_messages(self._client, self._queue_url, [body], min(delay_s, DELAY_S_MAX))


class SqsReportQueue:
    """`ReportQueue` over SQS."""

    def __init__(self, client: SqsClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send_portions(self, run_on: date, start: str, stretches: Sequence[int | None]) -> None:
        """Send one message for the next portion of each stretch; None: of the search for ids.

        Raises:
            QueueError: not every message was taken; the same again is right.
        """
        bodies = [ReportMessage(run_on, start, stretch).to_json() for stretch in stretches]
        send_messages(self._client, self._queue_url, bodies)


class SqsAgencyQueue:
    """`AgencyQueue` over a FIFO queue: one group of messages for each agency.

    `tokens` makes a name for each message. Its content is always the same, and SQS would drop one
    that follows another within five minutes: also when its work came after that one was done.
    """

    def __init__(
        self,
        client: SqsClient,
        queue_url: str,
        tokens: Callable[[], str] = lambda: secrets.token_hex(12),
    ) -> None:
        self._client = client
        self._queue_url = queue_url
        self._tokens = tokens

    def send_agency(self, agency_ids: Sequence[str]) -> None:
        """Send one message for each agency.

        Raises:
            QueueError: not every message was taken; the same again is right.
        """
        messages = [
            {
                "MessageBody": AgencyMessage(agency_id).to_json(),
                "MessageGroupId": agency_id,
                "MessageDeduplicationId": self._tokens(),
            }
            for agency_id in agency_ids
        ]
        send_entries(self._client, self._queue_url, messages)
