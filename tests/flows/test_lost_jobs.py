"""Jobs whose hand-over was lost: whoever asks may die at any moment, and the minute makes up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.errors import UnavailableError
from chalicelib.flows.desk import Caller, Reply
from chalicelib.flows.dry_run_job import DRY_RUN_KIND
from chalicelib.flows.full_import_run import WAITING
from chalicelib.flows.import_desk import ImportDesk
from chalicelib.flows.import_records import ImportRecord, record_key
from chalicelib.flows.jobs import (
    DONE,
    FAILED,
    QUEUED,
    RUNNING,
    Handler,
    Job,
    Jobs,
    Step,
    Task,
    job_of,
)
from chalicelib.flows.jobs_worker import JobsWorker
from chalicelib.flows.lost_jobs import LOOKED_AT_MAX, LostJobs
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_assignments import PolicyAssignments
from chalicelib.flows.policy_versions import PolicyVersions
from chalicelib.flows.ports_registry import Put, Record, Records, Removal
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.run_requests import RunRequests
from chalicelib.flows.simulate_job import SIMULATE_KIND
from chalicelib.flows.simulate_request import SimulateRequests, Wanted
from chalicelib.flows.wake_job import WAKE_KIND, WakeAccounts
from tests.fakes_registry import MemoryAccountPages, MemoryJobQueue, MemoryRecords
from tests.flows.machine import NOW, TODAY, Machine, invoice

TOMORROW = TODAY + timedelta(days=1)
ANNA = Principal("anna", frozenset({ADMIN}))
BERT = Principal("bert", frozenset({ADMIN}))
WHY = ("why", "Because.")
STRICTER = shipped_document("standard").decode().replace("days   = 15", "days   = 5", 1)
MORE = {"minutes": 6}


class Died(BaseException):
    """The process was killed: nobody handles it."""


class Deadly(MemoryRecords):
    """The same records, in a process that dies right after a write of its own is committed."""

    def __init__(self, of: MemoryRecords) -> None:
        self.kept = of.kept

    def write(self, *puts: Put | Removal) -> None:
        super().write(*puts)
        raise Died


class DeadlyQueue(MemoryJobQueue):
    """A process that dies as it sends."""

    def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
        raise Died


class PartlyDeaf(MemoryJobQueue):
    """A queue that does not take one job."""

    refused = ""

    def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
        if job_id == self.refused:
            raise UnavailableError("the queue does not answer")
        super().send_job(job_id, step, delay_s)


def jobs_of(machine: Machine) -> Jobs:
    return Jobs(machine.records, machine.job_queue, machine.archive)


def lost(machine: Machine) -> LostJobs:
    return LostJobs(machine.records, machine.job_queue)


def caller(principal: Principal = BERT) -> Caller:
    return Caller(principal, NOW, "request-1")


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


def test_a_lost_message_is_sent_again_after_five_minutes() -> None:
    machine = Machine()
    job = forgotten(machine)
    early = hand_over(machine, minutes=4, seconds=59)

    late = hand_over(machine, seconds=2)

    assert (early, late) == ({}, {"jobs_handed_over_again": 1})
    assert machine.job_queue.sent == [(job.id, 0)]


def test_a_job_that_is_to_begin_later_is_given_its_time() -> None:
    machine = Machine()
    later = job_of("count", {}, ANNA, "key", NOW)
    machine.records.write(*jobs_of(machine).puts(later, 900))

    assert hand_over(machine, minutes=19) == {}
    assert hand_over(machine, minutes=2) == {"jobs_handed_over_again": 1}


def test_a_job_that_waits_long_is_sent_again_less_and_less_often() -> None:
    machine = Machine()
    forgotten(machine)

    sent_at = [minute for minute in range(1, 120) if hand_over(machine, minutes=1)]

    assert sent_at == [5, 15, 35, 75]


def test_a_job_that_a_worker_has_is_not_sent_again() -> None:
    machine = Machine()
    job = submit(machine)
    counts: list[dict[str, int]] = []

    def long(task: Task) -> Step:
        counts.append(hand_over(machine, minutes=9))
        return Step("on")

    worker(machine, long).work(job.id, 0)
    machine.job_queue.sent.clear()

    assert (counts, hand_over(machine, hours=3)) == ([{}], {})
    assert (machine.job_queue.sent, jobs_of(machine).get(job.id).state) == ([], RUNNING)


def test_a_job_is_running_from_its_first_step_on() -> None:
    machine = Machine()
    job = submit(machine)
    states: list[str] = []

    def look(task: Task) -> Step:
        states.append(jobs_of(machine).get(task.job.id).state)
        return Step()

    worker(machine, look).work(job.id, 0)

    assert states == [RUNNING]


def test_a_step_that_was_put_off_is_left_to_the_queue() -> None:
    machine = Machine()
    job = submit(machine)

    def later(task: Task) -> Step:
        raise UnavailableError("later")

    worker(machine, later).work(job.id, 0)

    assert hand_over(machine, hours=1) == {}


def refuse(task: Task) -> Step:
    raise ValueError


@pytest.mark.parametrize("name", ["done", "failed", "of an unknown kind"])
def test_of_a_job_that_has_ended_nothing_is_left_to_hand_over(name: str) -> None:
    machine = Machine()
    kind = "unknown" if name == "of an unknown kind" else "count"
    job = jobs_of(machine).submit(kind, {}, ANNA, "key", NOW)
    try:
        worker(machine, refuse if name == "failed" else lambda task: Step()).work(job.id, 0)
    except ValueError:
        assert name == "failed"

    assert jobs_of(machine).get(job.id).state == (DONE if name == "done" else FAILED)
    assert waiting(machine) == []
    assert hand_over(machine, hours=1) == {}


def waiting(machine: Machine) -> list[str]:
    """Return the jobs that wait to be begun, by what is kept of them."""
    return [key.name for key in machine.records.kept if key.book == "J#WAITING"]


def test_a_record_of_a_job_that_does_not_wait_any_more_is_put_away() -> None:
    machine = Machine()
    job = forgotten(machine)
    kept = {key: value for key, value in machine.records.kept.items() if key.name == job.id}
    worker(machine).work(job.id, 0)
    machine.records.kept.update(kept)

    counts = hand_over(machine, **MORE)

    assert (counts, machine.job_queue.sent, waiting(machine)) == ({}, [], [])


def test_of_two_messages_that_come_at_once_one_is_worked() -> None:
    machine = Machine()
    job = submit(machine)
    done: list[int] = []

    class Meanwhile(MemoryRecords):
        """Records in a process whose first write comes after another worker's."""

        def write(self, *puts: Put | Removal) -> None:
            if not done:
                worker(machine, count).work(job.id, 0)
            super().write(*puts)

    def count(task: Task) -> Step:
        done.append(task.job.step)
        return Step()

    records = Meanwhile()
    records.kept = machine.records.kept
    second = JobsWorker(
        Jobs(records, machine.job_queue, machine.archive),
        {"count": count},
        machine.clock,
        lambda: 0.0,
    )

    counts = second.work(job.id, 0)

    assert counts == {"job_steps_done_before": 1}
    assert (done, jobs_of(machine).get(job.id).state) == ([0], DONE)


