"""Jobs: asked for once, done in steps, whatever is delivered twice or lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from chalicelib.core.errors import NotFoundError, RefusedError, UnavailableError
from chalicelib.flows.job_waiting import waiting_key
from chalicelib.flows.jobs import (
    DONE,
    ENDED,
    FAILED,
    QUEUED,
    RUNNING,
    Handler,
    Job,
    Jobs,
    Step,
    Task,
    job_key,
)
from chalicelib.flows.jobs_worker import STEP_S, JobsWorker
from chalicelib.flows.principal import ADMIN, Principal
from tests.fakes_registry import MemoryJobQueue, MemoryRecords
from tests.fakes_store import MemoryArchive

NOW = datetime(2024, 3, 18, 5, 0, tzinfo=UTC)
ANN = Principal("ann", frozenset({ADMIN}))


@dataclass
class Bench:
    """Jobs over memory, and a worker with one handler, `count`."""

    handler: Handler
    now_at: datetime = NOW
    seconds: float = 0.0
    queue: MemoryJobQueue = field(default_factory=MemoryJobQueue)

    def __post_init__(self) -> None:
        self.archive = MemoryArchive()
        self.records = MemoryRecords()
        self.jobs = Jobs(self.records, self.queue, self.archive)
        self.worker = JobsWorker(self.jobs, {"count": self.handler}, self, lambda: self.seconds)

    def now(self) -> datetime:
        return self.now_at

    def submit(self, key: str = "key-1", who: Principal = ANN, kind: str = "count") -> Job:
        return self.jobs.submit(kind, {"to": "3"}, who, key, self.now_at)

    def run(self) -> None:
        """Work everything that is in the queue, and what it leads to."""
        for job_id, step in self.queue.sent:
            self.worker.work(job_id, step)


def count_to_three(task: Task) -> Step:
    """One more for each step."""
    reached = int(task.job.cursor or 0) + 1
    seen = [*task.kept.get("seen", []), reached]
    return Step(str(reached) if reached < 3 else "", {"reached": reached}, {"seen": seen})


def raising(error: Exception) -> Handler:
    def handler(task: Task) -> Step:
        raise error

    return handler


def test_a_job_goes_on_from_step_to_step_until_it_is_done() -> None:
    bench = Bench(count_to_three)
    job = bench.submit()

    bench.run()

    done = bench.jobs.get(job.id)
    assert (done.state, done.step, done.progress) == (DONE, 3, {"reached": 3})
    assert bench.jobs.result(done) == {"seen": [1, 2, 3]}


@pytest.mark.parametrize("handler", [count_to_three, raising(RefusedError("no"))])
def test_what_was_said_in_asking_for_a_job_goes_ninety_days_after_its_end(handler: Handler) -> None:
    bench = Bench(handler)
    job = bench.submit()
    assert bench.records.expires == {job_key(job.id): None, waiting_key(job.id): None}

    bench.run()

    assert bench.jobs.get(job.id).state in ENDED
    assert bench.records.expires[job_key(job.id)] == NOW + timedelta(days=90)


def test_a_job_that_is_not_done_has_no_result() -> None:
    bench = Bench(count_to_three)
    job = bench.submit()

    bench.worker.work(job.id, 0)

    assert bench.jobs.get(job.id).state == RUNNING
    assert bench.jobs.result(bench.jobs.get(job.id)) is None


def test_the_same_key_of_the_same_caller_is_the_same_job() -> None:
    bench = Bench(count_to_three)
    first = bench.submit()

    again = bench.submit()

    assert again == first
    assert bench.queue.sent == [(first.id, 0)]


@pytest.mark.parametrize(
    "other",
    [
        lambda bench: bench.submit("key-2"),
        lambda bench: bench.submit(who=Principal("bob", frozenset({ADMIN}))),
        lambda bench: bench.submit(kind="other"),
    ],
    ids=["another key", "another caller", "another kind"],
)
def test_any_other_request_is_another_job(other: Callable[[Bench], Job]) -> None:
    bench = Bench(count_to_three)

    assert bench.submit().id != other(bench).id


def test_a_job_whose_message_was_lost_is_sent_again_when_asked_for_again() -> None:
    bench = Bench(count_to_three)
    job = bench.submit()
    bench.queue.sent.clear()
    bench.now_at = NOW + timedelta(minutes=2)

    assert bench.submit().state == QUEUED
    assert bench.queue.sent == [(job.id, 0)]


def test_a_step_that_comes_twice_is_done_once_and_the_next_is_asked_for() -> None:
    bench = Bench(count_to_three)
    job = bench.submit()
    bench.worker.work(job.id, 0)
    bench.queue.sent.clear()

    counts = bench.worker.work(job.id, 0)

    assert counts == {"job_steps_done_before": 1}
    assert bench.queue.sent == [(job.id, 1)]
    assert bench.jobs.get(job.id).step == 1


def test_a_job_that_has_ended_is_not_done_again() -> None:
    bench = Bench(count_to_three)
    job = bench.submit()
    bench.run()

    assert bench.worker.work(job.id, 2) == {"jobs_ended_before": 1}


def test_a_refusal_ends_the_job_and_says_why() -> None:
    bench = Bench(raising(RefusedError("too many accounts")))
    job = bench.submit()

    bench.run()

    failed = bench.jobs.get(job.id)
    assert (failed.state, failed.fault_code, failed.fault) == (
        FAILED,
        "refused",
        "too many accounts",
    )


def test_what_may_pass_is_tried_again_later_and_not_for_ever() -> None:
    bench = Bench(raising(UnavailableError("later")))
    job = bench.submit()

    bench.run()

    assert bench.queue.delays == [0, 60, 120, 240, 480]
    failed = bench.jobs.get(job.id)
    assert (failed.state, failed.fault_code) == (FAILED, "unavailable")


def test_what_has_passed_does_not_count_against_the_next_step() -> None:
    left = [1, 0, 1, 0, 1, 0]

    def now_and_then(task: Task) -> Step:
        if left.pop(0):
            raise UnavailableError("later")
        return count_to_three(task)

    bench = Bench(now_and_then)
    job = bench.submit()

    bench.run()

    done = bench.jobs.get(job.id)
    assert (done.state, done.tries) == (DONE, 0)
    assert bench.queue.delays == [0, 60, 0, 60, 0, 60]


def test_a_crash_ends_the_job_without_the_words_of_the_crash() -> None:
    bench = Bench(raising(ValueError("A1 owes 5,000 to")))
    job = bench.submit()

    with pytest.raises(ValueError, match="A1"):
        bench.run()

    failed = bench.jobs.get(job.id)
    assert (failed.state, failed.fault_code) == (FAILED, "crashed")
    assert "A1" not in failed.fault


def test_a_kind_that_nobody_knows_fails() -> None:
    bench = Bench(count_to_three)
    job = bench.submit(kind="unheard")

    bench.run()

    assert bench.jobs.get(job.id).fault_code == "unknown_job_kind"


def test_a_step_is_told_when_its_time_is_over() -> None:
    looks: list[bool] = []

    def watch(task: Task) -> Step:
        looks.append(task.is_over())
        bench.seconds += STEP_S
        looks.append(task.is_over())
        return Step()

    bench = Bench(watch)
    bench.submit()

    bench.run()

    assert looks == [False, True]


def test_a_job_that_nobody_asked_for_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="job_1"):
        Bench(count_to_three).jobs.get("job_1")


def test_a_job_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Bench(count_to_three).submit("")
