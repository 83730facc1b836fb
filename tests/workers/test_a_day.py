"""A day of the machine through its real handlers: from the schedule to what SES says at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from chalicelib import wiring
from chalicelib.core.errors import UnavailableError
from chalicelib.flows.jobs import Jobs
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.flows.snapshot_files import summary_key
from chalicelib.flows.wake_job import WAKE_KIND
from chalicelib.log_lines import InvocationFailedError
from chalicelib.mail.tags import ATTEMPT_TAG, NOTICE_TAG, encode_tag
from chalicelib.messages import MailMessage, ShardMessage, WorkMessage
from chalicelib.workers import mail, mail_events, reconcile, report, sweep, sweep_shard, work
from tests.fakes_registry import MemoryJobQueue
from tests.fakes_store import MemoryQueues
from tests.flows.machine import TODAY, Machine, invoice
from tests.workers.deployment import FakeDeployment

ANNA = Principal("anna", frozenset({ADMIN}))


@dataclass
class Context:
    """What Lambda says of an invocation."""

    function_name: str = "pastdue-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:000000000000:function:pastdue-test"
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def messages(*bodies: str) -> dict[str, Any]:
    """An event of SQS, a record per body, each under an id of its own."""
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


def ses_event(kind: str, notice_id: str, attempt: int = 1) -> str:
    return json.dumps(
        {
            "eventType": kind,
            "mail": {
                "messageId": "ses-1",
                "timestamp": "2024-03-18T06:00:00.000Z",
                "destination": ["ap@customer.example"],
                "tags": {NOTICE_TAG: [encode_tag(notice_id)], ATTEMPT_TAG: [str(attempt)]},
            },
            kind.lower(): {"timestamp": "2024-03-18T06:00:01.000Z"},
        }
    )


@pytest.fixture
def machine() -> Iterator[Machine]:
    machine = Machine()
    for name in ("A1", "A2", "A3"):
        machine.take_in(name, invoice(f"I-{name}", 15))
    with wiring.using(FakeDeployment(machine)):
        yield machine


def run_the_day(machine: Machine) -> None:
    """Sweep, hand out, decide and deliver, each message once, as the queues would."""
    sweep.sweep({"run_on": TODAY.isoformat()}, Context())
    for run_on, shard in machine.queues.shards:
        sweep_shard.sweep_shard(messages(ShardMessage(run_on, shard).to_json()), Context())
    if due := [WorkMessage(*row).to_json() for row in machine.queues.work]:
        work.work(messages(*due), Context())
    if letters := [MailMessage(*row).to_json() for row in machine.queues.mail]:
        mail.mail(messages(*letters), Context())


def test_a_day_sends_each_account_its_letter(machine: Machine) -> None:
    run_the_day(machine)

    assert sorted(sent.notice_id for sent in machine.mailer.tried) == [
        "A1:USD:2024-03-18", "A2:USD:2024-03-18", "A3:USD:2024-03-18",
    ]  # fmt: skip


def test_the_same_day_again_brings_nothing_new(machine: Machine) -> None:
    run_the_day(machine)
    effects = [list(kept.effects) for kept in machine.accounts.kept.values()]
    for queue in (machine.queues.shards, machine.queues.work, machine.queues.mail):
        queue.clear()

    run_the_day(machine)

    assert machine.queues.work == []
    assert len(machine.mailer.tried) == 3
    assert [list(kept.effects) for kept in machine.accounts.kept.values()] == effects


def test_of_a_batch_only_the_message_that_failed_comes_back(machine: Machine) -> None:
    machine.take_in("bad", invoice("I", 15), policy_id="rapid")
    machine.registry.drop_policy("rapid")
    machine.let_run()
    bodies = [WorkMessage(TODAY, name).to_json() for name in ("A1", "bad", "A2")]

    answer = work.work(messages(*bodies), Context())

    assert answer["batchItemFailures"] == [{"itemIdentifier": "message-1"}]
    assert sorted(machine.queues.mail) == [
        ("A1", "A1:USD:2024-03-18"), ("A2", "A2:USD:2024-03-18"),
    ]  # fmt: skip


def test_a_delivery_that_ses_reports_makes_a_notice_count(machine: Machine) -> None:
    run_the_day(machine)

    answer = mail_events.mail_events(
        messages(ses_event("Delivery", "A1:USD:2024-03-18"), "not an event"), Context()
    )

    assert answer["batchItemFailures"] == [{"itemIdentifier": "message-1"}]
    assert machine.account("A1").notices == {}
    [said] = machine.account("A1").invoices["I-A1"].announcements
    assert said.sent_on == TODAY


def test_a_message_of_ses_about_nothing_of_ours_is_passed_over(machine: Machine) -> None:
    event = json.loads(ses_event("Delivery", "A1:USD:2024-03-18"))
    del event["mail"]["tags"]

    answer = mail_events.mail_events(messages(json.dumps(event)), Context())

    assert answer["batchItemFailures"] == []


def test_the_minute_hands_over_what_was_lost(machine: Machine) -> None:
    machine.decide("A1")
    machine.queues.mail.clear()
    machine.clock.pass_by(minutes=2)

    counts = reconcile.reconcile({}, Context())

    assert counts == {"handed_over": 1}


def test_the_minute_hands_over_a_job_whose_message_was_lost(machine: Machine) -> None:
    jobs = Jobs(machine.records, MemoryJobQueue(), machine.archive)
    job = jobs.submit(WAKE_KIND, {"on": TODAY.isoformat()}, ANNA, "key", machine.clock.now())
    machine.clock.pass_by(minutes=6)

    counts = reconcile.reconcile({}, Context())

    assert counts == {"jobs_handed_over_again": 1}
    assert machine.job_queue.sent == [(job.id, 0)]


class NoMail(MemoryQueues):
    def send_mail(self, account_id: str, notice_ids: Sequence[str], delay_s: int = 0) -> None:
        if notice_ids:
            raise UnavailableError("the queue does not answer")


def test_what_fails_with_a_letter_keeps_no_job_back() -> None:
    machine = Machine(queues=NoMail())
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    jobs = Jobs(machine.records, MemoryJobQueue(), machine.archive)
    job = jobs.submit(WAKE_KIND, {"on": TODAY.isoformat()}, ANNA, "key", machine.clock.now())
    machine.clock.pass_by(minutes=6)

    with wiring.using(FakeDeployment(machine)), pytest.raises(InvocationFailedError):
        reconcile.reconcile({}, Context())

    assert machine.job_queue.sent == [(job.id, 0)]


def test_the_report_tells_the_run(machine: Machine) -> None:
    run_the_day(machine)

    counts = report.report({"run_on": TODAY.isoformat()}, Context())

    assert counts["done"] == 3
    assert json.loads(machine.archive.get(summary_key(TODAY)))["done"] == 3
