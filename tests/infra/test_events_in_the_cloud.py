"""Events of the deployed app: put on its bus by the functions themselves, and again by the reconcile."""

import json
import time
from datetime import UTC, date, datetime
from typing import Any

import pytest
from chalicelib.core.account import Account
from chalicelib.flows.ports import RunState
from chalicelib.store.event_rows import DynamoEventRows
from chalicelib.store.ledger import DynamoAccounts, EventTelling
from local.cloud.machine import LocalCloud
from local.cloud_machine import address_of
from local.stage import Stage, open_stage

from tests.contract.store import book, issued

pytestmark = pytest.mark.emulator
FAR = datetime(2040, 1, 1, tzinfo=UTC)


@pytest.fixture
def stage(cloud: LocalCloud) -> Stage:
    return open_stage(address_of(cloud))


@pytest.fixture(scope="module")
def listener(cloud: LocalCloud) -> str:
    """The queue of a CRM that follows every event of the stage; its URL."""
    sqs, events = cloud.client("sqs"), cloud.client("events")
    url: str = sqs.create_queue(QueueName="crm")["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    target = {"Id": "crm", "Arn": answer["Attributes"]["QueueArn"], "InputPath": "$.detail"}
    pattern = json.dumps({"source": ["pastdue.local"]})
    events.put_rule(Name="crm", EventBusName="pastdue-local", EventPattern=pattern)
    events.put_targets(Rule="crm", EventBusName="pastdue-local", Targets=[target])
    return url


def heard(cloud: LocalCloud, url: str, account_id: str, wait_s: float = 60) -> list[dict[str, Any]]:
    """What the listener heard of an account, in order, when it has heard something."""
    sqs = cloud.client("sqs")
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for one in got.get("Messages", []):
            found.append(json.loads(one["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        if found and not got.get("Messages"):
            break
    mine = [event for event in found if event["account_id"] == account_id]
    return sorted(mine, key=lambda event: (event["account_version"], event["index"]))


def test_a_decision_is_told_right_after_its_commit(
    cloud: LocalCloud, stage: Stage, listener: str
) -> None:
    book(stage.accounts, "EV1", issued("I1"), wake_on=date(2024, 2, 1))
    stage.registry.put_run(RunState(date(2024, 3, 20), "running"))

    cloud.client("sqs").send_message(
        QueueUrl=cloud.stack.queue_urls["work"],
        MessageBody='{"run_on": "2024-03-20", "account_id": "EV1"}',
    )

    types = [event["type"] for event in heard(cloud, listener, "EV1")]
    assert {"stage.applied", "notice.created"} <= set(types)
    rows = DynamoEventRows(stage.table, stage.registry.shards())
    assert [row for row in rows.waiting(FAR) if row.account_id == "EV1"] == []


def test_what_nobody_told_is_told_by_the_reconcile(
    cloud: LocalCloud, stage: Stage, listener: str
) -> None:
    long_ago = datetime(2024, 3, 18, tzinfo=UTC)
    crashed = EventTelling(lambda: long_ago, lambda rows: None)
    accounts = DynamoAccounts(stage.table, stage.registry.shards(), telling=crashed)
    book(accounts, "EV2", issued("I1"))

    counts = cloud.invoke("reconcile", {})

    assert counts["events_told"] >= 2
    events = heard(cloud, listener, "EV2")
    assert [event["type"] for event in events] == ["account.created", "invoice.opened"]
    assert stage.accounts.load("EV2").account != Account("EV2")
