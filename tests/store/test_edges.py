"""Queues and files: every message, every file, or an error that says so."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from chalicelib.core.errors import NotFoundError, UnavailableError
from chalicelib.flows.ports import DueAccount
from chalicelib.store.archive import S3Archive
from chalicelib.store.clients import aws_client, s3_client
from chalicelib.store.queues import QueueError, QueueUrls, SqsQueues
from moto import mock_aws

DAY = date(2024, 2, 29)
URLS = QueueUrls(sweep_shard="shards", work="work", work_large="large", mail="mail")


class Sqs:
    """SQS that keeps what was sent, per queue."""

    def __init__(self) -> None:
        self.sent: dict[str, list[tuple[dict[str, Any], int]]] = {}

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        for entry in request["Entries"]:
            body = json.loads(entry["MessageBody"]), entry["DelaySeconds"]
            self.sent.setdefault(request["QueueUrl"], []).append(body)
        return {}


def test_each_shard_gets_a_message() -> None:
    sqs = Sqs()
    SqsQueues(sqs, URLS).send_shards(DAY, range(16))
    assert [body["shard"] for body, _ in sqs.sent["shards"]] == list(range(16))
    assert {body["run_on"] for body, _ in sqs.sent["shards"]} == {"2024-02-29"}


def test_large_accounts_go_to_a_queue_of_their_own() -> None:
    sqs = Sqs()
    due = [DueAccount(f"A{n}", DAY, "", n % 5 == 0) for n in range(25)]
    SqsQueues(sqs, URLS).send_work(DAY, due)
    assert [body["account_id"] for body, _ in sqs.sent["large"]] == [
        f"A{n}" for n in range(0, 25, 5)
    ]
    assert len(sqs.sent["work"]) == 20


@pytest.mark.parametrize(("asked_s", "sent_s"), [(0, 0), (60, 60), (5_000, 900)])
def test_mail_may_wait_as_long_as_a_queue_can(asked_s: int, sent_s: int) -> None:
    sqs = Sqs()
    SqsQueues(sqs, URLS).send_mail("A1", ["N1", "N2"], asked_s)
    assert sqs.sent["mail"] == [
        ({"account_id": "A1", "notice_id": name}, sent_s) for name in ("N1", "N2")
    ]


def test_nothing_to_send_is_no_call() -> None:
    sqs = Sqs()
    SqsQueues(sqs, URLS).send_work(DAY, [])
    assert sqs.sent == {}


def test_a_queue_that_does_not_answer_may_be_tried_again() -> None:
    client = aws_client("sqs", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(QueueError) as caught:
        SqsQueues(client, URLS).send_shards(DAY, [1])
    assert caught.value.retryable


@pytest.fixture
def archive() -> Iterator[S3Archive]:
    with mock_aws():
        client = s3_client()
        client.create_bucket(
            Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield S3Archive(client, "files")


def test_a_file_is_kept_under_its_key(archive: S3Archive) -> None:
    for content in (b"first", b"second"):
        archive.put("letters/N1.html", content, "text/html")
        assert archive.get("letters/N1.html") == content


def test_a_file_that_is_not_there_is_not_found(archive: S3Archive) -> None:
    with pytest.raises(NotFoundError, match=r"letters/N2\.html"):
        archive.get("letters/N2.html")


def test_an_archive_that_does_not_answer_may_be_tried_again() -> None:
    client = aws_client("s3", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(UnavailableError):
        S3Archive(client, "files").get("x")
