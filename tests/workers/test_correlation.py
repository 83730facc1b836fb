"""One id leads from the schedule to the letter, through every queue and every line between."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from chalicelib import wiring
from chalicelib.correlation import ATTRIBUTE, correlate, sent_along
from chalicelib.store.queues import QueueUrls, SqsAgencyQueue, SqsJobQueue, SqsQueues
from chalicelib.telemetry import ABOUT
from chalicelib.workers import mail, mail_events, report, sweep, sweep_shard, work
from tests.flows.machine import TODAY, Machine, invoice
from tests.workers.deployment import FakeDeployment
from tests.workers.logged import logged
from tests.workers.test_a_day import Context, messages, ses_event

URLS = QueueUrls(sweep_shard="sweep-shard", work="work", work_large="work-large", mail="mail")
RUN = "run-2024-03-18-request-1"
OF_LAMBDA = {
    "cold_start", "function_arn", "function_memory_size", "function_name", "function_request_id",
    "level", "location", "message", "service", "timestamp",
}  # fmt: skip
# Whatever else a line may say: codes and numbers. Nothing that could be a name or an address.
MAY_SAY = OF_LAMBDA | set(ABOUT) | {"correlation_id", "message_id", "tries", "counts", "code"}


@dataclass
class Sqs:
    """Queues as SQS keeps them: what was sent, with its attributes, until it is taken."""

    sent: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        self.sent.setdefault(request["QueueUrl"], []).extend(request["Entries"])
        return {}

    def event(self, queue: str) -> dict[str, Any]:
        """All that is in a queue, as its function is given it."""
        entries = self.sent.pop(queue, [])
        event = messages(*(entry["MessageBody"] for entry in entries))
        for record, entry in zip(event["Records"], entries, strict=True):
            record["messageAttributes"] = {
                name: {"dataType": value["DataType"], "stringValue": value["StringValue"]}
                for name, value in entry.get("MessageAttributes", {}).items()
            }
        return event


@pytest.fixture
def sqs() -> Iterator[Sqs]:
    """A deployment whose queues are these: of two accounts, each with a name and an address."""
    machine = Machine()
    for name in ("A1", "A2"):
        machine.take_in(name, invoice(f"I-{name}", 15))
    deployment, queues = FakeDeployment(machine), Sqs()
    deployment.ports.queues = SqsQueues(queues, URLS)
    with wiring.using(deployment):
        yield queues
    correlate("")


def run_the_day(sqs: Sqs) -> list[dict[str, Any]]:
    """Return what the functions of a day log, from its schedule to its letters."""
    with logged() as lines:
        sweep.sweep({"run_on": TODAY.isoformat()}, Context("sweep"))
        sweep_shard.sweep_shard(sqs.event("sweep-shard"), Context("sweep-shard", 1))
        work.work(sqs.event("work"), Context("work"))
        mail.mail(sqs.event("mail"), Context("mail"))
    return lines


def test_one_id_leads_from_the_sweep_to_each_letter(sqs: Sqs) -> None:
    lines = run_the_day(sqs)

    assert {line["correlation_id"] for line in lines} == {RUN}
    assert {line["function_name"] for line in lines} == {"sweep", "sweep-shard", "work", "mail"}
    said = [(line["message"], line["account_id"]) for line in lines if "account_id" in line]
    assert sorted(said) == [
        ("mail done", "A1"), ("mail done", "A2"), ("work done", "A1"), ("work done", "A2"),
    ]  # fmt: skip


def test_each_line_says_what_it_is_about_and_nothing_of_the_line_before(sqs: Sqs) -> None:
    lines = run_the_day(sqs)

    about = {line["message"]: tuple(name for name in ABOUT if name in line) for line in lines}
    assert about == {
        "sweep done": ("run_on",),
        "sweep_shard done": ("run_on", "shard"),
        "work done": ("run_on", "account_id"),
        "mail done": ("account_id", "notice_id"),
    }


def test_lines_say_ids_codes_and_counts_only(sqs: Sqs) -> None:
    for line in run_the_day(sqs):
        assert set(line) <= MAY_SAY
        assert all(isinstance(value, int) for value in line["counts"].values())
        assert not any(text in json.dumps(line) for text in ("Customer", "customer", "@"))


def test_what_ses_says_is_told_by_its_letter(sqs: Sqs) -> None:
    run_the_day(sqs)

    with logged() as lines:
        event = ses_event("Delivery", "A1:USD:2024-03-18")
        mail_events.mail_events(messages(event, '{"run_on": 7}'), Context())

    assert [(line["message"], line.get("notice_id")) for line in lines] == [
        ("mail_events done", "A1:USD:2024-03-18"), ("mail_events failed", None),
    ]  # fmt: skip
    assert [line["correlation_id"] for line in lines] == ["message-0", "message-1"]
    assert not any("customer.example" in json.dumps(line) for line in lines)


def test_two_starts_of_one_day_are_told_apart(sqs: Sqs) -> None:
    with logged() as lines:
        for request in ("one", "two"):
            sweep.sweep({"run_on": "2024-03-18"}, Context(aws_request_id=request))

    assert [line["correlation_id"] for line in lines] == [
        "run-2024-03-18-one", "run-2024-03-18-two",
    ]  # fmt: skip


def test_a_report_has_the_id_of_its_own_call(sqs: Sqs) -> None:
    with logged() as lines:
        report.report({"run_on": "2024-03-18"}, Context(aws_request_id="by-hand"))

    assert [(line["correlation_id"], line["run_on"]) for line in lines] == [
        ("by-hand", "2024-03-18")
    ]


def test_jobs_and_agencies_are_told_of_with_the_id_of_their_cause() -> None:
    sqs = Sqs()
    correlate("call-1")

    SqsJobQueue(sqs, "jobs").send_job("job_1", 0)
    SqsAgencyQueue(sqs, "agency").send_agency(["alpha"])

    for queue in ("jobs", "agency"):
        [entry] = sqs.sent[queue]
        assert entry["MessageAttributes"] == {
            ATTRIBUTE: {"DataType": "String", "StringValue": "call-1"}
        }
    correlate("")


def test_a_message_without_a_cause_carries_no_id() -> None:
    sqs = Sqs()
    SqsJobQueue(sqs, "jobs").send_job("job_1", 0)
    assert "MessageAttributes" not in sqs.sent["jobs"][0]


@pytest.mark.parametrize("sent", [None, "", "two words", "line\nbreak", "x" * 201, 7])
def test_what_is_no_id_is_not_taken_for_one(sent: object) -> None:
    assert sent_along(sent, "own") == "own"
