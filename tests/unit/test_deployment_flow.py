"""A deployment asks before it changes, protects what holds data, and leaves nothing half done."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from local.deployment.changes import Change
from local.deployment.deployment import Deployment
from local.deployment.errors import DataAtRiskError, DeploymentError, NotConfirmedError
from local.deployment.release import Release
from local.deployment.stacks import Stacks
from local.deployment.stage_file import StageFile
from tests.fakes_cloudformation import FakeCloudFormation, event

ACCOUNT = "111122223333"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:pastdue-dev-alarms"
TABLE = {
    "ResourceChange": {
        "Action": "Modify",
        "LogicalResourceId": "Table",
        "ResourceType": "AWS::DynamoDB::Table",
        "Replacement": "True",
    }
}
QUEUE = {
    "ResourceChange": {
        "Action": "Modify",
        "LogicalResourceId": "Work",
        "ResourceType": "AWS::SQS::Queue",
        "Replacement": "False",
    }
}


class FakeSts:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": ACCOUNT}


class FakeGateway:
    def get_account(self) -> dict[str, str]:
        return {}


@dataclass
class FakeSns:
    """A topic with subscriptions, a page for each."""

    subscriptions: tuple[dict[str, str], ...] = ()
    refuses: bool = False

    def get_paginator(self, operation: str) -> "FakeSns":
        assert operation == "list_subscriptions_by_topic"
        return self

    def paginate(self, TopicArn: str) -> Iterator[dict[str, Any]]:
        assert TopicArn == TOPIC
        if self.refuses:
            raise ClientError({"Error": {"Code": "AuthorizationError"}}, "ListSubscriptionsByTopic")
        yield from ({"Subscriptions": [one]} for one in self.subscriptions)


class FakeS3:
    """Remembers what was put, and has every archive already."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    class meta:
        endpoint_url = "https://s3.example/"

    def head_object(self, **asked: Any) -> None:
        assert asked["ExpectedBucketOwner"] == ACCOUNT

    def put_object(self, **asked: Any) -> None:
        assert asked["ExpectedBucketOwner"] == ACCOUNT
        self.keys.append(asked["Key"])


@dataclass
class Somebody:
    says_yes: bool = True
    asked: list[str] = field(default_factory=list)

    def show(self, stack: str, changes: Collection[Change]) -> None:
        self.asked.append(f"saw {stack}")

    def agrees(self, question: str) -> bool:
        self.asked.append(question)
        return self.says_yes

    heard: list[str] = field(default_factory=list)

    def hears(self, line: str) -> None:
        self.heard.append(line)


def deploy(
    project: Path,
    folder: Path,
    fake: FakeCloudFormation,
    person: Somebody,
    stage: str = "dev",
    allowed: Collection[str] = (),
    sns: FakeSns | None = None,
) -> FakeS3:
    s3 = FakeS3()
    clients = {"sts": FakeSts(), "apigateway": FakeGateway(), "s3": s3, "sns": sns or FakeSns()}
    file = StageFile(stage, "eu-central-1", ACCOUNT, {"Stage": stage}, {})
    (folder / "template.json").write_text("{}")
    release = Release(
        folder / "template.json", folder / "x.zip", "archives/a.zip", "templates/t.json", {}, ()
    )
    stacks = Stacks(fake, 1.0, 5.0, sleep=lambda seconds: None)
    Deployment(project, file, clients.__getitem__, stacks, person, allowed=allowed).run(release)
    return s3


def running(**values: Any) -> FakeCloudFormation:
    return FakeCloudFormation(status="UPDATE_COMPLETE", statuses=("UPDATE_COMPLETE",), **values)


def test_a_change_is_shown_and_agreed_to_before_it_is_made(project: Path, tmp_path: Path) -> None:
    person, fake = Somebody(), running(changes=(QUEUE,))

    s3 = deploy(project, tmp_path, fake, person)

    assert person.asked == [
        "saw pastdue-artifacts",
        "Change pastdue-artifacts in account 111122223333, eu-central-1?",
        "saw pastdue-dev",
        "Change pastdue-dev in account 111122223333, eu-central-1?",
    ]
    assert fake.calls == ["create UPDATE", "execute", "protect"] * 2
    assert s3.keys == ["templates/t.json"]  # the archive was there: its name is its content's


