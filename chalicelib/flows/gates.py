"""The gates before a run charges, sends, holds or places (R13.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from statistics import median

from chalicelib.core.calendar import ONE_DAY, SEARCH_DAYS_MAX, Calendar
from chalicelib.core.policy import SafetyRules
from chalicelib.flows.ports import Registry, RunState

RUNS_LOOKED_AT = 8
RUNS_NEEDED = 3  # with fewer, growth says nothing and `max_first_run` holds

SENDING_PAUSED = "sending_paused"
NOT_FRESH = "ledger_not_fresh"
LOST_DAYS_OPEN = "restored_days_open"
NOT_STARTED = "run_not_started"


def previous_business_day(calendar: Calendar, day: date) -> date:
    """Return the last business day before `day`; the day before when there is none in a year."""
    before = day - ONE_DAY
    for back in range(SEARCH_DAYS_MAX):
        candidate = before - back * ONE_DAY
        if calendar.is_business_day(candidate):
            return candidate
    return before


def why_not_start(
    registry: Registry,
    calendar: Calendar,
    run_on: date,
    lost_day: Callable[[date], date | None] = lambda _: None,
) -> str | None:
    """Return the gate that keeps a day's run from starting, or None (R13.1).

    The ledger is fresh when an import or a heartbeat covers the end of the previous business day.
    `lost_day`: the day that a restore from backup took back and that must be run before, if any:
    else its letters would be written anew under another day's ids, and leave twice.
    """
    if registry.sending_paused():
        return SENDING_PAUSED
    if lost_day(run_on) is not None:
        return LOST_DAYS_OPEN
    covered = registry.fresh_through()
    if covered is None or covered < previous_business_day(calendar, run_on):
        return NOT_FRESH
    return None


def why_not_work(registry: Registry, run_on: date) -> str | None:
    """Return the gate that keeps a worker from deciding for a day's run, or None (R13.1).

    What the sweep found of freshness stays true: a ledger's coverage never moves back.
    """
    if registry.sending_paused():
        return SENDING_PAUSED
    state = registry.run_state(run_on)
    if state is None or state.state != "running":
        return NOT_STARTED
    return None


def is_too_many(rules: SafetyRules, accounts_due: int, earlier: Sequence[RunState]) -> bool:
    """Whether so many accounts are due that a person must approve the run (R13.1).

    `earlier` are the last runs that were let go, at most 8. A limit that is not given is none.
    """
    if accounts_due == 0:
        return False
    if len(earlier) < RUNS_NEEDED:
        return rules.max_first_run is not None and accounts_due >= rules.max_first_run
    if rules.max_run_growth is None:
        return False
    usual = median(Decimal(run.accounts_due) for run in earlier[:RUNS_LOOKED_AT])
    return accounts_due >= rules.max_run_growth * usual
