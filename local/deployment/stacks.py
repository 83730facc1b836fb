"""Stacks of CloudFormation, changed by change sets only: planned, executed, and waited for.

The local cloud is deployed by this too, so that what is tested is what runs in AWS.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local.deployment.changes import HOLDS_DATA, Change, changes_of, stack_policy
from local.deployment.errors import DeploymentError, StackStateError

_NEW = "REVIEW_IN_PROGRESS"  # a change set was made for it, and nothing else
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")
_DELETE = "Delete it (aws cloudformation delete-stack --stack-name {name}), see docs/deployment.md"
_EXPLAINED = {
    "ROLLBACK_COMPLETE": (
        "its first deployment failed and was taken back; such a stack can only be deleted. "
        f"{_DELETE}: what holds data is kept and stands in the way of the next try."
    ),
    "ROLLBACK_FAILED": f"its first deployment failed and could not be taken back. {_DELETE}.",
    "CREATE_FAILED": f"its first deployment failed. {_DELETE}.",
    "DELETE_FAILED": f"it was deleted in part. {_DELETE}.",
    "UPDATE_ROLLBACK_FAILED": (
        "an update failed and could not be taken back. Mend what its events name, then "
        "aws cloudformation continue-update-rollback --stack-name {name}"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRequest:
    """What a stack should become. The template's body, or the URL of a bucket where it lies."""

    name: str
    parameters: Mapping[str, str]
    template_url: str = ""
    template_body: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A change set that waits to be executed."""

    stack: str
    change_set: str
    is_new: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Stacks:
    """CloudFormation of one account and region. `pause_s` is between two looks, at most `limit_s`."""

    cloudformation: Any
    pause_s: float = 3.0
    limit_s: float = 3600.0
    sleep: Callable[[float], None] = time.sleep

    def status(self, name: str) -> str:
        """Return a stack's status in CloudFormation's words, "" when there is none."""
        described = self._described(name)
        return str(described["StackStatus"]) if described else ""

    def outputs(self, name: str) -> dict[str, str]:
        """Return a stack's outputs by name; empty without a stack."""
        return _pairs(self._described(name).get("Outputs", []), "Output")

    def parameters(self, name: str) -> dict[str, str]:
        """Return what a stack was last deployed with; empty without a stack."""
        return _pairs(self._described(name).get("Parameters", []), "Parameter")

    def check_state(self, name: str) -> bool:
        """Return whether a stack exists, if it can be deployed now.

        Raises:
            StackStateError: something else is going on, or an earlier deployment broke it.
        """
        status = self.status(name)
        if status in ("", "DELETE_COMPLETE", _NEW):
            return False
        if status in _EXPLAINED:
            raise StackStateError(f"stack {name}: " + _EXPLAINED[status].format(name=name))
        if status.endswith("_IN_PROGRESS"):
            raise StackStateError(f"stack {name} is busy ({status}); try again when that has ended")
        return True

    def plan(self, request: StackRequest) -> Plan | None:
        """Return what would change, as a change set that waits; None if nothing would.

        Raises:
            StackStateError: see `check_state`.
            DeploymentError: CloudFormation takes neither this template nor these parameters.
        """
        exists = self.check_state(request.name)
        template = (
            {"TemplateURL": request.template_url}
            if request.template_url
            else {"TemplateBody": request.template_body}
        )
        try:
            change_set = self.cloudformation.create_change_set(
                StackName=request.name,
                ChangeSetName=f"deploy-{time.time_ns()}",
                ChangeSetType="UPDATE" if exists else "CREATE",
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
                Parameters=_members(request.parameters, "Parameter"),
                Tags=_members(request.tags, ""),
                **template,
            )["Id"]
        except ClientError as error:
            raise DeploymentError(f"CloudFormation refused the change set: {error}") from error
        plan = Plan(request.name, change_set, not exists, ())
        described = self._until(lambda: self._change_set(plan), "Status", "_COMPLETE", "FAILED")
        if described["Status"] == "FAILED":
            reason = described.get("StatusReason", "no reason given")
            self.discard(plan)
            if any(words in reason for words in _NO_CHANGE):
                return None
            raise DeploymentError(f"the change set of {request.name} failed: {reason}")
        return Plan(request.name, change_set, not exists, changes_of(described["Changes"]))

    def discard(self, plan: Plan) -> None:
        """Remove a change set that will not be executed, and the empty stack it made."""
        if plan.is_new:  # removes the change set as well
            self.cloudformation.delete_stack(StackName=plan.stack)
        else:
            self.cloudformation.delete_change_set(ChangeSetName=plan.change_set)

    def execute(self, plan: Plan, told: Callable[[str], None]) -> None:
        """Execute a plan and wait for its end; `told` hears of each resource that fails, at once.

        Raises:
            DeploymentError: it failed and was taken back, or is not at its end in time.
        """
        before = {event["EventId"] for event in self._events(plan.stack)}
        self.cloudformation.execute_change_set(ChangeSetName=plan.change_set)
        failures: dict[str, str] = {}

        def look() -> Mapping[str, Any]:
            described = self._described(plan.stack)
            for line in self._failures(plan.stack, before, failures):
                told(line)
            if described.get("StackStatus") == _NEW:  # not begun yet
                return {"StackStatus": "CREATE_IN_PROGRESS"}
            return described or {"StackStatus": "DELETE_COMPLETE"}

        status = str(self._until(look, "StackStatus", "_COMPLETE", "_FAILED")["StackStatus"])
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            reasons = "".join(f"\n  {line}" for line in failures.values()) or " without a reason"
            raise DeploymentError(f"the deployment of {plan.stack} ended as {status}:{reasons}")

    def data_names(self, name: str) -> tuple[str, ...]:
        """Return the logical ids of what holds data in a stack."""
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        return tuple(
            resource["LogicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] in HOLDS_DATA
        )

    def protect(self, name: str, *, allowed: Collection[str] = ()) -> None:
        """Let no update replace or delete what holds data, but what is `allowed`."""
        names = self.data_names(name) if allowed else ()
        policy = json.dumps(stack_policy(names, allowed=allowed))
        self.cloudformation.set_stack_policy(StackName=name, StackPolicyBody=policy)

    def forbid_deletion(self, name: str) -> None:
        """Switch on termination protection: nobody deletes the stack without switching it off."""
        self.cloudformation.update_termination_protection(
            StackName=name, EnableTerminationProtection=True
        )

    def _described(self, name: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return {}
            raise
        return found

    def _change_set(self, plan: Plan) -> dict[str, Any]:
        """Return a change set with the changes of all its pages."""
        asked: dict[str, str] = {"ChangeSetName": plan.change_set, "StackName": plan.stack}
        described: dict[str, Any] = self.cloudformation.describe_change_set(**asked)
        page = described
        while token := page.get("NextToken"):
            page = self.cloudformation.describe_change_set(**asked, NextToken=token)
            described["Changes"] += page["Changes"]
        return {"Changes": [], **described}

    def _until(self, look: Callable[[], Mapping[str, Any]], key: str, *ends: str) -> Any:
        """Look again and again until what is found has ended, and return it."""
        waited_s = 0.0
        while True:
            found = look()
            if _has_ended(str(found[key]), ends):
                return found
            if waited_s >= self.limit_s:
                raise DeploymentError(
                    f"still {found[key]} after {waited_s:.0f} s; look again later"
                )
            self.sleep(self.pause_s)
            waited_s += self.pause_s

    def _events(self, name: str) -> Iterable[dict[str, Any]]:
        pages = self.cloudformation.get_paginator("describe_stack_events")
        return [event for page in pages.paginate(StackName=name) for event in page["StackEvents"]]

    def _failures(self, name: str, before: Collection[str], known: dict[str, str]) -> Iterable[str]:
        """Return what failed since the last look, oldest first, and remember it in `known`."""
        for event in reversed(list(self._events(name))):
            of_us = event["EventId"] not in before and event["EventId"] not in known
            reason = event.get("ResourceStatusReason", "no reason given")
            # What was under way when the first one failed is cancelled: no reason of its own.
            if of_us and event["ResourceStatus"].endswith("FAILED") and "cancelled" not in reason:
                line = f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"
                known[event["EventId"]] = line
                yield line


def _has_ended(status: str, ends: Collection[str]) -> bool:
    return status.endswith(tuple(ends)) and not status.endswith("_IN_PROGRESS")


def _members(values: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
    return [{f"{prefix}Key": key, f"{prefix}Value": value} for key, value in values.items()]


def _pairs(members: Iterable[Mapping[str, str]], prefix: str) -> dict[str, str]:
    return {one[f"{prefix}Key"]: one.get(f"{prefix}Value", "") for one in members}