def test_one_job_that_cannot_be_sent_stops_no_other_and_is_still_reported() -> None:
    queue = PartlyDeaf()
    machine = Machine(job_queue=queue)
    ids = [forgotten(machine, key).id for key in ("one", "two", "three")]
    queue.refused = min(ids)

    with pytest.raises(UnavailableError):
        hand_over(machine, **MORE)

    assert sorted(job_id for job_id, _ in queue.sent) == sorted(ids)[1:]


def test_a_job_that_is_begun_while_it_is_sent_again_is_left_alone() -> None:
    machine = Machine()
    job = forgotten(machine)

    class Quick(MemoryJobQueue):
        def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
            worker(machine).work(job_id, step)

    now = machine.clock.pass_by(**MORE)

    assert LostJobs(machine.records, Quick()).hand_over(now) == {"jobs_handed_over_again": 1}
    assert (jobs_of(machine).get(job.id).state, waiting(machine)) == (DONE, [])


class Counting(MemoryRecords):
    """Records that count what is asked of them."""

    def __init__(self, of: MemoryRecords) -> None:
        self.kept = of.kept
        self.asked: list[str] = []

    def read(self, key: Any, kind: Any) -> Record[Any] | None:
        self.asked.append("read")
        return super().read(key, kind)

    def list(self, book: str, kind: Any, **how: Any) -> Sequence[Record[Any]]:
        self.asked.append("list")
        return super().list(book, kind, **how)


@pytest.mark.parametrize("jobs", [0, 3])
def test_a_minute_in_which_nothing_was_lost_takes_one_query(jobs: int) -> None:
    machine = Machine()
    for number in range(jobs):
        submit(machine, f"{number}")
    records = Counting(machine.records)

    LostJobs(records, machine.job_queue).hand_over(NOW)

    assert records.asked == ["list"]


def test_a_minute_looks_at_so_many_jobs_at_most() -> None:
    machine = Machine()
    for number in range(LOOKED_AT_MAX + 1):
        forgotten(machine, f"{number}")

    assert hand_over(machine, **MORE) == {"jobs_handed_over_again": LOOKED_AT_MAX}


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
