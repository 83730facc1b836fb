"""Whoever asks for a job may die at any moment: the minute hands it over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from chalicelib.flows.desk import Caller, Reply
from chalicelib.flows.dry_run_job import DRY_RUN_KIND
from chalicelib.flows.full_import_run import WAITING
from chalicelib.flows.import_desk import ImportDesk
from chalicelib.flows.import_records import ImportRecord, record_key
from chalicelib.flows.jobs import (
    QUEUED,
    Jobs,
)
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_assignments import PolicyAssignments
from chalicelib.flows.policy_versions import PolicyVersions
from chalicelib.flows.ports_registry import Put, Records, Removal
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.run_requests import RunRequests
from chalicelib.flows.simulate_job import SIMULATE_KIND
from chalicelib.flows.simulate_request import SimulateRequests, Wanted
from chalicelib.flows.wake_job import WAKE_KIND
from tests.fakes_registry import MemoryJobQueue, MemoryRecords
from tests.flows.job_bench import ANNA, hand_over, jobs_of, waiting, worker
from tests.flows.machine import NOW, TODAY, Machine, invoice

TOMORROW = TODAY + timedelta(days=1)
BERT = Principal("bert", frozenset({ADMIN}))
WHY = ("why", "Because.")
STRICTER = shipped_document("standard").decode().replace("days   = 15", "days   = 5", 1)
MORE = {"minutes": 6}


class Died(BaseException):
    """The process was killed: nobody handles it."""


class Deadly(MemoryRecords):
    """The same records, in a process that dies right after a write of its own is committed."""

    def __init__(self, of: MemoryRecords) -> None:
        super().__init__()
        self.kept = of.kept

    def write(self, *puts: Put | Removal) -> None:
        super().write(*puts)
        raise Died


class DeadlyQueue(MemoryJobQueue):
    """A process that dies as it sends."""

    def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
        raise Died


def caller(principal: Principal = BERT) -> Caller:
    return Caller(principal, NOW, "request-1")


def sleeping_until_next_month(machine: Machine) -> None:
    """An account that was decided today by the policy in force, and is due much later."""
    machine.take_in("A1", invoice("I1", 1))
    machine.decide("A1")
    wake_on = machine.accounts.kept["A1"].wake_on
    assert wake_on is not None
    assert wake_on > TOMORROW


Asking = Callable[[Machine, Records, MemoryJobQueue], Reply]


def approve(machine: Machine, records: Records, queue: MemoryJobQueue) -> Reply:
    calm = RegistryDesk(machine.records)
    proposed = PolicyVersions(machine.records, calm, jobs_of(machine)).propose(
        caller(ANNA), "standard", STRICTER, None, TODAY
    )
    jobs = Jobs(records, queue, machine.archive)
    versions = PolicyVersions(records, RegistryDesk(records), jobs)
    return versions.approve(caller(), "standard", str(proposed.body["version"]), WHY, TODAY)


def assign(machine: Machine, records: Records, queue: MemoryJobQueue) -> Reply:
    jobs = Jobs(records, queue, machine.archive)
    assignments = PolicyAssignments(records, RegistryDesk(records), jobs)
    return assignments.put(caller(), "rapid", {}, WHY, TODAY)


def try_a_run(machine: Machine, records: Records, queue: MemoryJobQueue) -> Reply:
    runs = RunRequests(
        machine.accounts, machine.registry, records, RegistryDesk(records), machine.sweep,
        Jobs(records, queue, machine.archive),
    )  # fmt: skip
    return runs.ask(caller(), TODAY, dry_run=True, today=TODAY)


def simulate(machine: Machine, records: Records, queue: MemoryJobQueue) -> Reply:
    jobs = Jobs(records, queue, machine.archive)
    wanted = Wanted("standard", document=STRICTER)
    return SimulateRequests(records, RegistryDesk(records), jobs).ask(caller(), wanted, TODAY)


def approve_an_import(machine: Machine, records: Records, queue: MemoryJobQueue) -> Reply:
    waits = ImportRecord("imp_1", "full", WAITING, TODAY, NOW, "anna", "anna", settled=3)
    machine.records.write(Put(record_key("imp_1"), waits))
    desk = ImportDesk(records, Jobs(records, queue, machine.archive))
    said = {"reason_code": "why", "note": "Because.", "count": 3}
    return desk.approve(caller(), "imp_1", said)


ASKED: dict[str, Asking] = {
    WAKE_KIND: approve,
    f"{WAKE_KIND} for an assignment": assign,
    DRY_RUN_KIND: try_a_run,
    SIMULATE_KIND: simulate,
    "import_approved": approve_an_import,
}


@pytest.mark.parametrize("name", ASKED)
def test_whoever_dies_right_after_the_commit_has_asked_for_the_job(name: str) -> None:
    machine = Machine()
    with pytest.raises(Died):
        ASKED[name](machine, Deadly(machine.records), machine.job_queue)
    assert machine.job_queue.sent == []

    counts = hand_over(machine, **MORE)

    assert counts == {"jobs_handed_over_again": 1}
    [(job_id, step)] = machine.job_queue.sent
    assert (jobs_of(machine).get(job_id).kind, step) == (name.split(maxsplit=1)[0], 0)


@pytest.mark.parametrize("name", ASKED)
def test_whoever_dies_as_they_send_has_asked_for_the_job(name: str) -> None:
    machine = Machine()
    with pytest.raises(Died):
        ASKED[name](machine, machine.records, DeadlyQueue())

    assert hand_over(machine, **MORE) == {"jobs_handed_over_again": 1}


@pytest.mark.parametrize("ask", [approve, assign])
def test_accounts_that_sleep_are_woken_though_nobody_sent_the_job(ask: Asking) -> None:
    machine = Machine()
    sleeping_until_next_month(machine)
    with pytest.raises(Died):
        ask(machine, Deadly(machine.records), machine.job_queue)
    hand_over(machine, **MORE)

    for job_id, step in machine.job_queue.sent:
        worker(machine).work(job_id, step)

    woken = machine.accounts.kept["A1"].wake_on
    assert woken is not None
    assert woken <= TOMORROW


def test_the_same_question_asked_again_is_the_job_that_waits() -> None:
    machine = Machine()
    first = try_a_run(machine, machine.records, machine.job_queue)

    again = try_a_run(machine, machine.records, machine.job_queue)

    assert again.body["run_id"] == first.body["run_id"]
    assert len(waiting(machine)) == 1
    assert jobs_of(machine).get(str(first.body["run_id"])).state == QUEUED


def test_the_day_of_a_wake_is_the_one_the_approval_came_to() -> None:
    machine = Machine()

    reply = approve(machine, machine.records, machine.job_queue)

    job = jobs_of(machine).get(str(reply.body["job_id"]))
    assert date.fromisoformat(job.arguments["on"]) == TOMORROW
    assert (job.asked_by, machine.job_queue.delays) == ("bert", [20])
