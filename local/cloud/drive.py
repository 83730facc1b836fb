"""Drives a deployed stack: invokes functions, waits until nothing is left to do, reads failures."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.cloud.deploy import Stack
from local.cloud.emulator import Emulator
from local.cloud.errors import FunctionError, NotQuietError

_POLL_S = 0.2
_DEPTHS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_QUIET_LOOKS = 2  # between two reads of two queues a message may be in neither
_BATCH = 10


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that a queue gave up on."""

    queue: str
    body: str


def invoke(emulator: Emulator, stack: Stack, function: str, payload: Mapping[str, Any]) -> Any:
    """Run a function by its name in `.chalice/config.json`, wait, and return its answer.

    Raises:
        FunctionError: the function raised, or was ended by its time limit.
    """
    answer = emulator.client("lambda").invoke(
        FunctionName=stack.functions[function], Payload=json.dumps(payload).encode()
    )
    body = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        message = body.get("errorMessage", body) if isinstance(body, dict) else body
        raise FunctionError(f"{function} failed: {message}; see {emulator.log}")
    return body


def wait_until_quiet(
    emulator: Emulator, stack: Stack, timeout_s: float, undelivered: Callable[[], int]
) -> float:
    """Wait until every queue is empty, in flight included, and `undelivered()` says 0.

    Dead letters do not count: they wait for a person. Returns the seconds waited.

    Raises:
        NotQuietError: work was left when the time was over; the message says where.
        EmulatorDiedError: the emulator ended meanwhile.
    """
    sqs = emulator.client("sqs")
    started = time.monotonic()
    looks = 0
    while looks < _QUIET_LOOKS:
        emulator.check()
        left = _left(sqs, stack) | {"undelivered": undelivered()}
        looks = 0 if any(left.values()) else looks + 1
        waited_s = time.monotonic() - started
        if looks < _QUIET_LOOKS and waited_s > timeout_s:
            busy = ", ".join(f"{name} {count}" for name, count in left.items() if count)
            raise NotQuietError(
                f"after {timeout_s:g} s there is still work: {busy}; see {emulator.log}"
            )
        if looks < _QUIET_LOOKS:
            time.sleep(_POLL_S)
    return time.monotonic() - started


def dead_letters(emulator: Emulator, stack: Stack) -> tuple[DeadLetter, ...]:
    """Return what every queue gave up on, without taking it away."""
    sqs = emulator.client("sqs")
    found = []
    for queue, url in stack.dead_letter_urls.items():
        while messages := sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=_BATCH,
            VisibilityTimeout=60,  # so that each is seen once
        ).get("Messages"):
            found += [(url, queue, message) for message in messages]
    for url, _, message in found:
        sqs.change_message_visibility(
            QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )
    return tuple(DeadLetter(queue, message["Body"]) for _, queue, message in found)


def _left(sqs: Any, stack: Stack) -> dict[str, int]:
    return {queue: _depth(sqs, url) for queue, url in stack.queue_urls.items()}


def _depth(sqs: Any, url: str) -> int:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTHS))["Attributes"]
    return sum(int(attributes.get(name, 0)) for name in _DEPTHS)
