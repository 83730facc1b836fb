"""The registry as workers read it: what changes once a day is asked for once in a while (R13.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from chalicelib.flows.policy_table import PolicyTable
from chalicelib.flows.ports import Registry, RunState
from chalicelib.flows.staff import Person

CACHED_S = 15.0  # R13.1: the longest that a worker may go by what it read

T = TypeVar("T")


class RegistryCache:
    """A `Registry` that remembers run states, policies and people for 15 seconds; all else passes through.

    For workers, which ask for each account. The sweep and whoever approves read the truth.
    """

    def __init__(self, registry: Registry, monotonic: Callable[[], float]) -> None:
        self._registry = registry
        self._monotonic = monotonic
        self._read: dict[tuple[str, object], tuple[float, object]] = {}

    def sending_paused(self) -> bool:
        """Whether the kill switch is on."""
        return self._registry.sending_paused()

    def pause_sending(self, *, paused: bool) -> None:
        """Turn the kill switch on or off."""
        self._registry.pause_sending(paused=paused)

    def fresh_through(self) -> date | None:
        """Return the last day that an import or a heartbeat covers."""
        return self._registry.fresh_through()

    def beat(self, through: date) -> None:
        """Record that the ledger is complete through a day."""
        self._registry.beat(through)

    def run_state(self, run_on: date) -> RunState | None:
        """Return what is known of a day's run; that it was let go, as of 15 seconds ago at most.

        A run that is held is asked for again: work is not to be turned away after an approval.
        """
        state = self._recent("run", run_on, lambda: self._registry.run_state(run_on))
        if state is not None and state.state != "running":
            del self._read["run", run_on]
        return state

    def last_runs(self, before: date, most: int) -> Sequence[RunState]:
        """Return the last runs that were let go."""
        return self._registry.last_runs(before, most)

    def all_runs(self, before: date, most: int) -> Sequence[RunState]:
        """Return the runs before a day."""
        return self._registry.all_runs(before, most)

    def put_run(self, state: RunState) -> None:
        """Write a run's state, and know it at once."""
        self._registry.put_run(state)
        self._read.clear()

    def policy_table(self) -> PolicyTable:
        """Return which policies there are, as of 15 seconds ago at most."""
        return self._recent("policies", None, self._registry.policy_table)

    def policy_document(self, policy_id: str, version: str) -> bytes:
        """Return the document of a version, which never changes; it is kept parsed, not here."""
        return self._registry.policy_document(policy_id, version)

    def people(self) -> tuple[Person, ...]:
        """Return the people, as of 15 seconds ago at most."""
        return self._recent("people", None, self._registry.people)

    def put_policy(self, policy_id: str, document: bytes) -> None:
        """Put a policy in force, and know it at once."""
        self._registry.put_policy(policy_id, document)
        self._read.clear()

    def set_default_policy_id(self, policy_id: str) -> None:
        """Say which policy is for accounts that name none, and know it at once."""
        self._registry.set_default_policy_id(policy_id)
        self._read.clear()

    def _recent(self, what: str, which: object, read: Callable[[], T]) -> T:
        now = self._monotonic()
        known = self._read.get((what, which))
        if known is not None and now - known[0] < CACHED_S:
            return known[1]  # type: ignore[return-value]  # the key tells the type
        value = read()
        if value is not None:
            self._read[what, which] = (now, value)
        return value
