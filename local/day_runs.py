"""Runs days on a stage, one after the other: book the day's facts, start the run, wait for quiet.

What a ledger says of a later day is booked on that day, so that a span of days comes out as the
simulation of the same span does (R13.2).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from chalicelib.core.effects import Effect
from chalicelib.core.errors import PastdueError
from chalicelib.flows.import_ledger import ImportFault, ImportResult
from chalicelib.flows.ledger_read import Ledger, LedgerAccount

Counts = Mapping[str, int]


class RunError(PastdueError):
    """A day's run did not start, or left work undone; the message says why."""

    code = "run_failed"


class Machine(Protocol):
    """A stage that days can be run on."""

    def begin_day(self, day: date) -> None:
        """Make it that day for the stage, and say that its ledger is complete until then."""
        ...

    def book(self, facts: Ledger, on: date) -> ImportResult:
        """Import what a ledger says as of a day."""
        ...

    def sweep(self, day: date) -> Counts:
        """Start the day's run; return what the sweep counted (R13.1)."""
        ...

    def approve(self, day: date) -> Counts:
        """Let a run go that waits for a person, with exactly its count; return counts."""
        ...

    def settle(self) -> float:
        """Wait until nothing is left to do; return the seconds it took."""
        ...

    def effects(self, first_day: date, last_day: date) -> list[Effect]:
        """Return what happened on some days, in the simulation's order."""
        ...

    def letters_sent(self) -> int:
        """Return how many letters have left so far."""
        ...


@dataclass(slots=True)
class DayDone:
    """One day's run. `approved`: so many accounts were due that a person would have been asked."""

    day: date
    accounts_due: int = 0
    approved: bool = False
    effects: list[Effect] = field(default_factory=list)
    letters: int = 0
    faults: list[ImportFault] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def run_days(
    machine: Machine,
    ledger: Ledger,
    days: Iterable[date],
    tell: Callable[[date], None] = lambda day: None,
    imported: Callable[[date], None] = lambda day: None,
) -> list[DayDone]:
    """Run days in order and return what each brought.

    `tell` is called as each begins, `imported` when its facts are booked and nothing is decided.

    Raises:
        RunError: a run was refused by a gate (R13.1).
        PastdueError: the stage failed; see `Machine`.
    """
    done: list[DayDone] = []
    booked_through: date | None = None
    for day in days:
        tell(day)
        facts = facts_between(ledger, booked_through, day)
        done.append(_run_day(machine, facts, day, imported))
        booked_through = day
    return done


def run_again(machine: Machine, day: date) -> DayDone:
    """Run a day once more; whatever it brings is new, and should be nothing."""
    before = machine.effects(day, day)
    again = _run_day(machine, Ledger({}), day, lambda day: None)
    again.effects = [effect for effect in again.effects if effect not in before]
    return again


def _run_day(
    machine: Machine, facts: Ledger, day: date, imported: Callable[[date], None]
) -> DayDone:
    result = DayDone(day)
    letters_before = machine.letters_sent()
    started = time.monotonic()
    machine.begin_day(day)
    if facts.accounts:
        result.faults = machine.book(facts, day).faults
    result.seconds["import"] = _since(started)
    imported(day)
    started = time.monotonic()
    counts = machine.sweep(day)
    if counts.get("run_waiting"):
        counts = machine.approve(day)
        result.approved = True
    if not counts.get("run_started"):
        gates = ", ".join(name for name in counts if name.startswith("run_refused_"))
        raise RunError(f"the run of {day} did not start: {gates or 'no gate says why'}")
    result.accounts_due = counts.get("accounts_due", 0)
    result.seconds["sweep"] = _since(started)
    result.seconds["work and mail"] = machine.settle()
    result.effects = machine.effects(day, day)
    result.letters = machine.letters_sent() - letters_before
    return result


def _since(started: float) -> float:
    return time.monotonic() - started


def facts_between(ledger: Ledger, after: date | None, through: date) -> Ledger:
    """Return the part of a ledger that is booked after one day (None: ever) and through another."""
    accounts: dict[str, LedgerAccount] = {}
    for account_id, account in ledger.accounts.items():
        facts = tuple(
            fact
            for fact in account.facts
            if fact.on <= through and (after is None or fact.on > after)
        )
        if facts:
            accounts[account_id] = replace(account, facts=facts)
    return replace(ledger, accounts=accounts, faults=(), warnings=(), counts=())
