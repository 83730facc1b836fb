"""Dates on the command line."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import click

_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class DayType(click.ParamType[date]):
    """A calendar date such as 2024-03-18."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date that a text names; a date that does not exist is a usage error."""
        if isinstance(value, date):
            return value
        if _SHAPE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                return self.fail(f"{value} is no day of the calendar.", param, ctx)
        return self.fail(f"{value!r} is no date; write it like 2024-03-18.", param, ctx)


DAY = DayType()
