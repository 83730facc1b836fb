"""The packaged app in the emulator: deployed by CloudFormation, driven through its queues."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from chalicelib.store.agencies import DynamoAgencies
from local.cloud import emulator
from local.cloud.deploy import deploy
from local.cloud.errors import (
    DeployError,
    EmulatorDiedError,
    FolderError,
    FunctionError,
    NotQuietError,
    PortTakenError,
)
from local.cloud.machine import DEFAULTS, LocalCloud, local_cloud
from local.cloud.package import Package
from local.cloud_machine import address_of
from local.sandbox_agency import AGENCY_ID, open_sandbox
from local.stage import open_stage
from local.token_signer import Signer

pytestmark = pytest.mark.emulator
ORPHAN = """
import sys, time
from pathlib import Path
from local.cloud.emulator import run_emulator
with run_emulator(Path(sys.argv[1])) as running:
    print(running.port, flush=True)
    time.sleep(60)
"""


def said(cloud: LocalCloud, text: str) -> int:
    """How often the functions' logs say a text."""
    return cloud.emulator.log.read_text().count(f'"message":"{text}"')


def logged(cloud: LocalCloud, function: str) -> list[dict[str, Any]]:
    """What a function has logged, as CloudWatch gives it, without what Lambda itself says there."""
    group = f"/aws/lambda/{cloud.stack.name}-{function}"
    found = cloud.client("logs").filter_log_events(logGroupName=group, limit=10_000)["events"]
    texts = (event["message"].strip() for event in found)
    lines = [json.loads(text) for text in texts if text.startswith("{")]
    return [line for line in lines if "correlation_id" in line]


def within(timeout_s: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((emulator.HOST, port)) == 0


def test_a_run_flows_from_the_sweep_through_the_shards(cloud: LocalCloud) -> None:
    counts = cloud.invoke("sweep", {"run_on": "2024-03-18"})
    cloud.wait_until_quiet(timeout_s=60)

    assert counts["shards"] > 0
    # At least: a queue may deliver a message twice, and does while a function starts slowly.
    assert said(cloud, "sweep_shard done") >= counts["shards"]
    assert cloud.dead_letters() == ()
    ids = {line["correlation_id"] for line in logged(cloud, "sweep-shard")}
    [run] = {line["correlation_id"] for line in logged(cloud, "sweep")} & ids
    assert re.fullmatch(r"run-2024-03-18-[-\w]+", run)


@pytest.mark.parametrize("queue", ["work", "work_large"])
def test_both_queues_of_accounts_are_worked(cloud: LocalCloud, queue: str) -> None:
    before = said(cloud, f"{queue} done")

    cloud.client("sqs").send_message(
        QueueUrl=cloud.stack.queue_urls[queue],
        MessageBody='{"run_on": "2024-03-18", "account_id": "A1"}',
    )
    cloud.wait_until_quiet(timeout_s=60)

    assert said(cloud, f"{queue} done") > before


def test_what_agencies_are_told_of_is_worked_in_order(cloud: LocalCloud) -> None:
    """R10.5: a FIFO queue, one message at a time, each named so that none is dropped as a copy."""
    agencies = DynamoAgencies(open_stage(address_of(cloud)).table)
    open_sandbox(agencies, datetime(2024, 3, 18, tzinfo=UTC))
    sqs, url = cloud.client("sqs"), cloud.stack.queue_urls["agency"]

    sent = [
        sqs.send_message(
            QueueUrl=url,
            MessageBody=f'{{"agency_id": "{AGENCY_ID}"}}',
            MessageGroupId=AGENCY_ID,
            MessageDeduplicationId=str(number),
        )["MessageId"]
        for number in range(4)
    ]
    cloud.wait_until_quiet(timeout_s=60)

    lines = cloud.emulator.log.read_text().splitlines()
    done = [line for line in lines if '"message":"agency done"' in line]
    ids = [re.findall(r'"correlation_id":"([^"]+)"', line)[0] for line in done]
    assert [name for name in dict.fromkeys(ids) if name in sent] == sent


@pytest.mark.slow
def test_a_message_that_always_fails_ends_among_the_dead_letters(cloud: LocalCloud) -> None:
    sqs, url = cloud.client("sqs"), cloud.stack.queue_urls["mail"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})

    sqs.send_message(QueueUrl=url, MessageBody='{"account_id": "A1"}')
    cloud.wait_until_quiet(timeout_s=60)

    (dead,) = cloud.dead_letters()
    assert (dead.queue, dead.body) == ("mail", '{"account_id": "A1"}')
    assert cloud.dead_letters() == (dead,), "looking takes nothing away"
    sqs.purge_queue(QueueUrl=cloud.stack.dead_letter_urls["mail"])


def test_work_that_is_not_done_in_time_is_named(cloud: LocalCloud) -> None:
    with pytest.raises(NotQuietError, match="undelivered 3"):
        cloud.wait_until_quiet(timeout_s=0.5, undelivered=lambda: 3)


def test_a_function_that_fails_says_why(cloud: LocalCloud) -> None:
    with pytest.raises(FunctionError, match="invalid_message"):
        cloud.invoke("sweep", {"run_on": "2024-02-30"})


def test_a_function_may_do_what_its_policy_allows_and_no_more(cloud: LocalCloud) -> None:
    lambdas, iam = cloud.client("lambda"), cloud.client("iam")
    function = lambdas.get_function_configuration(FunctionName=cloud.stack.functions["sweep"])
    role = function["Role"].rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]

    iam.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        with pytest.raises(FunctionError, match="sweep failed"):
            cloud.invoke("sweep", {"run_on": "2024-03-19"})
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))
    cloud.invoke("sweep", {"run_on": "2024-03-19"})
    cloud.wait_until_quiet(timeout_s=60)


