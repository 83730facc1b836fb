"""A stage in this process over the local AWS emulator, which counts what its use cases ask of AWS.

The same wiring as the deployed functions': ledger, queues, archive and mail are the real adapters.
Requests are counted by a hook of the SDK, capacity units from item sizes (`chalicelib.store.meter`),
and processor seconds are this process's own: the SDK's work is in them, waiting is not.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import botocore.session

from chalicelib.settings import Settings
from chalicelib.store.create import create_table
from chalicelib.store.meter import metered
from chalicelib.store.tables import Table
from chalicelib.wiring import Machine
from local.cloud.emulator import Emulator, run_emulator
from local.cloud.post import PostOffice, run_post_office

NAME = "bench"
SENDER = "receivables@seller.example"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one unit of work comes to, on average: requests by `service.Operation`, units, seconds."""

    times: int
    requests: dict[str, float]
    read_units: float
    write_units: float
    processor_s: float

    def values(self) -> dict[str, Any]:
        """Return it as JSON values; the seconds are of the machine that measured."""
        return {
            "measured_times": self.times,
            "requests": {name: round(count, 4) for name, count in sorted(self.requests.items())},
            "read_units": round(self.read_units, 3),
            "write_units": round(self.write_units, 3),
            "processor_ms": round(self.processor_s * 1000, 2),
        }


class CountedStage:
    """A stage whose every call to AWS is counted."""

    def __init__(self, machine: Machine, counted: Counter[str], office: PostOffice) -> None:
        self.machine = machine
        self.office = office
        self._counted = counted

    @property
    def table(self) -> Table:
        """The stage's table."""
        table: Table = self.machine.ports._table
        return table

    def cost_of(self, work: Callable[[], object], times: int) -> Cost:
        """Do some work, which is so many units of one kind, and return what one unit came to."""
        before = Counter(self._counted)
        with metered(self.table) as usage:
            started = time.process_time()
            work()
            processor_s = time.process_time() - started
        requests = Counter(self._counted)
        requests.subtract(before)
        requests.update({f"dynamodb.{name}": count for name, count in usage.requests.items()})
        _, reads, writes = usage.total
        return Cost(
            times,
            {name: count / times for name, count in requests.items() if count},
            reads / times,
            writes / times,
            processor_s / times,
        )

    def messages(self, queue_url: str) -> list[str]:
        """Return the bodies of all that waits in a queue, and take them away. Not counted."""
        sqs = boto3.session.Session(botocore_session=_plain()).client("sqs")
        bodies: list[str] = []
        while True:
            got = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages")
            if not got:
                return bodies
            for message in got:
                bodies.append(message["Body"])
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


def _plain() -> Any:
    return botocore.session.get_session()


@contextmanager
def counted_stage(**settings: str) -> Iterator[CountedStage]:
    """Run an empty stage while the context lasts; `settings` go over its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        run_emulator(Path(folder)) as emulator,
        run_post_office(emulator.url) as office,
    ):
        os.environ.update(emulator.environment())
        os.environ["AWS_ENDPOINT_URL_SESV2"] = office.url
        counted: Counter[str] = Counter()
        session = _plain()
        session.register("after-call", lambda model, **_: counted.update([_name_of(model)]))
        boto3.setup_default_session(botocore_session=session)
        machine = Machine(_settings(emulator, settings))
        create_table(machine.ports._table)
        yield CountedStage(machine, counted, office)


def _name_of(model: Any) -> str:
    return f"{model.service_model.signing_name}.{model.name}"


def _settings(emulator: Emulator, more: dict[str, str]) -> Settings:
    """Make the stage's queues, bucket, bus and secret; return where they are."""
    sqs = emulator.client("sqs")
    urls = {
        f"{name}_queue_url": sqs.create_queue(QueueName=f"{NAME}-{name.replace('_', '-')}")[
            "QueueUrl"
        ]
        for name in ("sweep_shard", "work", "work_large", "mail", "jobs", "report_part", "webhook")
    }
    urls["agency_queue_url"] = sqs.create_queue(
        QueueName=f"{NAME}-agency.fifo", Attributes={"FifoQueue": "true"}
    )["QueueUrl"]
    emulator.client("s3").create_bucket(
        Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "af-south-1"}
    )
    emulator.client("events").create_event_bus(Name=NAME)
    secret = emulator.client("secretsmanager").create_secret(Name=NAME, SecretString="bench" * 8)
    emulator.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    values: dict[str, Any] = {
        "stage": NAME,
        "account_id": "000000000000",
        "production_account_id": "",
        "seller_zone": ZoneInfo("America/New_York"),
        "sender_address": SENDER,
        "sandbox_address": "success@simulator.amazonses.com",
        "configuration_set": NAME,
        "table_name": NAME,
        "bucket_name": NAME,
        "secret_arn": secret["ARN"],
        "webhook_key_arn": secret["ARN"],
        "event_bus_name": NAME,
        "oidc_issuers": "[]",
        "mail_pacing": "none",
        **urls,
        **more,
    }
    return Settings(**{name: values[name] for name in Settings.__slots__ if name in values})
