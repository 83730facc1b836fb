"""Waits until queues have nothing left to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from local.ops.queues import depth

LOOK_AGAIN_S = 1.0
LOOKS = 2  # what SQS says is an estimate, and between two queues a message may be in neither


def wait_until_quiet(
    sqs: Any, urls: Sequence[str], timeout_s: float, looked: Callable[[int], None] = lambda _: None
) -> bool:
    """Wait until queues are empty, in flight included; return whether they are, False at the limit.

    `looked` hears how many messages are left, each time.
    """
    deadline = time.monotonic() + timeout_s
    quiet = 0
    while True:
        left = sum(depth(sqs, url) for url in urls)
        looked(left)
        quiet = 0 if left else quiet + 1
        if quiet >= LOOKS:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_AGAIN_S)