def test_the_deployed_api_answers(cloud: LocalCloud) -> None:
    assert cloud.get("/v1/health")["status"] == "ok"


def test_functions_see_only_what_was_packaged(cloud: LocalCloud) -> None:
    # What a function imports comes from its archive, never from the virtual environment of ours.
    paths = subprocess.run(
        ["ps", "-eo", "ppid,args"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    workers = [
        line.split()[1] for line in paths if line.split()[0] == str(cloud.emulator.process.pid)
    ]

    assert workers
    assert all(Path(worker).resolve() != Path(sys.executable) for worker in workers)


def test_functions_read_and_write_the_deployed_table(cloud: LocalCloud) -> None:
    table = cloud.client("dynamodb").describe_table(TableName=cloud.stack.table_name)["Table"]

    assert {index["IndexName"]: index["Projection"] for index in table["GlobalSecondaryIndexes"]}[
        "due"
    ] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["policy_id"]}


@pytest.fixture
def overheard(cloud: LocalCloud) -> Callable[[], list[dict[str, Any]]]:
    """What the mail topic says, heard by a queue of the test's own."""
    sqs, sns = cloud.client("sqs"), cloud.client("sns")
    url = sqs.create_queue(QueueName="overheard")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = found["Attributes"]["QueueArn"]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.subscribe(
        TopicArn=cloud.stack.mail_events_topic_arn,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
    )

    def hear() -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    return hear


@pytest.mark.parametrize(
    ("to", "kinds"),
    [
        ("success@simulator.amazonses.com", {"Send", "Delivery"}),
        ("bounce@simulator.amazonses.com", {"Send", "Bounce"}),
        ("complaint@simulator.amazonses.com", {"Send", "Delivery", "Complaint"}),
    ],
)
def test_a_letter_is_kept_whole_and_its_events_come_back_with_its_tags(
    cloud: LocalCloud, overheard: Callable[[], list[dict[str, Any]]], to: str, kinds: set[str]
) -> None:
    ses = boto3.client(
        "sesv2",
        endpoint_url=cloud.post_office.url,
        region_name=emulator.REGION,
        aws_access_key_id=cloud.emulator.environment()["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=cloud.emulator.environment()["AWS_SECRET_ACCESS_KEY"],
    )
    mime = f"From: a@seller.example\r\nTo: {to}\r\nReply-To: ann@seller.example\r\nSubject: Hi\r\n"

    sent = ses.send_email(
        FromEmailAddress="receivables@seller.example",
        Destination={"ToAddresses": [to]},
        Content={"Raw": {"Data": f"{mime}\r\nPay, please.\r\n".encode()}},
        EmailTags=[{"Name": "notice", "Value": "n-1"}],
        ConfigurationSetName=f"pastdue-{cloud.stack.name.removeprefix('pastdue-')}",
    )

    assert within(10, lambda: cloud.post_office.pending() == 0)
    events = overheard()
    assert {event["eventType"] for event in events} == kinds
    assert {event["mail"]["messageId"] for event in events} == {sent["MessageId"]}
    assert [event["mail"]["tags"]["notice"] for event in events] == [["n-1"]] * len(events)
    letter = cloud.letters()[-1]
    assert (letter.recipients, letter.reply_to) == ((to,), ("ann@seller.example",))
    assert (letter.subject, letter.text.strip()) == ("Hi", "Pay, please.")
    assert cloud.messages()[-1]["MessageId"] == sent["MessageId"]


def test_a_running_stack_takes_a_change_of_its_parameters(
    cloud: LocalCloud, packaged: Package, signer: Signer
) -> None:
    # One that no function reads: all of them would have to start anew for the tests after this.
    parameters = {"OidcIssuers": signer.issuers(), "RetryAfterSeconds": "61"}
    stack = deploy(cloud.emulator, packaged, {**DEFAULTS, **parameters})

    queue = cloud.client("sqs").get_queue_attributes(
        QueueUrl=stack.queue_urls["work"], AttributeNames=["VisibilityTimeout"]
    )
    assert stack == cloud.stack
    assert queue["Attributes"]["VisibilityTimeout"] == "61"


def test_a_refused_template_is_not_deployed(packaged: Package, tmp_path: Path) -> None:
    broken = Package(tmp_path / "template.json", packaged.archive, is_new=True)
    broken.template.write_text('{"Resources": {"Table": {"Type": "AWS::No::Such"}}}')

    with pytest.raises(DeployError), local_cloud(broken, tmp_path / "out"):
        pass


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((emulator.HOST, 0))
        other.listen()
        port = other.getsockname()[1]

        with (
            pytest.raises(PortTakenError, match=f"port {port} is in use"),
            emulator.run_emulator(tmp_path, port),
        ):
            pass


def test_an_output_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(FolderError, match="cannot write to"),
        emulator.run_emulator(tmp_path / "file" / "out"),
    ):
        pass


def test_an_emulator_that_dies_in_the_middle_is_told_apart(tmp_path: Path) -> None:
    def lose_it() -> None:
        with emulator.run_emulator(tmp_path) as running:
            running.process.kill()
            running.process.wait()
            running.client("sqs").list_queues()

    with pytest.raises(EmulatorDiedError, match=r"ended in the middle .*emulator\.log"):
        lose_it()


def test_an_emulator_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHAN, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    port = int(parent.stdout.readline())
    assert answers(port)

    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    assert within(10, lambda: not answers(port))


def test_nothing_of_the_emulator_is_left_behind(tmp_path: Path) -> None:
    with emulator.run_emulator(tmp_path) as running:
        port = running.port

    assert not answers(port)
    assert [path.name for path in tmp_path.iterdir()] == [emulator.LOG]
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.process.pid, 0)
        raise AssertionError("the emulator is still there")
