"""The sweep: starts a day's run through its gates, then hands out its work (R13.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from chalicelib.core.errors import ConflictError, NotFoundError
from chalicelib.flows.counts import Counts, add_up
from chalicelib.flows.gates import RUNS_LOOKED_AT, is_too_many, why_not_start, why_not_work
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, DueAccount, Queues, Registry, RunState

HAND_OUT = 100  # accounts handed over in one call


@dataclass(frozen=True, slots=True)
class Sweep:
    """Starts runs. A run has one date; starting it again hands out what is still due."""

    accounts: Accounts
    registry: Registry
    queues: Queues
    policies: PolicyShelf
    # The day before this one that a restore took back and that was not run again yet.
    lost_day: Callable[[date], date | None] = lambda _: None

    def start(self, run_on: date) -> Counts:
        """Start the run of a day, or say which gate keeps it (R13.1).

        Counts `run_refused` (with the gate's own name) raises an alarm; `run_waiting` asks for an
        approval of exactly this date and count; `run_started` hands out one message per shard.
        """
        policy = self.policies.default(run_on)
        known = self.registry.run_state(run_on)
        gate = why_not_start(self.registry, policy.calendar, run_on, self.lost_day)
        if gate is not None:
            # A run that was let go stays so: its workers ask for the kill switch themselves.
            if known is None or known.state != "running":
                self.registry.put_run(RunState(run_on, "refused", reason=gate))
            return {"run_refused": 1, f"run_refused_{gate}": 1}
        shards = range(self.accounts.shards())
        due = sum(self.accounts.count_due(shard, run_on) for shard in shards)
        if not self._was_let_go(known, due):
            earlier = self.registry.last_runs(run_on, RUNS_LOOKED_AT)
            if is_too_many(policy.safety, due, earlier):
                reason = "more accounts are due than a run may take without an approval"
                self.registry.put_run(RunState(run_on, "waiting", due, reason))
                return {"run_waiting": 1, "accounts_due": due}
            self.registry.put_run(RunState(run_on, "running", due))
        self.queues.send_shards(run_on, shards)
        return {"run_started": 1, "accounts_due": due, "shards": len(shards)}

    def approve(self, run_on: date, count: int) -> Counts:
        """Let a waiting run go: the approval names its date and its count (R13.1).

        If more accounts have become due since, the run waits again, with the new count.

        Raises:
            NotFoundError: there is no run of this day.
            ConflictError: the run does not wait, or waits with another count.
        """
        state = self.registry.run_state(run_on)
        if state is None:
            raise NotFoundError(f"there is no run of {run_on}")
        if state.state != "waiting":
            raise ConflictError(f"the run of {run_on} does not wait: it is {state.state}")
        if state.accounts_due != count:
            raise ConflictError(
                f"the run of {run_on} waits with {state.accounts_due} accounts due, not {count}"
            )
        self.registry.put_run(replace(state, state="running", reason="", approved_count=count))
        return self.start(run_on)

    def hand_out(self, run_on: date, shard: int) -> Counts:
        """Hand out one work message for each account of a shard that is due on the day.

        Those due for no more than a statement come last: the run's count does not have them (R13.1).
        """
        gate = why_not_work(self.registry, run_on)
        if gate is not None:
            return {"shard_held_back": 1, f"shard_held_back_{gate}": 1}
        awake: set[str] = set()
        for some in _batches(self.accounts.due(shard, run_on)):
            self.queues.send_work(run_on, some)
            awake.update(row.account_id for row in some)
        counts = {"accounts_handed_out": len(awake)}
        # Whoever is on the wake list gets a statement that is due by the same decision.
        waiting = self.accounts.statements_due(shard, run_on)
        for some in _batches(row for row in waiting if row.account_id not in awake):
            self.queues.send_work(run_on, some)
            counts = add_up((counts, {"statements_handed_out": len(some)}))
        return counts

    @staticmethod
    def _was_let_go(known: RunState | None, due: int) -> bool:
        """Whether this day's run was let go already, with at least as many accounts due."""
        return known is not None and known.state == "running" and due <= known.accounts_due


def _batches(due: Iterator[DueAccount]) -> Iterator[list[DueAccount]]:
    while some := list(islice(due, HAND_OUT)):
        yield some
