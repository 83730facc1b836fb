"""The permissions in the emulator's words: where it differs from AWS, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

# A resource's own policy, and the statement of it that refuses what comes without TLS.
_OF_RESOURCES = ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
_TLS = "TlsOnly"


def for_emulator(template: str) -> str:
    """Return the template (JSON) with its policies as the emulator understands them.

    * AWS allows a batch of messages by `sqs:SendMessage`; the emulator asks for its own action.
    * So it does for the versions of files: AWS allows to remove one by `s3:DeleteObjectVersion`.
    * The emulator knows no resources of SES, and not the address that a letter comes from.
    * It speaks no TLS on loopback, which policies of buckets, queues and topics demand.
    * It makes no budgets, and no alarms on expressions of several metrics.

    Nothing else is changed, so that what a policy lacks is lacking on this machine too.
    """
    values = json.loads(template)
    for name, resource in list(values["Resources"].items()):
        is_bare = resource["Type"] in _OF_RESOURCES and not _without_tls(resource["Properties"])
        if is_bare or resource["Type"] == "AWS::Budgets::Budget" or _is_of_metrics(resource):
            del values["Resources"][name]
    for resource in values["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"]["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    _reword(statement)
    return json.dumps(values)


def _is_of_metrics(resource: dict[str, Any]) -> bool:
    """Whether a resource is an alarm on an expression; one on a metric has no such list."""
    return resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]


def _without_tls(properties: dict[str, Any]) -> bool:
    """Take out of a resource's policy that it wants TLS; return whether it says anything else."""
    document = properties["PolicyDocument"]
    document["Statement"] = [one for one in document["Statement"] if one["Sid"] != _TLS]
    return bool(document["Statement"])


def _reword(statement: dict[str, Any]) -> None:
    if "sqs:SendMessage" in statement["Action"]:
        statement["Action"].append("sqs:SendMessageBatch")
    if "s3:DeleteObjectVersion" in statement["Action"]:
        statement["Action"].append("s3:DeleteObject")
    if any(action.startswith("ses:") for action in statement["Action"]):
        statement["Resource"] = "*"
        statement.pop("Condition", None)
