"""The comparison of what is allowed with what was asked for, on plain values."""

import json
from pathlib import Path
from typing import Any

import pytest
from local.cloud.emulator_child import leading_keys

from tests.infra.permits import Decision, decisions, never_allowed, never_used, of_policy

TABLE = "arn:aws:dynamodb:af-south-1:000000000000:table/pastdue"
HASH_KEYS = {"pastdue": "pk", "pastdue/due": "due_shard"}
POLICY = {
    "Statement": [
        {
            "Sid": "ReadRuns",
            "Action": ["dynamodb:GetItem", "dynamodb:Query"],
            "Resource": TABLE,
            "Condition": {
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["META", "P#*"]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        },
        {
            "Sid": "HandOut",
            "Action": ["sqs:SendMessage", "sqs:SendMessageBatch"],
            "Resource": ["arn:aws:sqs:::work", "arn:aws:sqs:::large"],
        },
        {"Sid": "WriteLogs", "Action": ["logs:PutLogEvents"], "Resource": "*"},
    ]
}


def asked(action: str, resource: str = TABLE, *keys: str, sid: str = "ReadRuns") -> Decision:
    return Decision("sweep", action, resource, keys, bool(sid), sid)


def test_what_was_never_asked_for_is_told_by_action_resource_and_key() -> None:
    allowed = list(of_policy("sweep", POLICY))
    used = [
        asked("dynamodb:GetItem", TABLE, "META"),
        asked("sqs:SendMessage", "arn:aws:sqs:::work", sid="HandOut"),
    ]

    assert never_used(allowed, used) == [
        "sweep: sqs:SendMessage on arn:aws:sqs:::large (HandOut)",
        f"sweep: any action on {TABLE}, keys P#* (ReadRuns)",
        f"sweep: dynamodb:Query on {TABLE} (ReadRuns)",
    ]


def test_what_another_function_or_statement_used_is_not_used() -> None:
    allowed = list(of_policy("sweep", POLICY))
    others = [
        Decision("work", "dynamodb:Query", TABLE, ("P#1",), allowed=True, sid="ReadRuns"),
        asked("dynamodb:Query", TABLE, "P#1", sid="Else"),
        asked("dynamodb:Query", TABLE, "P#1", sid=""),
    ]

    assert len(never_used(allowed, others)) == len(allowed)


def test_what_was_refused_is_told() -> None:
    refused = asked("dynamodb:PutItem", TABLE, "META", sid="")

    assert never_allowed([asked("dynamodb:GetItem"), refused]) == [
        f"sweep: dynamodb:PutItem on {TABLE} META"
    ]


def test_only_what_a_function_itself_asked_for_counts(tmp_path: Path) -> None:
    line = {
        "principal": "arn:aws:sts::0:assumed-role/SweepRole/pastdue-local-sweep",
        "action": "sqs:SendMessageBatch",
        "resource": "arn:aws:sqs:::work",
        "leading_keys": [],
        "allowed": True,
        "sid": "HandOut",
    }
    others = ["arn:aws:sts::0:assumed-role/SweepRole/test", "arn:aws:iam::0:root"]
    lines = [line, line, *(line | {"principal": name} for name in others)]
    record = tmp_path / "decisions.jsonl"
    record.write_text("".join(json.dumps(one) + "\n" for one in lines))

    found = decisions(record, {"sweep": "pastdue-local-sweep"})

    assert found == [asked("sqs:SendMessage", "arn:aws:sqs:::work", sid="HandOut")]


@pytest.mark.parametrize(
    ("request_", "keys"),
    [
        ({"TableName": "pastdue", "Key": {"pk": {"S": "A#1"}, "sk": {"S": "HEAD"}}}, ["A#1"]),
        ({"TableName": "pastdue", "Item": {"pk": {"S": "K#1"}, "sk": {"S": "KEY"}}}, ["K#1"]),
        (
            {
                "TableName": "pastdue",
                "KeyConditionExpression": "(#0 = :0 AND begins_with (#1, :1))",
                "ExpressionAttributeNames": {"#0": "pk", "#1": "sk"},
                "ExpressionAttributeValues": {":0": {"S": "A#1"}, ":1": {"S": "INV#"}},
            },
            ["A#1"],
        ),
        (
            {
                "TableName": "pastdue",
                "IndexName": "due",
                "KeyConditionExpression": "due_shard = :s AND due_on <= :d",
                "ExpressionAttributeValues": {":s": {"S": "wake#00"}, ":d": {"S": "2024"}},
            },
            ["wake#00"],
        ),
        (
            {"RequestItems": {"pastdue": {"Keys": [{"pk": {"S": "A#1"}}, {"pk": {"S": "H#1"}}]}}},
            ["A#1", "H#1"],
        ),
        (
            {"RequestItems": {"pastdue": [{"PutRequest": {"Item": {"pk": {"S": "A#1"}}}}]}},
            ["A#1"],
        ),
        ({"TableName": "pastdue", "FilterExpression": "sk = :head"}, []),
        ({"TableName": "another", "Key": {"pk": {"S": "A#1"}}}, []),
    ],
)
def test_a_call_is_about_the_partitions_that_it_names(
    request_: dict[str, Any], keys: list[str]
) -> None:
    assert leading_keys(request_, HASH_KEYS) == keys