def test_without_a_yes_nothing_changes(project: Path, tmp_path: Path) -> None:
    fake = running(changes=(QUEUE,))

    with pytest.raises(NotConfirmedError, match="nothing was changed"):
        deploy(project, tmp_path, fake, Somebody(says_yes=False))

    assert fake.calls == ["create UPDATE", "delete change set"]


def test_data_is_not_endangered_even_if_somebody_would_say_yes(
    project: Path, tmp_path: Path
) -> None:
    fake, person = running(changes=(TABLE,)), Somebody()

    with pytest.raises(DataAtRiskError, match="Table"):
        deploy(project, tmp_path, fake, person)

    assert fake.calls == ["create UPDATE", "delete change set"]
    assert person.asked == ["saw pastdue-artifacts"]


def test_a_replacement_that_was_named_is_allowed_for_one_deployment(
    project: Path, tmp_path: Path
) -> None:
    fake = running(changes=(TABLE,))

    deploy(project, tmp_path, fake, Somebody(), allowed=("Table",))

    during, after = (json.loads(policy)["Statement"] for policy in fake.policies[:2])
    assert [one["Effect"] for one in during] == ["Allow"]
    assert [one["Effect"] for one in after] == ["Allow", "Deny"]


def test_a_failed_deployment_leaves_the_data_protected(project: Path, tmp_path: Path) -> None:
    fake = FakeCloudFormation(
        status="UPDATE_COMPLETE",
        statuses=("UPDATE_ROLLBACK_COMPLETE",),
        changes=(TABLE,),
        new_events=(event(1, "Table", "UPDATE_FAILED", "no"),),
    )

    with pytest.raises(DeploymentError, match=r"(?s)UPDATE_ROLLBACK_COMPLETE.*Table.*no"):
        deploy(project, tmp_path, fake, Somebody(), allowed=("Table",))

    assert fake.calls[-1] == "protect"
    assert [one["Effect"] for one in json.loads(fake.policies[-1])["Statement"]] == [
        "Allow",
        "Deny",
    ]


@pytest.mark.parametrize(("stage", "is_kept"), [("dev", False), ("staging", True), ("prod", True)])
def test_staging_and_production_are_not_deleted_by_one_call(
    project: Path, tmp_path: Path, stage: str, is_kept: bool
) -> None:
    fake = running(changes=(QUEUE,))

    deploy(project, tmp_path, fake, Somebody(), stage)

    assert ("forbid deletion" in fake.calls) == is_kept


MAILED = {"Protocol": "email", "Endpoint": "ar@seller.example", "SubscriptionArn": f"{TOPIC}:1"}
ASKED = {**MAILED, "SubscriptionArn": "PendingConfirmation"}
QUEUED = {"Protocol": "sqs", "Endpoint": "queue", "SubscriptionArn": f"{TOPIC}:2"}


@pytest.mark.parametrize(
    ("sns", "said"),
    [
        (FakeSns((QUEUED, MAILED)), "Alarms reach 2 subscriptions: email ar@seller.example, sqs queue"),
        (FakeSns((ASKED,)), "email ar@seller.example has not confirmed yet: open the link in AWS's mail"),
        (FakeSns(), "Nobody hears of alarms: nothing is subscribed to pastdue-dev-alarms"),
        (FakeSns(refuses=True), "Who hears of alarms could not be asked: AuthorizationError"),
    ],
)  # fmt: skip
def test_whoever_deploys_is_told_who_hears_of_alarms(
    project: Path, tmp_path: Path, sns: FakeSns, said: str
) -> None:
    person, fake = Somebody(), running(changes=(QUEUE,), outputs={"AlarmsTopicArn": TOPIC})

    deploy(project, tmp_path, fake, person, sns=sns)

    assert said in "\n".join(person.heard)


def test_a_mail_that_is_not_confirmed_reaches_nobody(project: Path, tmp_path: Path) -> None:
    person, fake = Somebody(), running(changes=(QUEUE,), outputs={"AlarmsTopicArn": TOPIC})

    deploy(project, tmp_path, fake, person, sns=FakeSns((ASKED,)))

    assert "Nobody hears of alarms" in "\n".join(person.heard)
