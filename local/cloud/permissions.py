"""The permissions in the emulator's words: where it differs from AWS, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

_OF_KEYS = "dynamodb:LeadingKeys"


def for_emulator(template: str) -> str:
    """Return the template (JSON) with its policies as the emulator understands them.

    * AWS allows a batch of messages by `sqs:SendMessage`; the emulator asks for its own action.
    * The emulator knows no resources of SES, and not the address that a letter comes from.
    * The emulator does not know which keys of a table a call is about.
    * It speaks no TLS on loopback, which is all that the bucket's own policy demands.

    Nothing else is changed, so that what a policy lacks is lacking on this machine too.
    """
    values = json.loads(template)
    values["Resources"] = {
        name: resource
        for name, resource in values["Resources"].items()
        if resource["Type"] != "AWS::S3::BucketPolicy"
    }
    for resource in values["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"]["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    _reword(statement)
    return json.dumps(values)


def _reword(statement: dict[str, Any]) -> None:
    if "sqs:SendMessage" in statement["Action"]:
        statement["Action"].append("sqs:SendMessageBatch")
    if _OF_KEYS in json.dumps(statement.get("Condition")):
        del statement["Condition"]
    if any(action.startswith("ses:") for action in statement["Action"]):
        statement["Resource"] = "*"
        statement.pop("Condition", None)
