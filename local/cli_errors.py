"""From errors to words and exit codes: what is wrong with the input is 2, what failed is 1."""

from __future__ import annotations

import sys
from typing import Any

import click

from chalicelib.core.errors import (
    BlockedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PastdueError,
    RateUnknownError,
    RefusedError,
)
from local.cli_output import Output
from local.cloud.errors import FolderError, PortTakenError

DONE, FAILED_IN_PART, WRONG_INPUT = 0, 1, 2
FAULTS_SAID_MAX = 200  # on a terminal; the JSON document has them all

# Nothing was changed, and the person can put it right: arguments, files, ports, folders.
INPUT_ERRORS = (
    InvalidInputError,
    NotFoundError,
    ConflictError,
    RateUnknownError,
    RefusedError,
    PortTakenError,
    FolderError,
)


class InputFileError(InvalidInputError):
    """A file that was named cannot be read."""

    code = "unreadable_file"


class OutputFolderError(InvalidInputError):
    """A folder that was named cannot be made or written."""

    code = "folder_not_writable"


class FolderInUseError(InvalidInputError):
    """A folder that was named belongs to another command that is running."""

    code = "folder_in_use"


def exit_code(error: PastdueError) -> int:
    """Return 2 when the input or the arguments are wrong, 1 when the work failed."""
    return WRONG_INPUT if isinstance(error, INPUT_ERRORS) else FAILED_IN_PART


def report(error: Exception, output: Output) -> int:
    """Say an error in words, as the JSON document too, and return the exit code.

    Raises:
        Exception: `error` itself, when it is none that was expected: a fault of the program.
    """
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        output.document(_document("wrong_arguments", error.format_message()))
        return WRONG_INPUT
    if isinstance(error, click.Abort):
        return _aborted(error, output)
    if isinstance(error, BrokenPipeError):
        raise SystemExit(FAILED_IN_PART) from None  # whoever was reading has left
    if not isinstance(error, PastdueError):
        raise error
    _say(error, output)
    faults = error.faults if isinstance(error, InvalidInputError) else ()
    document = _document(error.code, error.args[0] if error.args else "")
    document["error"]["faults"] = [
        {"where": fault.where, "code": fault.code, "detail": fault.detail} for fault in faults
    ]
    if isinstance(error, BlockedError):
        document["error"]["blockers"] = [
            {"code": blocker.code, "detail": blocker.detail} for blocker in error.blockers
        ]
    output.document(document)
    return exit_code(error)


def _aborted(error: click.Abort, output: Output) -> int:
    """Say that a person ended a command, or that a question was not answered with yes."""
    if error.__cause__ is not None:  # click has made it of Ctrl-C
        output.say("Interrupted; what was started has been ended.")
        return FAILED_IN_PART
    said = "Nothing was done."
    if not sys.stdin.isatty():
        said += " Nobody is here to be asked: add --yes."
    output.say(said)
    output.document(_document("not_confirmed", said))
    return WRONG_INPUT


def _say(error: PastdueError, output: Output) -> None:
    output.say(f"Error: {error.args[0] if error.args else error.code}")
    for blocker in error.blockers if isinstance(error, BlockedError) else ():
        output.say(f"  {blocker.code}: {blocker.detail}")
    faults = error.faults if isinstance(error, InvalidInputError) else ()
    for fault in faults[:FAULTS_SAID_MAX]:
        output.say(f"  {fault}")
    if len(faults) > FAULTS_SAID_MAX:
        more = len(faults) - FAULTS_SAID_MAX
        output.say(f"  ... and {more:,} more; --json lists them all")


def _document(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "faults": []}}
