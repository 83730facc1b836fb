"""The view decorator: what a view returns becomes an answer, what it raises a problem."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec

from chalice.app import Blueprint, Response

from chalicelib.api.answers import answered, problem
from chalicelib.core.errors import PastdueError
from chalicelib.telemetry import logger

Params = ParamSpec("Params")
View = Callable[Params, Mapping[str, Any]]


def view(blueprint: Blueprint) -> Callable[[View[Params]], Callable[Params, Response]]:
    """Return the decorator for the views of one blueprint."""

    def decorate(run: View[Params]) -> Callable[Params, Response]:
        @functools.wraps(run)
        def handler(*args: Params.args, **kwargs: Params.kwargs) -> Response:
            try:
                return answered(run(*args, **kwargs))
            except PastdueError as error:
                logger.info(f"{run.__name__} refused", extra={"code": error.code})
                return problem(error, _request_id(blueprint))

        return handler

    return decorate


def _request_id(blueprint: Blueprint) -> str:
    return str(blueprint.current_request.context.get("requestId", ""))
