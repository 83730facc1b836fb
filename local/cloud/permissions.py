"""Two permissions that the emulator names otherwise than AWS, rewritten for it alone."""

from __future__ import annotations

import json
from typing import Any


def for_emulator(template: str) -> str:
    """Return the template (JSON) with its policies in the emulator's words.

    AWS allows a batch of messages by `sqs:SendMessage`; the emulator asks for an action of its own.
    The emulator knows no resources of SES. Nothing else is changed, so that what a policy lacks is
    lacking here too.
    """
    values = json.loads(template)
    for resource in values["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"]["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    _reword(statement)
    return json.dumps(values)


def _reword(statement: dict[str, Any]) -> None:
    if "sqs:SendMessage" in statement["Action"]:
        statement["Action"].append("sqs:SendMessageBatch")
    if any(action.startswith("ses:") for action in statement["Action"]):
        statement["Resource"] = "*"
