"""Simulates a large ledger in several processes: accounts do not touch each other (R13.2).

The result is the same as that of one process, effect by effect.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from multiprocessing import get_context

from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import UnavailableError
from chalicelib.core.facts import Fact
from chalicelib.core.policy import Policy
from chalicelib.flows.simulate import Simulation, effect_order, simulate

Accounts = Mapping[str, tuple[AccountDetails, Sequence[Fact]]]
# Below it, starting processes costs more than they save (0.4 s each, measured).
FACTS_FOR_PROCESSES = 20_000
_PROCESSES_MAX = 8
_PARTS_PER_PROCESS = 8  # so that the last ones to end end together, and progress is seen


def simulate_accounts(
    accounts: Accounts,
    policy: Policy,
    first_day: date,
    last_day: date,
    progress: Callable[[int], None],
    processes: int | None = None,
) -> Simulation:
    """Return what a policy would do with a ledger over a span of days.

    `progress` is given how many accounts are done. `processes` None: as many as the machine has
    processors, one for a small ledger.

    Raises:
        UnavailableError: a process was ended from outside (by a lack of memory, for instance).
    """
    if processes is None:
        facts = sum(len(facts) for _, facts in accounts.values())
        processes = min(os.cpu_count() or 1, _PROCESSES_MAX) if facts >= FACTS_FOR_PROCESSES else 1
    if processes == 1:
        return simulate(accounts, policy, first_day, last_day, progress=progress)
    whole = Simulation(policy, first_day, last_day)
    ids = sorted(accounts)
    count = min(len(ids), processes * _PARTS_PER_PROCESS)
    parts = [{name: accounts[name] for name in ids[start::count]} for start in range(count)]
    done = 0
    try:
        with ProcessPoolExecutor(
            processes, get_context("spawn"), _prepare, (policy, first_day, last_day)
        ) as pool:
            for part, size in zip(pool.map(_simulate_part, parts), map(len, parts), strict=True):
                whole.take_in(part)
                done += size
                progress(done)
    except BrokenProcessPool as error:
        raise UnavailableError("a process of the simulation was ended from outside") from error
    whole.effects.sort(key=effect_order)
    whole.aging.sort(key=lambda row: (row.account_id, row.currency))
    whole.failed.sort()
    return whole


_span: tuple[Policy, date, date] | None = None  # what a process of the pool works on


def _prepare(policy: Policy, first_day: date, last_day: date) -> None:
    """Begin a process of the pool: its parent is the one that hears Ctrl-C."""
    global _span  # noqa: PLW0603 - a pool's initializer has no other place
    _span = (policy, first_day, last_day)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _simulate_part(accounts: Accounts) -> Simulation:
    assert _span is not None
    return simulate(accounts, *_span)
