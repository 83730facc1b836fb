"""Puts dead letters back into their queue: safe, as every handler does a thing once however often.

SQS moves them itself where it can. Where it cannot, each is sent first and deleted after: a crash
in between leaves it in both queues, never in none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.ops.queues import Queue, depth

BATCH = 10  # what SQS hands out in one call
HIDDEN_S = 120  # a message that is being moved, from others
WAIT_S = 1  # for messages, so that every part of the queue is looked at
LOOKS = 2  # that find nothing before the queue counts as empty
LOOK_AGAIN_S = 1.0
ARN = "QueueArn"
NOT_THERE = frozenset(
    {
        "InvalidAction",
        "AWS.SimpleQueueService.UnsupportedOperation",
        "UnsupportedOperation",
        "UnknownOperationException",
    }
)
RUNNING = "RUNNING"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that a queue gave up on: its ids only, as bodies may name accounts.

    `received`: how often it was tried.
    """

    id: str
    sent_at: str
    received: int
    group: str


def first_dead_letters(sqs: Any, queue: Queue, most: int) -> tuple[DeadLetter, ...]:
    """Return some of a queue's dead letters, which stay where they are; at most `most`, 1 to 100."""
    found: list[Any] = []
    for messages in _received(sqs, queue.dead_url, most):
        found += messages
    for message in found:
        _let_go(sqs, queue.dead_url, message)
    return tuple(_dead_letter(message) for message in found)


def replay(sqs: Any, queue: Queue, most: int | None, moved: Callable[[int], None]) -> int:
    """Put dead letters back into their queue and return how many: at most `most`, None for all.

    All are as many as there are at the beginning: what fails again meanwhile is not moved twice.
    `moved` hears how many were moved so far.
    """
    there = depth(sqs, queue.dead_url)
    if not there:
        return 0
    if most is None:
        by_service = _move_task(sqs, queue, moved)
        if by_service is not None:
            return by_service
    return _by_hand(sqs, queue, there if most is None else min(most, there), moved)


def _move_task(sqs: Any, queue: Queue, moved: Callable[[int], None]) -> int | None:
    """Let SQS move them; None where it cannot."""
    source = _arn(sqs, queue.dead_url)
    try:
        sqs.start_message_move_task(SourceArn=source)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in NOT_THERE:
            return None
        raise
    while True:
        task = sqs.list_message_move_tasks(SourceArn=source, MaxResults=1)["Results"][0]
        done = int(task.get("ApproximateNumberOfMessagesMoved", 0))
        moved(done)
        if task["Status"] != RUNNING:
            return done
        time.sleep(LOOK_AGAIN_S)


def _by_hand(sqs: Any, queue: Queue, most: int, moved: Callable[[int], None]) -> int:
    done = 0
    for messages in _received(sqs, queue.dead_url, most):
        for message in messages:
            sqs.send_message(QueueUrl=queue.url, **_again(message, is_fifo=queue.is_fifo))
            sqs.delete_message(QueueUrl=queue.dead_url, ReceiptHandle=message["ReceiptHandle"])
            done += 1
            moved(done)
    return done


def _again(message: Any, *, is_fifo: bool) -> dict[str, Any]:
    """Return a message to be sent as it was: body, attributes, group.

    A FIFO queue drops what it was sent within five minutes under the same name; its own id is new
    to the queue, and the same if a crash makes it be sent twice.
    """
    request: dict[str, Any] = {"MessageBody": message["Body"]}
    if message.get("MessageAttributes"):
        request["MessageAttributes"] = message["MessageAttributes"]
    if is_fifo:
        request["MessageGroupId"] = message["Attributes"]["MessageGroupId"]
        request["MessageDeduplicationId"] = f"replay-{message['MessageId']}"
    return request


def _received(sqs: Any, url: str, most: int) -> Iterator[list[Any]]:
    """Yield messages as they are received, hidden from others meanwhile; at most `most` of them."""
    left, empty = most, 0
    while left > 0 and empty < LOOKS:
        messages = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(BATCH, left),
            VisibilityTimeout=HIDDEN_S,
            WaitTimeSeconds=WAIT_S,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        empty = 0 if messages else empty + 1
        left -= len(messages)
        if messages:
            yield messages


def _let_go(sqs: Any, url: str, message: Any) -> None:
    sqs.change_message_visibility(
        QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
    )


def _dead_letter(message: Any) -> DeadLetter:
    attributes = message.get("Attributes", {})
    return DeadLetter(
        message["MessageId"],
        attributes.get("SentTimestamp", ""),
        int(attributes.get("ApproximateReceiveCount", 0)),
        attributes.get("MessageGroupId", ""),
    )


def _arn(sqs: Any, url: str) -> str:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[ARN])
    arn: str = answer["Attributes"][ARN]
    return arn
