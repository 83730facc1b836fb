"""What a change set would do, and which of it could cost data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.deployment.errors import DataAtRiskError

# What is lost with these is lost for good, or with it what it encrypts.
HOLDS_DATA = (
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)
REMOVE = "Remove"
# `Conditional`: CloudFormation only knows while it runs.
REPLACES = ("True", "Conditional")


@dataclass(frozen=True, slots=True)
class Change:
    """One resource of a change set, in CloudFormation's own words."""

    action: str
    name: str
    kind: str
    replacement: str = ""

    @property
    def holds_data(self) -> bool:
        """Whether the resource is of a kind that holds data."""
        return self.kind in HOLDS_DATA

    @property
    def endangers_data(self) -> bool:
        """Whether data may be lost, or be out of the stack's sight, once this is done."""
        return self.holds_data and (self.action == REMOVE or self.replacement in REPLACES)


def changes_of(described: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Return the changes of a described change set: those of data first, then by name."""
    changes = [
        Change(
            change["Action"],
            change["LogicalResourceId"],
            change["ResourceType"],
            change.get("Replacement", ""),
        )
        for change in (entry["ResourceChange"] for entry in described)
    ]
    return tuple(sorted(changes, key=lambda one: (not one.endangers_data, one.name)))


def check_changes(changes: Iterable[Change], allowed: Collection[str]) -> None:
    """Do nothing if no data is endangered but that of the `allowed` logical ids.

    Raises:
        DataAtRiskError: other data is; all of it is named.
    """
    refused = [one for one in changes if one.endangers_data and one.name not in allowed]
    if refused:
        named = "\n".join(f"  {one.name} ({one.kind}): {what_happens(one)}" for one in refused)
        raise DataAtRiskError(
            f"this deployment would endanger data, and is not done:\n{named}\n"
            "If that is meant, name each: --allow-replacement-of " + refused[0].name
        )


def what_happens(change: Change) -> str:
    """Return in words what a change does to its resource."""
    if change.action == REMOVE:
        return "leaves the stack"
    if change.replacement in REPLACES:
        sure = change.replacement == "True"
        return "is replaced by a new, empty one" if sure else "may be replaced by a new, empty one"
    return "is made" if change.action == "Add" else "is changed in place"


def stack_policy(data_names: Collection[str] = (), *, allowed: Collection[str] = ()) -> Any:
    """Return the policy of a stack: no update replaces or deletes what holds data.

    With `allowed` it is the policy of one deployment, which may do so to these logical ids; every
    other of `data_names` stays protected.
    """
    protect: dict[str, Any] = {
        "Effect": "Deny",
        "Action": ["Update:Replace", "Update:Delete"],
        "Principal": "*",
    }
    kept = sorted(set(data_names) - set(allowed))
    if allowed:
        protect["Resource"] = [f"LogicalResourceId/{name}" for name in kept]
    else:
        protect["Resource"] = "*"
        protect["Condition"] = {"StringEquals": {"ResourceType": list(HOLDS_DATA)}}
    allow = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    return {"Statement": [allow, protect] if kept or not allowed else [allow]}
