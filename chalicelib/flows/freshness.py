"""How far the ledger is known to be complete (R13.1)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.flows.ports import Registry


def beat(registry: Registry, through: date, today: date) -> date:
    """Record that the ledger is complete through a day; return the last day that it is.

    Raises:
        InvalidInputError: the day lies in the future: nobody knows it yet.
        UnavailableError: the store does not answer now.
    """
    if through > today:
        detail = f"{through} lies in the future: today is {today}"
        fault = Fault("/covers_through", "in_the_future", detail)
        raise InvalidInputError("nobody knows a day that lies ahead", [fault])
    registry.beat(through)
    return registry.fresh_through() or through
