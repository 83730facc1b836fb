"""The policy for operators is one that AWS takes, and has what their commands call."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 6_144  # characters that AWS takes of a managed policy, spaces not counted
SERVICES = ("cloudformation", "dynamodb", "lambda", "s3", "secretsmanager", "sqs")
ALLOWED_AS = {"s3:ListObjectsV2": "s3:ListBucket"}


def policy() -> dict[str, Any]:
    """Return the policy, its placeholders filled."""
    text = (ROOT / "infra/operators.json").read_text("utf-8")
    for name, value in {
        "ACCOUNT": "123456789012",
        "REGION": "eu-central-1",
        "STAGE": "staging",
    }.items():
        text = text.replace(name, value)
    found: dict[str, Any] = json.loads(text)
    return found


def allowed() -> set[str]:
    return {action for one in policy()["Statement"] for action in one["Action"]}


def names(resource: str | list[str]) -> list[str]:
    return [resource] if isinstance(resource, str) else resource


def called(service: str) -> set[str]:
    """Return the actions of a service whose methods the operating commands name."""
    sources = [*(ROOT / "local/ops").glob("*.py"), ROOT / "chalicelib/store/secrets.py"]
    words = set(re.findall(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b|(?<=client\.)scan\b", "\n".join(
        path.read_text("utf-8") for path in sources
    )))  # fmt: skip
    client = boto3.client(service, region_name="eu-central-1")
    named = client.meta.method_to_api_mapping
    actions = {f"{service}:{named[word]}" for word in words & named.keys()}
    return {ALLOWED_AS.get(action, action) for action in actions}


@pytest.mark.parametrize("service", SERVICES)
def test_an_operator_may_what_the_commands_call(service: str) -> None:
    # Of these the first is the functions' own, the second the name of a function of ours.
    asked = called(service) - {"secretsmanager:GetSecretValue", "secretsmanager:RotateSecret"}

    assert asked
    assert asked - allowed() == set()


def test_it_is_no_longer_than_aws_takes() -> None:
    assert len(re.sub(r"\s", "", json.dumps(policy()))) <= LONGEST


def test_what_is_not_of_this_stage_alone_is_held_to_it_by_a_condition() -> None:
    wide = {
        one["Sid"]: sorted(one.get("Condition", {}))
        for one in policy()["Statement"]
        if not all("pastdue-staging" in name for name in names(one["Resource"]))
    }

    assert wide == {
        "Key": ["StringLike"],  # by the services that ask for it; the key has no name
        "StatusOfMail": [],  # the account's own quota
        "RotateSecret": ["StringEquals"],  # by the stack's tag
        "RestoreStartUnderTheKey": ["StringLike"],
        "RestoreListsWhatFeedsThem": [],  # AWS knows no resource for it
        "RestoreStopsWhatFeedsThem": ["ArnLike"],  # by the function that is fed
    }
