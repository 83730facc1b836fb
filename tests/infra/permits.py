"""What the packaged policies allow against what the deployed functions asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from local.cloud.machine import LocalCloud

LEADING_KEYS = "dynamodb:LeadingKeys"
# What the emulator never decides, so that no use of it can be recorded. Each is asserted on the
# packaged text instead, in `test_policy_conditions.py`.
NEVER_ASKED: Mapping[str, str] = {
    "logs:CreateLogStream": "the emulator writes a function's log itself",
    "logs:PutLogEvents": "the emulator writes a function's log itself",
    "sqs:ReceiveMessage": "the emulator takes messages for a function with no role's right",
    "sqs:DeleteMessage": "the emulator takes messages for a function with no role's right",
    "sqs:GetQueueAttributes": "the emulator takes messages for a function with no role's right",
    "kms:Decrypt": "the emulator encrypts nothing for other services",
    "kms:GenerateDataKey": "the emulator encrypts nothing for other services",
    "s3:ListBucket": "AWS asks it where a file is missing, to tell that; the emulator does not",
    "ses:SendRawEmail": "AWS asks it for letters in MIME; the emulator knows one action for all",
}
# What the emulator would decide, and what takes more than a story to come to. One that is used after
# all is to be taken out of here: `test_story.py` asks for that.
# Function, statement, and how the resource or the pattern of keys ends.
BEYOND_THE_STORY: Mapping[tuple[str, str, str], str] = {
    ("mail", "TryAgainLater", "-mail"): "only at a rate of SES that keeps a worker waiting",
    ("api_handler", "SendMessages", "-work"): "only for an account that others kept changing",
    ("report", "AskForPortions", "-report-part"): "only of a ledger of over 10,000 accounts",
    ("report", "ReadDrafts", "drafts/*"): "the same",
    ("report_part", "ListAccounts", "pastdue-local"): "only where finding them takes ten minutes",
    ("agency", "ReadAccounts", "I#*"): "only for a report whose worker died once it was booked",
}
# The emulator's names (`local/cloud/permissions.py`) and those of AWS.
_IN_AWS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "s3:DeleteObject": "s3:DeleteObjectVersion",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What the emulator decided on a call of a function. `sid`: the statement that allowed it."""

    function: str
    action: str
    resource: str
    leading_keys: tuple[str, ...]
    allowed: bool
    sid: str


@dataclass(frozen=True, slots=True, order=True)
class Permit:
    """One thing that a function's policy allows: an action on a resource, or some keys of it."""

    function: str
    sid: str
    action: str
    resource: str
    key: str = ""

    def __str__(self) -> str:
        keys = f", keys {self.key}" if self.key else ""
        return (
            f"{self.function}: {self.action or 'any action'} on {self.resource}{keys} ({self.sid})"
        )

    @property
    def is_beyond(self) -> bool:
        """Whether the story is known not to come to it."""
        what = self.key or self.resource
        return any(
            (self.function, self.sid) == (function, sid) and what.endswith(end)
            for function, sid, end in BEYOND_THE_STORY
        )

    def covers(self, decision: Decision) -> bool:
        """Whether a decision made use of it."""
        return (
            (decision.allowed, decision.function, decision.sid) == (True, self.function, self.sid)
            and (not self.action or decision.action == self.action)
            and fnmatchcase(decision.resource, self.resource)
            and (not self.key or any(fnmatchcase(key, self.key) for key in decision.leading_keys))
        )


def decisions(record: Path, functions: Mapping[str, str]) -> list[Decision]:
    """Return what was recorded of functions (names in AWS by ours), in order, each thing once.

    What somebody else did with a role is left out: only Lambda names the session by the function.
    """
    ours = {name: function for function, name in functions.items()}
    found: dict[Decision, None] = {}
    for line in record.read_text().splitlines():
        values = json.loads(line)
        name = values["principal"].rpartition("/")[2]
        if ":assumed-role/" in values["principal"] and name in ours:
            found[
                Decision(
                    ours[name],
                    _IN_AWS.get(values["action"], values["action"]),
                    values["resource"],
                    tuple(values["leading_keys"]),
                    values["allowed"],
                    values["sid"],
                )
            ] = None
    return list(found)


def permits(cloud: LocalCloud) -> list[Permit]:
    """Return every single thing that the deployed policies allow and the emulator decides."""
    lambdas, iam = cloud.client("lambda"), cloud.client("iam")
    found: list[Permit] = []
    for function, name in cloud.stack.functions.items():
        role = lambdas.get_function_configuration(FunctionName=name)["Role"].rpartition("/")[2]
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            found += of_policy(function, document)
    return found


def of_policy(function: str, document: Mapping[str, Any]) -> Iterator[Permit]:
    """Yield what a policy allows: each action on each resource, and each pattern of keys."""
    for statement in document["Statement"]:
        resources = _listed(statement["Resource"])
        actions = [a for a in _listed(statement["Action"]) if a not in NEVER_ASKED]
        for resource in resources if actions else ():
            for action in dict.fromkeys(_IN_AWS.get(action, action) for action in actions):
                yield Permit(function, statement["Sid"], action, resource)
            for key in _keys(statement):
                yield Permit(function, statement["Sid"], "", resource, key)


def never_used(allowed: Iterable[Permit], asked: Iterable[Decision]) -> list[str]:
    """Return what is allowed and was never asked for, a line each.

    What is beyond the story is left out, and told if it was used.
    """
    used = list(asked)
    found = []
    for permit in sorted(allowed):
        is_used = any(map(permit.covers, used))
        if is_used == permit.is_beyond:
            found.append(f"{permit}{' is used after all' if is_used else ''}")
    return found


def never_allowed(asked: Iterable[Decision]) -> list[str]:
    """Return what was asked for and refused, a line each."""
    return [
        f"{one.function}: {one.action} on {one.resource} {' '.join(one.leading_keys)}".rstrip()
        for one in asked
        if not one.allowed
    ]


def _keys(statement: Mapping[str, Any]) -> list[str]:
    return [
        key
        for operator, keys in statement.get("Condition", {}).items()
        if operator != "Null"
        for name, values in keys.items()
        if name == LEADING_KEYS
        for key in _listed(values)
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
