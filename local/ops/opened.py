"""Opens a deployed stage: its settings as its own functions have them, and its flows' adapters.

A stage in AWS is opened with the operator's own credentials (the default chain of AWS clients); the
stage that runs on this machine, with the local cloud's address and its placeholder credentials.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import Fault, InvalidInputError, NotFoundError, UnavailableError
from chalicelib.flows.desk import Caller
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.settings import Settings, read_settings

if TYPE_CHECKING:
    import click

    from chalicelib.wiring import Deps
    from chalicelib.wiring_ports import Ports

LOCAL = "local"
OPERATOR = "operator:"
FUNCTION, QUEUE = "AWS::Lambda::Function", "AWS::SQS::Queue"
API_FUNCTION = "APIHandler"  # the template's own name of the function whose settings are read
STAGE_NAME = re.compile(r"[a-z][a-z0-9]{1,15}")
ACTOR_MAX = 128  # characters
ENDPOINT = "AWS_ENDPOINT_URL"
META = "pastdue.ops.where"


class NoStackError(NotFoundError):
    """There is no such stage in this account and region."""

    code = "no_stack"


class StackUnreachableError(UnavailableError):
    """AWS, or the local cloud, did not answer or refused the operator."""

    code = "stage_unreachable"


@dataclass(frozen=True, slots=True)
class Where:
    """Which stage, and with which of the operator's regions and profiles; "" for the default."""

    stage: str = ""
    region: str = ""
    profile: str = ""


def aws_client(service: str) -> Any:
    """Return a boto3 client for a service, where this process's clients go: 30 s to answer."""
    from chalicelib.store.clients import aws_client as client  # noqa: PLC0415 - slow to import

    return client(service, read_timeout_s=30)


@dataclass(frozen=True, slots=True)
class OpenedStage:
    """A deployed stage as its operator works on it.

    `actor` is who does it, such as `operator:anna`: what is done is logged under this name.
    `outputs` are the stack's, `queue_urls` its queues' and `functions` its functions' names, by
    their names in the template. `client` gives a boto3 client for a service, where the stage is.
    """

    deps: Deps
    actor: str
    region: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    queue_urls: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    client: Callable[[str], Any] = aws_client

    @property
    def ports(self) -> Ports:
        """The adapters that every flow of the stage is built from."""
        return self.deps.ports

    @property
    def settings(self) -> Settings:
        """What the stage's functions are told."""
        return self.ports.settings

    @property
    def name(self) -> str:
        """The stage's name."""
        return self.settings.stage

    def now(self) -> datetime:
        """Return the present instant in UTC, to the second."""
        return self.deps.now().astimezone(UTC).replace(microsecond=0)

    def caller(self) -> Caller:
        """Return the operator as the flows know who calls: an admin, now, logged as `actor`.

        Who and when name the request: what is asked for anew is another job.
        """
        at = self.deps.now()
        principal = Principal(self.actor, frozenset({ADMIN}))
        return Caller(principal, at, request_id=f"{self.actor} {at.isoformat()}")


_given: ContextVar[OpenedStage | None] = ContextVar("given_stage", default=None)


@contextmanager
def using(stage: OpenedStage) -> Iterator[None]:
    """Let the commands work on this stage while the context lasts: for tests."""
    token = _given.set(stage)
    try:
        yield
    finally:
        _given.reset(token)


def opened(ctx: click.Context) -> OpenedStage:
    """Return the stage that `pastdue ops --stage ...` names, opened once a command.

    Raises:
        InvalidInputError: no stage is named, and none runs in this folder.
        NoStageError, NoStackError: there is none of that name.
        StackUnreachableError: it cannot be reached, or the operator may not read it.
        SettingsError: its functions were deployed with something impossible. What an older version
            is not told yet, is refused when a command uses it.
    """
    given = _given.get()
    if given is not None:
        return given
    where = ctx.meta.get(META, Where())
    if isinstance(where, Where):
        ctx.meta[META] = where = open_deployed(where)
    stage: OpenedStage = where
    return stage


