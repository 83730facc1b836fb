"""What one function writes into a queue another reads back, and nothing else is taken."""

from datetime import date

import pytest
from chalicelib.messages import (
    AgencyMessage,
    JobMessage,
    MailMessage,
    MessageError,
    ReportMessage,
    ShardMessage,
    WorkMessage,
)
from chalicelib.store.queues import QueueError, send_messages

MESSAGES = [
    ShardMessage(date(2024, 2, 29), 0),
    WorkMessage(date(2024, 2, 29), "Müller & Söhne"),
    MailMessage("A1", "A1:USD:2024-02-29"),
    JobMessage("job_1", 3),
    ReportMessage(date(2024, 2, 29), "20240229T090000000000Z", None),
    ReportMessage(date(2024, 2, 29), "20240229T090000000000Z", 12),
    AgencyMessage("alpha"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_is_read_as_it_was_written(
    message: (
        ShardMessage | WorkMessage | MailMessage | JobMessage | ReportMessage | AgencyMessage
    ),
) -> None:
    assert type(message).from_json(message.to_json()) == message


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        "[]",
        "{}",
        '{"run_on": "2024-02-30", "shard": 1}',
        '{"run_on": "2024-02-29", "shard": -1}',
        '{"run_on": "2024-02-29", "shard": true}',
        '{"run_on": "2024-02-29", "shard": "1"}',
        '{"run_on": 20240229, "shard": 1}',
    ],
)
def test_what_is_no_shard_message_is_refused(body: str) -> None:
    with pytest.raises(MessageError):
        ShardMessage.from_json(body)


@pytest.mark.parametrize("body", ["{}", '{"account_id": "", "notice_id": "N1"}'])
def test_what_is_no_mail_message_is_refused(body: str) -> None:
    with pytest.raises(MessageError):
        MailMessage.from_json(body)


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"run_on": "2024-02-29", "start": "s"}',
        '{"run_on": "2024-02-29", "start": "", "stretch": 1}',
        '{"run_on": "2024-02-29", "start": "s", "stretch": -1}',
        '{"run_on": "2024-02-29", "start": "s", "stretch": true}',
        '{"run_on": "2024-02-29", "start": "s", "stretch": "1"}',
    ],
)
def test_what_is_no_report_message_is_refused(body: str) -> None:
    with pytest.raises(MessageError):
        ReportMessage.from_json(body)


@pytest.mark.parametrize("body", ["{}", '{"job_id": "job_1"}', '{"job_id": "job_1", "step": -1}'])
def test_what_is_no_job_message_is_refused(body: str) -> None:
    with pytest.raises(MessageError):
        JobMessage.from_json(body)


@pytest.mark.parametrize("body", ["{}", '{"agency_id": ""}', '{"agency_id": 7}'])
def test_what_is_no_agency_message_is_refused(body: str) -> None:
    with pytest.raises(MessageError):
        AgencyMessage.from_json(body)


class Queue:
    """A queue that takes ten messages a call and refuses the bodies in `refused`."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.calls: list[list[str]] = []

    def send_message_batch(self, **request: object) -> dict[str, object]:
        entries = request["Entries"]
        assert isinstance(entries, list)
        self.calls.append([entry["MessageBody"] for entry in entries])
        failed = [
            {"Id": entry["Id"], "Code": "InternalError"}
            for entry in entries
            if entry["MessageBody"] in self.refused
        ]
        return {"Failed": failed}


def test_messages_go_out_ten_a_call() -> None:
    queue = Queue()

    send_messages(queue, "url", [str(number) for number in range(25)])

    assert [len(call) for call in queue.calls] == [10, 10, 5]
    assert [body for call in queue.calls for body in call] == [str(n) for n in range(25)]


def test_no_messages_are_no_call() -> None:
    queue = Queue()

    send_messages(queue, "url", [])

    assert queue.calls == []


def test_messages_that_were_not_taken_are_an_error_that_may_be_tried_again() -> None:
    with pytest.raises(QueueError, match="6 messages were not taken") as refused:
        send_messages(Queue("3"), "url", [str(number) for number in range(15)])

    assert refused.value.retryable
