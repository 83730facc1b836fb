"""`make deploy` against the local cloud: the same code, another endpoint."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from local.cloud.emulator import ACCOUNT_ID, REGION, Emulator, run_emulator
from local.cloud.package import Package
from local.cloud.permissions import for_emulator
from local.deployment.changes import Change
from local.deployment.deployment import Deployment
from local.deployment.errors import NotConfirmedError, WrongAccountError
from local.deployment.release import Release
from local.deployment.stack_url import path_style
from local.deployment.stacks import Stacks
from local.deployment.stage_file import StageFile

pytestmark = pytest.mark.emulator

STAGE = StageFile(
    "dev",
    REGION,
    ACCOUNT_ID,
    {
        "Stage": "dev",
        "SellerZone": "Europe/Berlin",
        "SenderAddress": "receivables@seller.example",
        "SandboxAddress": "trial@seller.example",
        "Schedules": "DISABLED",
        "Size": "small",
        "EventArchiveDays": "0",  # the emulator knows no archives
    },
    {"service": "pastdue"},
)


@dataclass
class Somebody:
    """Who says yes or no, and remembers what was shown."""

    says_yes: bool = True
    shown: dict[str, tuple[Change, ...]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def show(self, stack: str, changes: Collection[Change]) -> None:
        self.shown[stack] = tuple(changes)

    def agrees(self, question: str) -> bool:
        return self.says_yes

    def hears(self, line: str) -> None:
        self.heard.append(line)


NOBODY_HEARS = "Nobody hears of alarms: nothing is subscribed to pastdue-dev-alarms"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with run_emulator(tmp_path_factory.mktemp("account")) as running:
        yield running


@pytest.fixture(scope="module")
def release(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the package that all tests share: not packaged or linted once more."""
    key = "archives/some.zip"
    where = f"s3://{STAGE.artifacts_bucket}/{key}"
    template = tmp_path_factory.mktemp("release") / "template.json"
    template.write_text(packaged.template.read_text().replace("./deployment.zip", where))
    return Release(template, packaged.archive, key, "templates/some.json", {}, ())


def deployment(
    emulator: Emulator, project: Path, person: Somebody, stage: StageFile = STAGE
) -> Deployment:
    def client(service: str) -> Any:
        return emulator.client(service, **({"s3": path_style().s3} if service == "s3" else {}))

    stacks = Stacks(emulator.client("cloudformation"), 0.2, 90)
    return Deployment(project, stage, client, stacks, person, for_emulator)


def with_parameter(name: str, value: str) -> StageFile:
    return replace(STAGE, parameters={**STAGE.parameters, name: value})


def test_an_empty_account_gets_a_stage_then_nothing_then_one_change(
    emulator: Emulator, project: Path, release: Release
) -> None:
    """One story, as a stack takes seconds to make."""
    cloudformation = emulator.client("cloudformation")
    nobody = Somebody(says_yes=False)
    with pytest.raises(NotConfirmedError):
        deployment(emulator, project, nobody).run(release)
    assert "pastdue-artifacts" in nobody.shown
    assert Stacks(cloudformation).status("pastdue-artifacts") in ("", "DELETE_COMPLETE")

    first = Somebody()
    outputs = deployment(emulator, project, first).run(release)
    made = {change.name: change.action for change in first.shown["pastdue-dev"]}
    assert outputs["TableName"] == "pastdue-dev"
    assert made["Table"] == made["Bucket"] == "Add"
    assert first.heard == [NOBODY_HEARS]
    policy = json.loads(cloudformation.get_stack_policy(StackName="pastdue-dev")["StackPolicyBody"])
    assert [statement["Effect"] for statement in policy["Statement"]] == ["Allow", "Deny"]

    again = Somebody()
    assert deployment(emulator, project, again).run(release) == outputs
    assert again.shown == {}
    assert again.heard == [
        "pastdue-artifacts: nothing changes.",
        "pastdue-dev: nothing changes.",
        NOBODY_HEARS,
    ]

    changed = Somebody()
    stage = with_parameter("RetryAfterSeconds", "61")
    deployment(emulator, project, changed, stage).run(release)
    changes = changed.shown["pastdue-dev"]  # the queues, and what refers to them
    assert "AWS::SQS::Queue" in {change.kind for change in changes}
    assert {change.action for change in changes} == {"Modify"}
    assert not any(change.endangers_data for change in changes)

    check_artifacts(emulator, release)


def check_artifacts(emulator: Emulator, release: Release) -> None:
    """What was uploaded is private, kept, and lies under its own name."""
    s3 = emulator.client("s3", s3={"addressing_style": "path"})
    bucket = STAGE.artifacts_bucket

    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert set(block.values()) == {True}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert [one["Sid"] for one in policy["Statement"]] == ["TlsOnly"]
    kept = s3.head_object(Bucket=bucket, Key=release.archive_key)
    assert kept["ContentLength"] == release.archive.stat().st_size


def test_another_account_than_the_stages_is_refused(
    emulator: Emulator, project: Path, release: Release
) -> None:
    """R13.4"""
    person = Somebody()
    stage = replace(STAGE, account_id="111122223333")

    with pytest.raises(WrongAccountError, match="belongs into account 111122223333"):
        deployment(emulator, project, person, stage).run(release)

    assert person.shown == {}