def open_deployed(where: Where) -> OpenedStage:
    """Return a deployed stage, opened: its settings are read from its own API function.

    From here on this process's AWS clients go where the stage is. Raises as `opened` does.
    """
    import boto3  # noqa: PLC0415 - half a second, and help needs none
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from chalicelib.wiring import Machine  # noqa: PLC0415

    name = stage_name(where.stage)
    # The flows' metrics and log lines are for Lambda: standard output is the command's own.
    os.environ.update(POWERTOOLS_METRICS_DISABLED="true", POWERTOOLS_LOG_LEVEL="CRITICAL")
    aim(os.environ, environment(name, where))
    try:
        boto3.setup_default_session()
        region = boto3.DEFAULT_SESSION.region_name or ""
        if not region:
            fault = Fault("--region", "missing", "say in which region the stage is")
            raise InvalidInputError("no stage can be opened", [fault])
        outputs, resources = _stack(boto3.client("cloudformation"), f"pastdue-{name}")
        answer = boto3.client("lambda").get_function_configuration(
            FunctionName=resources[FUNCTION][API_FUNCTION]
        )
        actor = actor_of(boto3.client("sts").get_caller_identity()["Arn"])
    except (BotoCoreError, ClientError, KeyError) as error:
        raise StackUnreachableError(f"the stage {name} cannot be opened: {error}") from error
    told = answer.get("Environment", {}).get("Variables", {})
    settings = read_settings(told, is_older=True)  # a newer command line pauses it all the same
    return OpenedStage(
        Machine(settings), actor, region, outputs, resources.get(QUEUE, {}), resources[FUNCTION]
    )


def aim(variables: MutableMapping[str, str], to: Mapping[str, str]) -> None:
    """Point a process's AWS clients, by its environment's variables, at where `to` says.

    Where that is an endpoint, nothing of the person's own settings stays: no request meant for the
    local cloud may reach AWS.
    """
    if ENDPOINT in to:
        for name in [name for name in variables if name.startswith("AWS_")]:
            del variables[name]
        variables.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    variables.update(to)


def stage_name(named: str) -> str:
    """Return the stage that is meant: the named one, else the one that runs in this folder.

    Raises:
        InvalidInputError: none is named and none runs here, or the name cannot be one.
    """
    from local.stage import STATE_FILE  # noqa: PLC0415 - AWS clients are slow to import

    if not named and STATE_FILE.exists():
        return LOCAL
    if not STAGE_NAME.fullmatch(named):
        detail = f"{named[:32]!r} is no stage's name; such as dev, staging, prod or local"
        if not named:
            detail = "name a stage, such as prod: none runs in this folder (`pastdue serve`)"
        raise InvalidInputError("no stage can be opened", [Fault("--stage", "missing", detail)])
    return named


def environment(name: str, where: Where) -> Mapping[str, str]:
    """Return the variables that point this process's AWS clients at a stage, and at nothing else.

    Raises:
        NoStageError: the local stage does not run in this folder.
    """
    if name == LOCAL:
        from local.cloud.emulator import aimed_at  # noqa: PLC0415
        from local.stage import read_address  # noqa: PLC0415

        return aimed_at(read_address().emulator_url)
    found = {}
    if where.profile:
        found["AWS_PROFILE"] = where.profile
    if where.region:
        found |= {"AWS_REGION": where.region, "AWS_DEFAULT_REGION": where.region}
    return found


def actor_of(arn: str) -> str:
    """Return under which name an operator's acts are logged, from who AWS says they are.

    It is the last part of the ARN: a user's name, or the session's of an assumed role, which a
    company's sign-on sets to the person.
    """
    last = re.split(r"[:/]", arn)[-1]
    return f"{OPERATOR}{last}"[:ACTOR_MAX]


def _stack(
    cloudformation: Any, name: str
) -> tuple[Mapping[str, str], Mapping[str, Mapping[str, str]]]:
    """Return a stack's outputs, and by each type its resources' physical ids by their own."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        raise NoStackError(
            f"there is no stack {name} in region {cloudformation.meta.region_name} of this account"
        ) from error
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described.get("Outputs", [])}
    resources: dict[str, dict[str, str]] = {}
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=name):
        for one in page["StackResourceSummaries"]:
            known = resources.setdefault(one["ResourceType"], {})
            known[one["LogicalResourceId"]] = one.get("PhysicalResourceId", "")
    return outputs, resources
