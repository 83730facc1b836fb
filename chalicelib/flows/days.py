"""The seller's calendar day, for facts that machines book (`domain.md`, preamble)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import MAXYEAR, date, datetime
from zoneinfo import ZoneInfo

from chalicelib.flows.ports import Registry

_ANY_DAY = date(MAXYEAR, 12, 31)


def zone_day(zone: ZoneInfo) -> Callable[[datetime], date]:
    """Return what gives an instant's day in the seller's zone."""

    def day_of(at: datetime) -> date:
        return at.astimezone(zone).date()

    return day_of


def trial_day(zone: ZoneInfo, registry: Registry) -> Callable[[datetime], date]:
    """Return what gives the day of the last run, whatever the instant; before any run, the zone's.

    For stages outside production, where a ledger's days are run one after the other in minutes: a
    letter that was delivered then counts from the day that was run, not from the real one.
    """

    def day_of(at: datetime) -> date:
        last = registry.last_runs(_ANY_DAY, 1)
        return last[0].run_on if last else at.astimezone(zone).date()

    return day_of
