"""`make package` and `make deploy`: a stage's release, made and deployed."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions
import click
from botocore.config import Config

from chalicelib.core.errors import Fault, PastdueError
from local.cli_errors import DONE, FAILED_IN_PART, WRONG_INPUT, exit_code
from local.cli_output import Output
from local.cloud import templates
from local.cloud.errors import WrongPythonError
from local.cloud.package import PROJECT, check_python, package
from local.deployment.changes import Change
from local.deployment.deployment import Deployment, check_account
from local.deployment.errors import DeploymentError, StageFileError
from local.deployment.lint import LINTED, check_as_transformed
from local.deployment.release import Release, make_release
from local.deployment.stack_url import path_style
from local.deployment.stacks import Stacks
from local.deployment.stage_file import StageFile, read_stage_file
from local.deployment.views import changes_table, outputs_table, release_lines, sizes_table

STAGE = click.option("--stage", required=True, help="dev, staging or prod.")


class Terminal:
    """The person at the terminal, or a pipeline that was told to say yes."""

    def __init__(self, output: Output, *, says_yes: bool) -> None:
        self._output = output
        self._says_yes = says_yes

    def show(self, stack: str, changes: Collection[Change]) -> None:
        """Show what a change set would do, as a table."""
        self._output.show(changes_table(stack, changes))

    def agrees(self, question: str) -> bool:
        """Return whether `yes` is typed, or was said before."""
        if self._says_yes:
            self._output.say(f"{question} yes (said before)")
            return True
        if not sys.stdin.isatty():
            self._output.say(f"{question} Nobody is here to say yes; a pipeline says CONFIRM=yes.")
            return False
        self._output.say(f"{question} Say yes, or anything else to leave all as it is:")
        return sys.stdin.readline().strip() == "yes"

    def hears(self, line: str) -> None:
        """Write a line to standard error."""
        self._output.say(line)


def expected_errors(run: Callable[..., None]) -> Callable[..., None]:
    """Return a command that says every expected error in words and ends with its exit code."""

    @functools.wraps(run)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            run(*args, **kwargs)
            code = DONE
        except PastdueError as error:
            print(f"error ({error.code}): {error}", file=sys.stderr)
            code = exit_code(error)
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            print(f"error ({DeploymentError.code}): AWS: {error}", file=sys.stderr)
            code = FAILED_IN_PART
        except KeyboardInterrupt:
            print("Left; what AWS has begun goes on there.", file=sys.stderr)
            code = WRONG_INPUT
        sys.exit(code)

    return guarded


@click.group()
def main() -> None:
    """Package a stage, and deploy it. Called by `make package` and `make deploy`."""


@main.command("package")
@STAGE
@expected_errors
def package_stage(stage: str) -> None:
    """Make `build/<stage>`: template, archive and manifest, checked as AWS would."""
    _released(read_stage(stage, sys.version_info[:2]), Output())


@main.command("deploy")
@STAGE
@click.option("--yes", is_flag=True, help="Say yes before being asked; or set CONFIRM=yes.")
@click.option("--allow-replacement-of", "allowed", multiple=True, metavar="NAME")
@expected_errors
def deploy_stage(stage: str, *, yes: bool, allowed: tuple[str, ...]) -> None:
    """Package a stage and bring its stack to it, once its change set was seen and agreed to."""
    output, values = Output(), read_stage(stage, sys.version_info[:2])
    session = boto3.Session(region_name=values.region)
    check_account(session.client("sts"), values)
    release = _released(values, output)
    says_yes = yes or os.environ.get("CONFIRM") == "yes"
    deployment = Deployment(
        PROJECT,
        values,
        functools.partial(client, session),
        Stacks(session.client("cloudformation")),
        Terminal(output, says_yes=says_yes),
        allowed=allowed,
    )
    output.show(outputs_table(values.stack_name, deployment.run(release)))


@main.command("check")
@expected_errors
def check() -> None:
    """Package for the local cloud, as the tests do, and lint the template."""
    check_as_transformed(package().template.read_text(), PROJECT / "build" / LINTED)


def client(session: boto3.Session, service: str) -> Any:
    """Return a client of a service, with the retries that a deployment has the time for."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 8})
    return session.client(service, config=config.merge(path_style()))


def read_stage(stage: str, version: tuple[int, int], project: Path = PROJECT) -> StageFile:
    """Return what a stage's file says, if this version of Python can package for it.

    Raises:
        StageFileError: what is wrong with the file, and with the version, at once.
        WrongPythonError: nothing but the version is.
    """
    declared = templates.put_together(templates.template_files(PROJECT))["Parameters"]
    try:
        check_python(version, for_aws=True)
    except WrongPythonError as error:
        wrong = error
    else:
        return read_stage_file(project, stage, declared)
    try:
        read_stage_file(project, stage, declared)
    except StageFileError as error:
        fault = Fault("PYTHON", wrong.code, str(wrong))
        raise StageFileError(error.args[0], [fault, *error.faults]) from None
    raise wrong


def _released(values: StageFile, output: Output) -> Release:
    with output.status("Packaging, and linting what comes of it"):
        release = make_release(PROJECT, values, package(for_aws=True))
    output.show(sizes_table(release.sizes), *release_lines(release.manifest))
    return release


if __name__ == "__main__":
    main()
