"""One deployment of a stage: account checked, change set shown, confirmed, executed, protected."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ClientError

from chalicelib.settings import PRODUCTION_STAGE
from local.deployment.alarm_readers import reader_lines
from local.deployment.artifacts import artifacts_request, upload
from local.deployment.changes import Change, check_changes
from local.deployment.errors import DeploymentError, NotConfirmedError, WrongAccountError
from local.deployment.release import Release
from local.deployment.stack_url import template_url
from local.deployment.stacks import Plan, StackRequest, Stacks
from local.deployment.stage_file import StageFile

# What nobody may delete by one call.
_KEPT_STAGES = ("staging", PRODUCTION_STAGE)


class Person(Protocol):
    """Whoever deploys: sees what would change, says yes or no, and hears how it goes."""

    def show(self, stack: str, changes: Collection[Change]) -> None:
        """Show what a change set would do."""

    def agrees(self, question: str) -> bool:
        """Return whether the answer is yes."""

    def hears(self, line: str) -> None:
        """Be told a line."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where a stage is deployed to, and by whom. `client` makes a boto3 client of a service.

    `reword` changes the template for a cloud that is not AWS; `allowed` are the logical ids of
    resources with data that may be replaced or removed this once.
    """

    project: Path
    stage: StageFile
    client: Callable[[str], Any]
    stacks: Stacks
    person: Person
    reword: Callable[[str], str] = field(default=lambda template: template)
    allowed: Collection[str] = ()

    def run(self, release: Release) -> Mapping[str, str]:
        """Deploy a release and return the stack's outputs; without a change nothing is done.

        Raises:
            WrongAccountError: the credentials are of another account (R13.4).
            StackStateError, DataAtRiskError, NotConfirmedError: it was refused; nothing changed.
            DeploymentError: AWS refused it, or it failed and was taken back.
        """
        check_account(self.client("sts"), self.stage)
        self.stacks.check_state(self.stage.stack_name)
        request = artifacts_request(self.project, self.stacks, self.client("apigateway"))
        self._change(request)
        bucket = self.stage.artifacts_bucket
        template = self.reword(release.template.read_text())
        s3 = self.client("s3")
        upload(s3, bucket, self.stage.account_id, release, template)
        name = self.stage.stack_name
        url = template_url(s3, bucket, release.template_key)
        parameters, tags = self.stage.parameters, self.stage.tags
        request = StackRequest(name=name, parameters=parameters, template_url=url, tags=tags)
        self._change(request)
        if self.stage.stage in _KEPT_STAGES:
            self.stacks.forbid_deletion(name)
        outputs = self.stacks.outputs(name)
        if topic := outputs.get("AlarmsTopicArn"):
            for line in reader_lines(self.client("sns"), topic):
                self.person.hears(line)
        return outputs

    def _change(self, request: StackRequest) -> None:
        """Bring one stack to what it should be, if the person agrees; protect its data after."""
        plan = self.stacks.plan(request)
        if plan is None:
            self.person.hears(f"{request.name}: nothing changes.")
        else:
            self._agreed(plan)
            if self.allowed and not plan.is_new:
                self.stacks.protect(plan.stack, allowed=self.allowed)
            try:
                self.stacks.execute(plan, self.person.hears)
            except DeploymentError:
                with contextlib.suppress(ClientError):  # why it failed is what must be told
                    self.stacks.protect(plan.stack)
                raise
        self.stacks.protect(request.name)

    def _agreed(self, plan: Plan) -> None:
        """Show a plan and return if it may be executed; else it is removed again."""
        self.person.show(plan.stack, plan.changes)
        is_agreed = False
        try:
            check_changes(plan.changes, self.allowed)
            is_agreed = self.person.agrees(
                f"{'Make' if plan.is_new else 'Change'} {plan.stack} in account "
                f"{self.stage.account_id}, {self.stage.region}?"
            )
        finally:
            if not is_agreed:
                self.stacks.discard(plan)
        if not is_agreed:
            raise NotConfirmedError("nobody said yes; nothing was changed")


def check_account(sts: Any, stage: StageFile) -> None:
    """Do nothing if AWS itself says that the credentials are of the stage's account (R13.4).

    Raises:
        WrongAccountError: they are of another one.
    """
    found = str(sts.get_caller_identity()["Account"])
    if found != stage.account_id:
        raise WrongAccountError(
            f"stage {stage.stage} belongs into account {stage.account_id}, and these credentials "
            f"are of {found}; nothing was changed"
        )
