"""Deploys the packaged app by a CloudFormation change set, as it is done in AWS."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.cloud.emulator import REGION, Emulator
from local.cloud.errors import DeployError
from local.cloud.gateway import put_answers
from local.cloud.package import ARCHIVE, TEMPLATE, Package
from local.cloud.permissions import for_emulator
from local.deployment.errors import DeploymentError, StackStateError
from local.deployment.stacks import StackRequest, Stacks

_ARTIFACTS = "pastdue-artifacts"
_PAUSE_S, _LIMIT_S = 0.2, 60.0
# Queues in the order in which work flows through them.
QUEUES = (
    "SweepShard", "Work", "WorkLarge", "Mail", "MailEvents", "Jobs", "Agency", "Uploads", "Webhook",
    "ReportPart",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stack:
    """What a deployment made; functions and queues by their names in `.chalice/config.json`."""

    name: str
    api_url: str
    table_name: str
    bucket_name: str
    mail_events_topic_arn: str
    functions: Mapping[str, str]
    queue_urls: Mapping[str, str]
    dead_letter_urls: Mapping[str, str]
    ledger_kind: str


def deploy(emulator: Emulator, package: Package, parameters: Mapping[str, str]) -> Stack:
    """Create the stack `pastdue-<Stage>`, or update it, and return what it made.

    Raises:
        DeployError: the template or a parameter was refused, or a resource failed.
    """
    name = f"pastdue-{parameters['Stage']}"
    url = _upload(emulator, package)
    cloudformation = emulator.client("cloudformation")
    stacks = Stacks(cloudformation, _PAUSE_S, _LIMIT_S)
    try:
        plan = stacks.plan(StackRequest(name=name, parameters=parameters, template_url=url))
        if plan:
            stacks.execute(plan, lambda failure: None)
    except (DeploymentError, StackStateError) as error:
        raise DeployError(f"the app could not be deployed: {error}") from error
    stack = _stack(emulator, cloudformation, name)
    api_id = stack.api_url.split("/")[-2]
    put_answers(emulator.client("apigateway"), api_id, package.template.read_text())
    return stack


def _upload(emulator: Emulator, package: Package) -> str:
    """Put archive and template into a bucket and return the template's URL."""
    s3 = emulator.client("s3", s3={"addressing_style": "path"})
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(
            Bucket=_ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    content = package.archive.read_bytes()
    key = f"{hashlib.sha256(content).hexdigest()}.zip"
    s3.put_object(Bucket=_ARTIFACTS, Key=key, Body=content)
    template = for_emulator(package.template.read_text())
    template = template.replace(f"./{ARCHIVE}", f"s3://{_ARTIFACTS}/{key}")
    s3.put_object(Bucket=_ARTIFACTS, Key=TEMPLATE, Body=template.encode())
    return f"{emulator.url}/{_ARTIFACTS}/{TEMPLATE}"


def _stack(emulator: Emulator, cloudformation: Any, name: str) -> Stack:
    described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    functions = [
        resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Lambda::Function"
    ]
    return Stack(
        name=name,
        api_url=f"{emulator.url}/_aws/execute-api/{outputs['RestAPIId']}/api",
        table_name=outputs["TableName"],
        bucket_name=outputs["BucketName"],
        mail_events_topic_arn=outputs["MailEventsTopicArn"],
        functions={_function(name, function): function for function in functions},
        queue_urls={_snake(queue): outputs[f"{queue}QueueUrl"] for queue in QUEUES},
        dead_letter_urls={_snake(queue): outputs[f"{queue}DeadLettersUrl"] for queue in QUEUES},
        ledger_kind=outputs["LedgerKind"],
    )


def _function(stack: str, physical: str) -> str:
    return physical.removeprefix(f"{stack}-").replace("-", "_")


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]
