"""The queues of a stage: what waits in them, what they gave up on, and putting that back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import NotFoundError

FIFO = ".fifo"
DEAD = "-dead"
WAITING = "ApproximateNumberOfMessages"
IN_FLIGHT = "ApproximateNumberOfMessagesNotVisible"
DELAYED = "ApproximateNumberOfMessagesDelayed"


class UnknownQueueError(NotFoundError):
    """The stage has no queue of that name; the message names those that there are."""

    code = "no_queue"


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue with its dead letters. All figures are SQS's own approximations.

    `dead_url` is "" for a queue without dead letters; `is_source` False for dead letters that no
    queue of the stage gives up to, such as those of a rule.
    """

    name: str
    url: str
    waiting: int = 0
    in_flight: int = 0
    delayed: int = 0
    dead_url: str = ""
    dead: int = 0

    @property
    def is_fifo(self) -> bool:
        """Return whether messages keep their order within a group."""
        return self.url.endswith(FIFO)


def find_queues(sqs: Any, urls: Mapping[str, str], stage: str) -> tuple[Queue, ...]:
    """Return a stack's queues by name, each with its dead letters. One call for each queue.

    `urls` are the queues' URLs by any name. Which dead letters are whose, the queues say themselves.
    """
    said = {url: _attributes(sqs, url) for url in urls.values()}
    by_arn = {attributes["QueueArn"]: url for url, attributes in said.items()}
    dead_of = {url: by_arn.get(_dead_arn(attributes), "") for url, attributes in said.items()}
    is_dead = set(dead_of.values())
    found = [
        Queue(
            queue_name(url, stage),
            url,
            int(attributes.get(WAITING, 0)),
            int(attributes.get(IN_FLIGHT, 0)),
            int(attributes.get(DELAYED, 0)),
            dead_of[url],
            _all_in(said.get(dead_of[url], {})),
        )
        for url, attributes in said.items()
        if url not in is_dead
    ]
    return tuple(sorted(found, key=lambda queue: queue.name))


def named(queues: tuple[Queue, ...], name: str) -> Queue:
    """Return the queue of a name, such as `mail`, that has dead letters.

    Raises:
        UnknownQueueError: there is none.
    """
    having = [queue for queue in queues if queue.dead_url]
    for queue in having:
        if queue.name == name:
            return queue
    names = ", ".join(queue.name for queue in having)
    raise UnknownQueueError(f"there is no queue {name[:80]!r} with dead letters; there are {names}")


def queue_name(url: str, stage: str) -> str:
    """Return a queue's name without what all of a stage's share: `mail` for `pastdue-prod-mail`."""
    return url.rsplit("/", 1)[-1].removesuffix(FIFO).removeprefix(f"pastdue-{stage}-")


def depth(sqs: Any, url: str) -> int:
    """Return how many messages a queue has: waiting, in flight and delayed, as SQS estimates."""
    return _all_in(_attributes(sqs, url))


def _attributes(sqs: Any, url: str) -> Mapping[str, str]:
    answer = sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["QueueArn", "RedrivePolicy", WAITING, IN_FLIGHT, DELAYED]
    )
    attributes: Mapping[str, str] = answer["Attributes"]
    return attributes


def _dead_arn(attributes: Mapping[str, str]) -> str:
    policy = json.loads(attributes.get("RedrivePolicy") or "{}")
    return str(policy.get("deadLetterTargetArn", ""))


def _all_in(attributes: Mapping[str, str]) -> int:
    return sum(int(attributes.get(name, 0)) for name in (WAITING, IN_FLIGHT, DELAYED))
