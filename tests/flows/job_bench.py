"""Jobs over a machine of the tests, asked for, lost and done."""

from __future__ import annotations

from chalicelib.flows.jobs import (
    Handler,
    Job,
    Jobs,
    Step,
)
from chalicelib.flows.jobs_worker import JobsWorker
from chalicelib.flows.lost_jobs import LostJobs
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.flows.wake_job import WAKE_KIND, WakeAccounts
from tests.fakes_registry import MemoryAccountPages
from tests.flows.machine import NOW, Machine

ANNA = Principal("anna", frozenset({ADMIN}))


def jobs_of(machine: Machine) -> Jobs:
    return Jobs(machine.records, machine.job_queue, machine.archive)


def lost(machine: Machine) -> LostJobs:
    return LostJobs(machine.records, machine.job_queue)


def submit(machine: Machine, key: str = "key") -> Job:
    return jobs_of(machine).submit("count", {}, ANNA, key, NOW)


def forgotten(machine: Machine, key: str = "key") -> Job:
    """A job whose message never arrived."""
    job = submit(machine, key)
    machine.job_queue.sent.clear()
    return job


def worker(machine: Machine, handler: Handler = lambda task: Step()) -> JobsWorker:
    wake = WakeAccounts(
        machine.accounts, machine.registry, MemoryAccountPages(machine.accounts.kept)
    )
    handlers: dict[str, Handler] = {WAKE_KIND: wake, "count": handler}
    return JobsWorker(jobs_of(machine), handlers, machine.clock, lambda: 0.0)


def hand_over(machine: Machine, **later: float) -> dict[str, int]:
    return dict(lost(machine).hand_over(machine.clock.pass_by(**later)))


def waiting(machine: Machine) -> list[str]:
    """Return the jobs that wait to be begun, by what is kept of them."""
    return [key.name for key in machine.records.kept if key.book == "J#WAITING"]
