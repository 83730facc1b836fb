"""A CRM that follows the bus: told right after a commit, and a minute later of what was lost."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.messages import WorkMessage
from chalicelib.store.event_rows import DynamoEventRows
from chalicelib.store.ledger import DynamoAccounts, EventTelling

from tests.contract.store import book, issued
from tests.infra.story.customer import NEXT
from tests.infra.story.seller import Seller

DECIDED, UNTOLD = "story-told", "story-untold"
DAY = date.fromisoformat(NEXT)
LONG_AGO = datetime(2024, 3, 18, tzinfo=UTC)
WAIT_S = 60


def tell(seller: Seller) -> None:
    """Follow the bus, decide an account, and let the reconcile tell what nobody told."""
    follow(seller)
    seller.take_in(DECIDED, issued("EV1"), wake_on=DAY)
    seller.deliver("work", WorkMessage(DAY, DECIDED).to_json())

    assert {"stage.applied", "notice.created"} <= {one["type"] for one in heard(seller, DECIDED)}
    table, shards = seller.stage.table, seller.stage.accounts.shards()
    assert DynamoEventRows(table, shards).oldest() is None

    crashed = EventTelling(lambda: LONG_AGO, lambda rows: None)
    book(DynamoAccounts(table, shards, telling=crashed), UNTOLD, issued("I1"))
    counts = seller.cloud.invoke("reconcile")
    types = [one["type"] for one in heard(seller, UNTOLD)]
    assert (counts["events_told"], types) == (2, ["account.created", "invoice.opened"])


def follow(seller: Seller) -> None:
    """Enter the CRM's queue as a listener of every event of the stage."""
    sqs, events = seller.cloud.client("sqs"), seller.cloud.client("events")
    url = sqs.create_queue(QueueName="crm")["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    target = {"Id": "crm", "Arn": answer["Attributes"]["QueueArn"], "InputPath": "$.detail"}
    pattern = json.dumps({"source": ["pastdue.local"]})
    events.put_rule(Name="crm", EventBusName="pastdue-local", EventPattern=pattern)
    events.put_targets(Rule="crm", EventBusName="pastdue-local", Targets=[target])


def heard(seller: Seller, account_id: str) -> list[dict[str, Any]]:
    """What the CRM hears of an account, in order, once it hears of it."""
    sqs = seller.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="crm")["QueueUrl"]
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        told = [json.loads(one["Body"]) for one in got.get("Messages", ())]
        for one in got.get("Messages", ()):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        found += [event for event in told if event["account_id"] == account_id]
        if found and not told:
            break
    return sorted(found, key=lambda event: (event["account_version"], event["index"]))
