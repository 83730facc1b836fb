"""Jobs whose message was lost: the minute sends them again, and none that is being done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from chalicelib.core.errors import UnavailableError
from chalicelib.flows.jobs import (
    DONE,
    FAILED,
    RUNNING,
    Jobs,
    Step,
    Task,
    job_of,
)
from chalicelib.flows.jobs_worker import JobsWorker
from chalicelib.flows.lost_jobs import LOOKED_AT_MAX, LostJobs
from chalicelib.flows.ports_registry import Put, Record, Removal
from tests.fakes_registry import MemoryJobQueue, MemoryRecords
from tests.flows.job_bench import ANNA, forgotten, hand_over, jobs_of, submit, waiting, worker
from tests.flows.machine import NOW, Machine

MORE = {"minutes": 6}


class PartlyDeaf(MemoryJobQueue):
    """A queue that does not take one job."""

    refused = ""

    def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
        if job_id == self.refused:
            raise UnavailableError("the queue does not answer")
        super().send_job(job_id, step, delay_s)


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
