"""The handlers as Lambda calls them: with raw events, one function of the wiring behind each."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from chalicelib import wiring
from chalicelib.core.errors import UnauthorizedError, UnavailableError
from chalicelib.log_lines import InvocationFailedError
from chalicelib.messages import (
    AgencyMessage,
    JobMessage,
    MailMessage,
    ReportMessage,
    ShardMessage,
    UploadMessage,
    WorkMessage,
)
from chalicelib.wiring_ports import Ports
from chalicelib.workers import (
    agency,
    jobs,
    mail,
    mail_events,
    reconcile,
    report,
    sweep,
    sweep_shard,
    uploads,
    work,
)

NOW = datetime(2024, 3, 18, 5, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class Recorded:
    """The wiring as a list of what was asked of it; the accounts in `failing` cannot be decided."""

    failing: frozenset[str] = frozenset()
    asked: list[tuple[object, ...]] = field(default_factory=list)

    @property
    def ports(self) -> Ports:
        raise NotImplementedError("the handlers under test ask for use cases")

    def now(self) -> datetime:
        return NOW

    def run_date(self, at: datetime) -> date:
        return at.astimezone(BERLIN).date()

    def sweep(self, run_on: date) -> Mapping[str, int]:
        self.asked.append(("sweep", run_on))
        return {"shards": 4}

    def sweep_shard(self, run_on: date, shard: int) -> Mapping[str, int]:
        self.asked.append(("sweep_shard", run_on, shard))
        return {}

    def work(self, run_on: date, account_id: str) -> Mapping[str, int]:
        if account_id in self.failing:
            raise UnavailableError("the table does not answer")
        self.asked.append(("work", run_on, account_id))
        return {}

    def mail(self, account_id: str, notice_id: str) -> Mapping[str, int]:
        self.asked.append(("mail", account_id, notice_id))
        return {}

    def mail_event(self, body: str) -> Mapping[str, int]:
        self.asked.append(("mail_event", body))
        return {}

    def reconcile(self, now: datetime) -> Mapping[str, int]:
        self.asked.append(("reconcile", now))
        return {}

    def report(self, run_on: date) -> Mapping[str, int]:
        self.asked.append(("report", run_on))
        return {}

    def report_part(self, run_on: date, start: str, stretch: int | None) -> Mapping[str, int]:
        self.asked.append(("report_part", run_on, start, stretch))
        return {}

    def upload(self, told: UploadMessage) -> Mapping[str, int]:
        self.asked.append(("upload", told.key))
        return {}

    def job(self, job_id: str, step: int) -> Mapping[str, int]:
        self.asked.append(("job", job_id, step))
        return {}

    def agency(self, agency_id: str) -> Mapping[str, int]:
        if agency_id in self.failing:
            raise UnavailableError("the table does not answer")
        self.asked.append(("agency", agency_id))
        return {}

    def webhooks(self, body: str) -> Mapping[str, int]:
        self.asked.append(("webhooks", body))
        return {}

    def authorize(self, token: str) -> Mapping[str, str]:
        if token != "Bearer good":
            raise UnauthorizedError("which key it was is for the log only")
        return {"principal": "anna", "roles": "viewer", "exp": "1"}

    def health(self) -> Mapping[str, str]:
        return {}

    def hold(self, account_id: str) -> Mapping[str, Any]:
        self.asked.append(("hold", account_id))
        return {}


@dataclass
class Context:
    """What Lambda says of an invocation."""

    function_name: str = "pastdue-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:000000000000:function:pastdue-test"
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    dependencies = Recorded(failing=frozenset({"A2"}))
    with wiring.using(dependencies):
        yield dependencies


def messages(*bodies: str) -> dict[str, Any]:
    """An event of SQS with one record for each body, under ids that differ."""
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": f"handle-{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:queue",
                "awsRegion": "eu-central-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def failed(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.mark.parametrize(
    ("event", "run_on"),
    [
        ({"run_on": "2023-12-31"}, date(2023, 12, 31)),
        # 22:30 in London is already the next day in Berlin.
        ({"scheduled_at": "2024-03-17T23:30:00Z"}, date(2024, 3, 18)),
        # A run that starts after midnight is still the run of the day it was scheduled for.
        ({"scheduled_at": "2024-03-17T06:00:00+01:00"}, date(2024, 3, 17)),
        ({"scheduled_at": "<aws.scheduler.scheduled-time>"}, date(2024, 3, 18)),
        ({}, date(2024, 3, 18)),
    ],
)
def test_a_run_has_the_day_of_its_scheduled_instant(
    recorded: Recorded, event: dict[str, str], run_on: date
) -> None:
    answer = sweep.sweep(event, Context())

    assert recorded.asked == [("sweep", run_on)]
    assert answer == {"shards": 4}


@pytest.mark.parametrize(
    "event",
    [
        {"run_on": "2024-02-30"},
        {"run_on": 20240318},
        {"scheduled_at": "tomorrow"},
        {"scheduled_at": "2024-03-18T06:00:00"},
    ],
)
def test_a_day_that_does_not_exist_starts_no_run(recorded: Recorded, event: dict[str, Any]) -> None:
    with pytest.raises(InvocationFailedError, match="invalid_message"):
        sweep.sweep(event, Context())

    assert recorded.asked == []


def test_the_report_is_of_the_day_asked_for(recorded: Recorded) -> None:
    report.report({"run_on": "2024-03-15"}, Context())

    assert recorded.asked == [("report", date(2024, 3, 15))]


@pytest.mark.parametrize("stretch", [None, 7])
def test_a_report_goes_on_with_the_stretch_in_the_message(
    recorded: Recorded, stretch: int | None
) -> None:
    body = ReportMessage(date(2024, 3, 15), "20240315T080000000000Z", stretch).to_json()

    answer = report.report_part(messages(body), Context())

    assert failed(answer) == []
    assert recorded.asked == [("report_part", date(2024, 3, 15), "20240315T080000000000Z", stretch)]


def test_reconciling_is_about_now(recorded: Recorded) -> None:
    reconcile.reconcile({}, Context())

    assert recorded.asked == [("reconcile", NOW)]


def test_a_shard_is_handed_out_for_the_day_in_the_message(recorded: Recorded) -> None:
    body = ShardMessage(date(2024, 3, 17), 3).to_json()

    answer = sweep_shard.sweep_shard(messages(body), Context())

    assert recorded.asked == [("sweep_shard", date(2024, 3, 17), 3)]
    assert failed(answer) == []


@pytest.mark.parametrize("handler", [work.work, work.work_large])
def test_one_bad_account_never_stops_the_others(recorded: Recorded, handler: Any) -> None:
    bodies = [WorkMessage(date(2024, 3, 18), account).to_json() for account in ("A1", "A2", "A3")]

    answer = handler(messages(*bodies), Context())

    assert [asked[2] for asked in recorded.asked] == ["A1", "A3"]
    assert failed(answer) == ["message-1"]


def test_when_every_account_fails_every_message_comes_back(recorded: Recorded) -> None:
    bodies = [WorkMessage(date(2024, 3, 18), "A2").to_json()] * 2

    assert failed(work.work(messages(*bodies), Context())) == ["message-0", "message-1"]
    assert recorded.asked == []


@pytest.mark.parametrize(
    "body", ["", "[]", '{"run_on": "2024-03-18"}', '{"run_on": "soon", "account_id": "A1"}']
)
def test_a_message_that_cannot_be_read_is_put_aside(recorded: Recorded, body: str) -> None:
    good = WorkMessage(date(2024, 3, 18), "A1").to_json()

    answer = work.work(messages(body, good), Context())

    assert failed(answer) == ["message-0"]
    assert recorded.asked == [("work", date(2024, 3, 18), "A1")]


def test_a_notice_is_delivered_by_its_ids(recorded: Recorded) -> None:
    body = MailMessage("A1", "A1:USD:2024-03-18").to_json()

    mail.mail(messages(body), Context())

    assert recorded.asked == [("mail", "A1", "A1:USD:2024-03-18")]


def test_an_event_of_the_mail_service_is_handed_on_as_it_came(recorded: Recorded) -> None:
    mail_events.mail_events(messages('{"eventType": "Send"}'), Context())

    assert recorded.asked == [("mail_event", '{"eventType": "Send"}')]


def put_file(key: str, **event: Any) -> str:
    """What EventBridge tells of a file that was put into the bucket."""
    detail = {"bucket": {"name": "b"}, "object": {"key": key, "size": 7, "etag": "e1"}}
    told = {"source": "aws.s3", "detail-type": "Object Created", "time": "2024-03-18T05:00:00Z"}
    return json.dumps({**told, "detail": detail, **event})


def test_an_uploaded_file_is_told_by_its_key(recorded: Recorded) -> None:
    answer = uploads.uploads(messages(put_file("uploads/erp/payments.csv")), Context())

    assert failed(answer) == []
    assert recorded.asked == [("upload", "uploads/erp/payments.csv")]


@pytest.mark.parametrize(
    "event",
    [
        {"detail": {}},
        {"detail": {"object": {"key": "", "size": 1, "etag": "e"}}},
        {"detail": {"object": {"key": "uploads/a.csv", "size": "1", "etag": "e"}}},
        {"time": "2024-03-18T05:00:00"},
        {"time": "yesterday"},
    ],
)
def test_what_is_no_event_of_a_file_fails_alone(
    recorded: Recorded, event: dict[str, object]
) -> None:
    good, bad = put_file("uploads/invoices.csv"), put_file("uploads/payments.csv", **event)

    answer = uploads.uploads(messages(bad, good), Context())

    assert failed(answer) == ["message-0"]
    assert recorded.asked == [("upload", "uploads/invoices.csv")]


def test_a_step_of_a_job_is_done_by_its_number(recorded: Recorded) -> None:
    jobs.jobs(messages(JobMessage("job_1", 2).to_json()), Context())

    assert recorded.asked == [("job", "job_1", 2)]


def test_an_agencys_work_is_done_by_its_id(recorded: Recorded) -> None:
    answer = agency.agency(messages(AgencyMessage("alpha").to_json()), Context())

    assert failed(answer) == []
    assert recorded.asked == [("agency", "alpha")]


@pytest.mark.parametrize("body", [AgencyMessage("A2").to_json(), "{}"])
def test_an_agencys_work_that_fails_comes_back(recorded: Recorded, body: str) -> None:
    assert failed(agency.agency(messages(body), Context())) == ["message-0"]
    assert recorded.asked == []


def test_metrics_count_what_failed(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    work.work(messages(WorkMessage(date(2024, 3, 18), "A2").to_json()), Context())

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    measured = [line for line in lines if "_aws" in line]
    assert [line["work_failed"] for line in measured] == [[1.0]]
