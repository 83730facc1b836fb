"""Spans of time on the command line."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import click

_SHAPE = re.compile(r"([1-9][0-9]{0,5})([mhd])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class SpanType(click.ParamType[timedelta]):
    """A span such as 30m, 8h or 90d, up to a longest one."""

    name = "SPAN"

    def __init__(self, longest: timedelta) -> None:
        self.longest = longest

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Return the span that a text names; one that is too long is a usage error."""
        found = value if isinstance(value, timedelta) else self._read(value)
        if found is None:
            return self.fail(f"{value!r} is no span; write it like 30m, 8h or 90d.", param, ctx)
        if found > self.longest:
            return self.fail(f"{value} is more than {self.longest.days} days.", param, ctx)
        return found

    @staticmethod
    def _read(text: str) -> timedelta | None:
        shape = _SHAPE.fullmatch(text)
        return int(shape[1]) * _UNITS[shape[2]] if shape else None
