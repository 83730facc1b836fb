"""Runs as people ask for them: started or only tried, looked at, approved (R13.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Any

from chalicelib.core.errors import (
    BlockedError,
    Blocker,
    Fault,
    InvalidInputError,
    NotFoundError,
    SecondPersonError,
)
from chalicelib.flows.desk import Caller, Reply
from chalicelib.flows.dry_run_job import DRY_RUN_KIND
from chalicelib.flows.gates import LOST_DAYS_OPEN, NOT_FRESH, SENDING_PAUSED
from chalicelib.flows.jobs import Job, Jobs, job_of
from chalicelib.flows.ports import Accounts, Registry, RunState
from chalicelib.flows.ports_registry import Act, Records
from chalicelib.flows.registry_desk import RegistryDesk, Rule, act_of, acts_in
from chalicelib.flows.run_figures import run_figures
from chalicelib.flows.sweep import Sweep

JOB_PREFIX = "job_"
ASKED = "run_asked_for"
LOG_LOOKED_AT = 200
ANY_DAY = date(MAXYEAR, 12, 31)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
GATES = {
    SENDING_PAUSED: "sending is paused (the kill switch)",
    NOT_FRESH: "no import or heartbeat covers the end of the previous business day",
    LOST_DAYS_OPEN: "days that a restore from backup took back must be run before, in order",
}


@dataclass(frozen=True, slots=True)
class RunRequests:
    """Starts runs through their gates, tries them, and lets them go that wait for a person."""

    accounts: Accounts
    registry: Registry
    records: Records
    desk: RegistryDesk
    sweep: Sweep
    jobs: Jobs

    def ask(self, caller: Caller, as_of: date, *, dry_run: bool, today: date | None) -> Reply:
        """Start the run of a day, or try it: 202 with the place to look.

        `today` None: any day may be run, which is for stages outside production. A run that is
        tried decides everyone who is due and commits nothing; it is a job.

        Raises:
            InvalidInputError: `as_of` is not a day that may be run.
            BlockedError: a gate keeps the run from starting.
        """
        if today is not None and as_of != today:
            detail = f"only today, {today}, can be run; what an earlier run left is due today"
            raise InvalidInputError(
                "this day cannot be run", [Fault("/as_of", "not_today", detail)]
            )
        if not FIRST_DAY <= as_of <= LAST_DAY:
            detail = f"a run's day lies from {FIRST_DAY} through {LAST_DAY}"
            fault = Fault("/as_of", "out_of_range", detail)
            raise InvalidInputError("this day cannot be run", [fault])
        return self._try(caller, as_of) if dry_run else self._start(caller, as_of)

    def _try(self, caller: Caller, as_of: date) -> Reply:
        key = caller.replay_key.id if caller.replay_key is not None else caller.request_id
        said = {"as_of": as_of.isoformat()}
        job = job_of(DRY_RUN_KIND, said, caller.principal, key, caller.at)
        body = {"run_id": job.id, "as_of": as_of.isoformat(), "dry_run": True, "state": "queued"}
        queued = Reply(202, body, f"/v1/runs/{job.id}")
        reply = self.desk.act(caller, lambda: Rule(self.jobs.puts(job), queued))
        if not reply.is_replayed:
            self.jobs.send(job.id)
        return reply

    def _start(self, caller: Caller, as_of: date) -> Reply:
        def rule() -> Rule:
            self._go(as_of, self.sweep.start(as_of))
            state = self._state(as_of)
            body = _begun(state)
            said = {"state": state.state, "accounts_due": str(state.accounts_due)}
            acts = (act_of(caller, log_of(as_of), ASKED, as_of.isoformat(), **said),)
            return Rule((), Reply(202, body, f"/v1/runs/{as_of}"), acts)

        return self.desk.act(caller, rule)

    def approve(
        self, caller: Caller, run_id: str, accounts_due: int, why: tuple[str, str]
    ) -> Reply:
        """Let a waiting run go: the approval names its day and its count (R13.1).

        `why`: reason code and note. If more accounts have become due since, it waits again.

        Raises:
            NotFoundError: there is no run of this day.
            SecondPersonError: the caller asked for this run, themselves or through a key of theirs.
            ConflictError: the run does not wait, or waits with another count.
            BlockedError: a gate keeps the run from starting.
        """
        as_of = _day_of(run_id)

        def rule() -> Rule:
            state = self._state(as_of)
            self._refuse_who_asked(caller, as_of)
            # An approval whose answer was lost: what it did is there, only the log is not.
            if not (state.state == "running" and state.approved_count == accounts_due):
                self._go(as_of, self.sweep.approve(as_of, accounts_due))
            after = self._state(as_of)
            said = {"reason_code": why[0], "note": why[1], "accounts_due": str(accounts_due)}
            act = act_of(caller, log_of(as_of), "run_approved", as_of.isoformat(), **said)
            return Rule((), Reply(200, _begun(after)), (act,))

        return self.desk.act(caller, rule)

    def get(self, run_id: str) -> dict[str, Any]:
        """Return a run by its day, or one that was only tried by its job.

        Raises:
            NotFoundError: there is none.
        """
        if run_id.startswith(JOB_PREFIX):
            return self._tried(run_id)
        as_of = _day_of(run_id)
        return run_told(self.accounts, self.records, self._state(as_of))

    def list(self, before: str, most: int) -> tuple[list[dict[str, Any]], str | None]:
        """Return runs, newest first, and the mark of the next page. One query."""
        until = date.fromisoformat(before) if before else ANY_DAY
        found = self.registry.all_runs(until, most + 1)
        rows = [_run_values(state) for state in found[:most]]
        return rows, found[most - 1].run_on.isoformat() if len(found) > most else None

    def _tried(self, run_id: str) -> dict[str, Any]:
        job: Job = self.jobs.get(run_id)
        if job.kind != DRY_RUN_KIND:
            raise NotFoundError(f"there is no run {run_id[:64]!r}")
        result = self.jobs.result(job)
        return {
            "run_id": job.id,
            "as_of": job.arguments["as_of"],
            "dry_run": True,
            "state": job.state,
            "reason": job.fault,
            "accounts_due": None if result is None else result["accounts_due"],
            "approved_count": None,
            "dry_run_result": result,
        }

    def _state(self, as_of: date) -> RunState:
        state = self.registry.run_state(as_of)
        if state is None:
            raise NotFoundError(f"there is no run of {as_of}")
        return state

    def _refuse_who_asked(self, caller: Caller, as_of: date) -> None:
        log = self.records.list(f"LOG#{log_of(as_of)}", Act, most=LOG_LOOKED_AT, newest_first=True)
        if any(r.value.kind == ASKED and r.value.person == caller.principal.person for r in log):
            raise SecondPersonError("a run is approved by another person than asked for it")

    @staticmethod
    def _go(as_of: date, counts: Mapping[str, int]) -> None:
        """Refuse, if a gate does."""
        gate = next((gate for gate in GATES if counts.get(f"run_refused_{gate}")), None)
        if gate is not None:
            raise BlockedError(f"the run of {as_of} cannot start", [Blocker(gate, GATES[gate])])


def run_told(accounts: Accounts, records: Records, state: RunState) -> dict[str, Any]:
    """Return a run with its figures and its log, as plain values."""
    return _run_values(state) | {
        "figures": run_figures(accounts, state.run_on),
        "log": acts_in(records, log_of(state.run_on)),
    }


def log_of(as_of: date) -> str:
    """Return the name of a run's log."""
    return f"run/{as_of}"


def _day_of(run_id: str) -> date:
    try:
        day = date.fromisoformat(run_id)
    except ValueError:
        raise NotFoundError(f"there is no run {run_id[:64]!r}") from None
    if day.isoformat() != run_id:  # Python reads week dates and basic forms as well
        raise NotFoundError(f"there is no run {run_id[:64]!r}; a day is written as {day}")
    return day


def _begun(state: RunState) -> dict[str, Any]:
    return {
        "run_id": state.run_on.isoformat(),
        "as_of": state.run_on.isoformat(),
        "dry_run": False,
        "state": state.state,
    }


def _run_values(state: RunState) -> dict[str, Any]:
    return _begun(state) | {
        "reason": state.reason,
        "accounts_due": state.accounts_due,
        "approved_count": state.approved_count,
    }
