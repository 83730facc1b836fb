"""Only a restore of the stage's own table is ever compared with it, or written over it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from local.ops.opened import OpenedStage, using

from tests.cli.command_line import Done, pastdue
from tests.flows.machine import with_notice
from tests.workers.deployment import FakeDeployment

ARN = "arn:aws:dynamodb:eu-central-1:000000000000:table/"
LIVE = {"TableArn": f"{ARN}table", "TableStatus": "ACTIVE"}


def restored(name: str, source: str = "") -> dict[str, Any]:
    """Describe a table, and of which one it is a restore."""
    described: dict[str, Any] = {"TableArn": ARN + name, "TableStatus": "ACTIVE"}
    if source:
        described["RestoreSummary"] = {
            "SourceTableArn": ARN + source,
            "RestoreDateTime": datetime(2024, 3, 18, 6, tzinfo=UTC),
            "RestoreInProgress": False,
        }
    return described


@pytest.fixture
def stub() -> Iterator[Stubber]:
    """A DynamoDB that knows nothing but what a test lets it answer."""
    client = boto3.client("dynamodb", region_name="eu-central-1")
    stage = OpenedStage(FakeDeployment(with_notice()), "operator:anna", client=lambda _: client)
    with Stubber(client) as made, using(stage):
        made.add_response("describe_table", {"Table": LIVE}, {"TableName": "table"})
        yield made


def asked(stub: Stubber, command: str, name: str, described: dict[str, Any], *more: str) -> Done:
    """Give a command with a table of which AWS says this, as often as it is asked."""
    for _ in range(3):
        stub.add_response("describe_table", {"Table": described}, {"TableName": name})
    return pastdue("ops", "restore", command, "--from", name, *more)


@pytest.mark.parametrize("command", ["compare", "apply"])
@pytest.mark.parametrize(
    ("name", "described", "said"),
    [
        ("table", LIVE, "is the live table itself"),
        (f"{ARN}table", LIVE, "is the live table itself"),
        ("table-restore-1", restored("table-restore-1", "other"), "was restored from"),
        ("backup", restored("backup"), "nobody says"),
    ],
)
def test_what_is_no_restore_of_this_stage_is_refused(
    stub: Stubber, command: str, name: str, described: dict[str, Any], said: str
) -> None:
    done = asked(stub, command, name, described)

    assert (done.code, said in done.err) == (2, True)


@pytest.mark.parametrize(
    ("name", "source"), [("backup", "table"), ("table-restore-20240318060000", "")]
)
def test_a_restore_of_this_stage_is_named_with_its_instant_before_it_is_applied(
    stub: Stubber, name: str, source: str
) -> None:
    to = ("--to", "2024-03-18T06:00:00+00:00")

    done = asked(stub, "apply", name, restored(name, source), *to)

    assert f"Make table what {name} has, as of 2024-03-18T06:00:00+00:00?" in done.out + done.err
