"""The queue to the agencies' worker: in order per agency, and no message is taken for another."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from chalicelib.store.queues import QueueError, SqsAgencyQueue
from chalicelib.wiring_ports import Ports

from tests.workers.deployment import SETTINGS


class Sqs:
    """SQS that keeps what was sent, and refuses what it is told to."""

    def __init__(self, refused: int = 0) -> None:
        self.calls: list[tuple[str, list[dict[str, Any]]]] = []
        self._refused = refused

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        self.calls.append((request["QueueUrl"], request["Entries"]))
        return {"Failed": [{"Code": "busy"}] * self._refused}


def queue(sqs: Sqs) -> SqsAgencyQueue:
    numbers = itertools.count()
    return SqsAgencyQueue(sqs, "agencies.fifo", lambda: f"token{next(numbers)}")


def test_each_agency_has_a_group_of_its_own_and_no_message_is_like_another() -> None:
    sqs = Sqs()
    own = queue(sqs)
    own.send_agency(["acme", "other"])
    own.send_agency(["acme"])

    entries = [entry for url, here in sqs.calls for entry in here if url == "agencies.fifo"]
    assert [(one["MessageGroupId"], one["MessageDeduplicationId"]) for one in entries] == [
        ("acme", "token0"), ("other", "token1"), ("acme", "token2")
    ]  # fmt: skip
    assert [json.loads(one["MessageBody"]) for one in entries] == [
        {"agency_id": "acme"}, {"agency_id": "other"}, {"agency_id": "acme"}
    ]  # fmt: skip
    # A FIFO queue refuses a message with a delay of its own.
    assert not any("DelaySeconds" in one for one in entries)


def test_no_agency_is_no_call() -> None:
    sqs = Sqs()
    queue(sqs).send_agency([])
    assert sqs.calls == []


def test_what_the_queue_does_not_take_is_told() -> None:
    with pytest.raises(QueueError, match="1 messages were not taken: busy"):
        queue(Sqs(refused=1)).send_agency(["acme"])


def test_a_queue_that_does_not_answer_fails_no_booking(caplog: pytest.LogCaptureFixture) -> None:
    ports = Ports(SETTINGS, lambda: datetime(2024, 6, 3, tzinfo=UTC), lambda: 0.0)
    ports.agency_queue = queue(Sqs(refused=1))
    ports._tell_agencies(["acme"])
    assert "agencies' lines wait untold" in caplog.text
