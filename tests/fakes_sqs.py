"""SQS in memory: queues that hold, hide and delete messages, as far as operators need it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

HOST = "http://127.0.0.1/000000000000/"
DEAD = "-dead"


@dataclass
class Message:
    """A message and how often it was received."""

    id: str
    body: str
    attributes: dict[str, Any] = field(default_factory=dict)
    group: str = ""
    received: int = 0
    is_hidden: bool = False


@dataclass
class FakeSqs:
    """Each queue has dead letters of its own. `moves`: whether it can move them itself.

    `dies_after` deletes: the next one fails, as a lost connection does. `calls` are told in order.
    """

    queues: dict[str, list[Message]] = field(default_factory=dict)
    moves: bool = False
    dies_after: int = 1_000_000
    calls: list[str] = field(default_factory=list)
    numbers: Any = field(default_factory=count)

    def url(self, name: str) -> str:
        """Return a queue's URL, and have it."""
        self.queues.setdefault(HOST + name, [])
        return HOST + name

    def put(self, name: str, *bodies: str, group: str = "") -> None:
        """Put messages into a queue."""
        for body in bodies:
            message = Message(f"m{next(self.numbers)}", body, {}, group)
            self.queues[self.url(name)].append(message)

    def bodies(self, name: str) -> list[str]:
        """Return what a queue holds, hidden or not."""
        return [message.body for message in self.queues[HOST + name]]

    def get_queue_attributes(self, *, QueueUrl: str, **_: Any) -> dict[str, Any]:
        name = QueueUrl.removeprefix(HOST)
        stem, dot, fifo = name.partition(".")
        dead = f"{stem}{DEAD}{dot}{fifo}"
        attributes = {"QueueArn": f"arn:{name}"}
        if HOST + dead in self.queues:
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": f"arn:{dead}"})
        hidden = sum(message.is_hidden for message in self.queues[QueueUrl])
        attributes["ApproximateNumberOfMessages"] = str(len(self.queues[QueueUrl]) - hidden)
        attributes["ApproximateNumberOfMessagesNotVisible"] = str(hidden)
        return {"Attributes": attributes}

    def receive_message(
        self, *, QueueUrl: str, MaxNumberOfMessages: int, **_: Any
    ) -> dict[str, Any]:
        seen = [one for one in self.queues[QueueUrl] if not one.is_hidden][:MaxNumberOfMessages]
        for one in seen:
            one.is_hidden, one.received = True, one.received + 1
        return {
            "Messages": [
                {
                    "MessageId": one.id,
                    "ReceiptHandle": one.id,
                    "Body": one.body,
                    "MessageAttributes": one.attributes,
                    "Attributes": {
                        "MessageGroupId": one.group,
                        "ApproximateReceiveCount": str(one.received),
                    },
                }
                for one in seen
            ]
        }

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, **_: Any) -> None:
        for one in self.queues[QueueUrl]:
            if one.id == ReceiptHandle:
                one.is_hidden = False

    def send_message(self, *, QueueUrl: str, MessageBody: str, **more: Any) -> None:
        self.calls.append(f"send {MessageBody}")
        name = more.get("MessageDeduplicationId", f"m{next(self.numbers)}")
        message = Message(
            name, MessageBody, more.get("MessageAttributes", {}), more.get("MessageGroupId", "")
        )
        if name not in {one.id for one in self.queues[QueueUrl]}:
            self.queues[QueueUrl].append(message)

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:
        if not self.dies_after:
            raise ConnectionError
        self.dies_after -= 1
        self.calls.append(f"delete {ReceiptHandle}")
        left = [one for one in self.queues[QueueUrl] if one.id != ReceiptHandle]
        self.queues[QueueUrl] = left

    def start_message_move_task(self, *, SourceArn: str) -> None:
        if not self.moves:
            answer: Any = {"Error": {"Code": "InvalidAction", "Message": "not here"}}
            raise ClientError(answer, "StartMessageMoveTask")
        self.calls.append(f"move {SourceArn}")
        dead = HOST + SourceArn.removeprefix("arn:")
        self.moved = len(self.queues[dead])
        self.queues[dead.replace(DEAD, "")] += self.queues[dead]
        self.queues[dead] = []

    def list_message_move_tasks(self, **_: Any) -> dict[str, Any]:
        task = {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": self.moved}
        return {"Results": [task]}
