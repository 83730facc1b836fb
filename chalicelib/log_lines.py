"""Failures as log lines: by kind, code and place. Never by a message, which may quote anything.

A message of an error quotes what it was about: an address that is no key, a name that does not fit.
"""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Iterator
from pathlib import PurePath
from traceback import extract_tb
from typing import Any

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from chalicelib.core.errors import PastdueError

_CODE = re.compile(r"[A-Za-z0-9.:_-]{1,100}", re.ASCII)
_CAUSES_MAX = 10  # of one line, itself included
_FRAMES_MAX = 50  # of one error, the innermost


class InvocationFailedError(PastdueError):
    """An invocation failed; its lines told of it. All that the runtime prints of it is this."""

    code = "invocation_failed"

    def __init__(self, name: str, error: BaseException) -> None:
        super().__init__(f"{name} failed: {code_of(error) or type(error).__name__}")


class ValuelessFormatter(LambdaPowertoolsFormatter):
    """Lines as Powertools writes them; of an exception its kinds, codes and places alone."""

    def __init__(self) -> None:
        super().__init__(serialize_stacktrace=False)  # theirs holds the message, and source lines

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, its exception and all that caused it without their values."""
        told = copy.copy(record)
        told.exc_info, told.exc_text = None, None
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None:
            told.exception_name = type(error).__name__
            told.stack_trace = [_told(one) for one in _causes(error)]
        return super().format(told)


def code_of(error: BaseException) -> str:
    """Return the stable code of an error of ours or of AWS; "" of any other."""
    if isinstance(error, PastdueError):
        return error.code
    match getattr(error, "response", None):  # as an AWS client's error has it
        case {"Error": {"Code": str(code)}} if _CODE.fullmatch(code):
            return code
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what caused it, as a traceback would, the first cause last."""
    seen: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in seen and len(seen) < _CAUSES_MAX:
        seen.append(at)
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def _told(error: BaseException) -> dict[str, Any]:
    frames = extract_tb(error.__traceback__)[-_FRAMES_MAX:]
    return {
        "type": type(error).__name__,
        "module": type(error).__module__,
        "code": code_of(error),
        "frames": [
            {"file": _short(one.filename), "line": one.lineno, "function": one.name}
            for one in frames
        ],
    }


def _short(file: str) -> str:
    """Return the end of a path: the same wherever a function's code lies."""
    return "/".join(PurePath(file).parts[-3:])
