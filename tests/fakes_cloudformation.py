"""CloudFormation as far as a deployment talks to it: one stack, and what it is told to answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

Values = dict[str, Any]


def refused(message: str, operation: str = "DescribeStacks") -> ClientError:
    return ClientError({"Error": {"Code": "ValidationError", "Message": message}}, operation)


def event(number: int, name: str, status: str, reason: str = "") -> Values:
    found = {
        "EventId": f"{name}-{number}",
        "LogicalResourceId": name,
        "ResourceType": "AWS::SQS::Queue",
        "ResourceStatus": status,
    }
    return {**found, "ResourceStatusReason": reason} if reason else found


@dataclass
class FakeCloudFormation:
    """`statuses` are what the stack has from one look to the next, once a change set is executed."""

    status: str = ""
    statuses: tuple[str, ...] = ("CREATE_COMPLETE",)
    changes: tuple[Values, ...] = ()
    change_set_status: str = "CREATE_COMPLETE"
    change_set_reason: str = ""
    old_events: tuple[Values, ...] = ()
    new_events: tuple[Values, ...] = ()
    outputs: Values = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)
    is_executed: bool = False
    looks: int = 0

    def describe_stacks(self, StackName: str) -> Values:
        status = self.status
        if self.is_executed:
            status = self.statuses[min(self.looks, len(self.statuses) - 1)]
            self.looks += 1
        if not status:
            raise refused(f"Stack with id {StackName} does not exist")
        pairs = [{"OutputKey": k, "OutputValue": v} for k, v in self.outputs.items()]
        return {"Stacks": [{"StackStatus": status, "Outputs": pairs}]}

    def create_change_set(self, **asked: Any) -> Values:
        self.calls.append(f"create {asked['ChangeSetType']}")
        return {"Id": "change-set"}

    def describe_change_set(self, **asked: Any) -> Values:
        start = int(asked.get("NextToken", 0))
        page: Values = {
            "Status": self.change_set_status,
            "StatusReason": self.change_set_reason,
            "Changes": list(self.changes[start : start + 1]),
        }
        return page if start + 1 >= len(self.changes) else {**page, "NextToken": str(start + 1)}

    def execute_change_set(self, **asked: Any) -> None:
        self.calls.append("execute")
        self.is_executed = True

    def delete_change_set(self, **asked: Any) -> None:
        self.calls.append("delete change set")

    def delete_stack(self, **asked: Any) -> None:
        self.calls.append("delete stack")

    def set_stack_policy(self, StackName: str, StackPolicyBody: str) -> None:
        self.calls.append("protect")
        self.policies.append(StackPolicyBody)

    def update_termination_protection(self, **asked: Any) -> None:
        self.calls.append("forbid deletion")

    def get_paginator(self, operation: str) -> _Pages:
        if operation == "list_stack_resources":
            table = {"LogicalResourceId": "Table", "ResourceType": "AWS::DynamoDB::Table"}
            return _Pages({"StackResourceSummaries": [table]})
        events = self.old_events + (self.new_events if self.is_executed else ())
        return _Pages({"StackEvents": list(reversed(events))})  # the newest first


@dataclass
class _Pages:
    page: Values

    def paginate(self, **asked: Any) -> Iterator[Values]:
        yield self.page
