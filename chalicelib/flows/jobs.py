"""Jobs: what takes longer than an answer may; asked for by the API, done by one worker in steps.

A job is asked for once for each principal and idempotency key: asked again, it is the same job.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.errors import NotFoundError, StaleVersionError
from chalicelib.flows.job_waiting import Waiting, waiting_key
from chalicelib.flows.ports import Archive
from chalicelib.flows.ports_registry import NEW, JobQueue, Put, Record, RecordKey, Records, Removal
from chalicelib.flows.principal import Principal

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
ENDED = (DONE, FAILED)
RESULT_TYPE = "application/json"
TRIES_MAX, FIRST_WAIT_S = 4, 60  # of a step: after 1, 2, 4 and 8 minutes
JOB_KEPT = timedelta(days=90)  # after its end: longer than its result, and than any backup
FORGOTTEN_AFTER = timedelta(minutes=1)  # a job that still waits then is handed over again

Values = Mapping[str, Any]  # what JSON can say


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is known. `step` counts the steps done, `cursor` is where the next one begins.

    `person` answers for `asked_by`. `progress` are counts. `tries`: so often the step now due could
    not be done because something did not answer. A job that failed says why in `fault_code` and
    `fault`; one that is done has its result in the archive. One that is queued is listed as waiting.
    """

    id: str
    kind: str
    asked_by: str
    person: str
    asked_at: datetime
    arguments: dict[str, str] = field(default_factory=dict)
    state: str = QUEUED
    step: int = 0
    cursor: str = ""
    progress: dict[str, int] = field(default_factory=dict)
    fault_code: str = ""
    fault: str = ""
    ended_at: datetime | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of a job came to.

    `cursor` says where to go on, "" that the job is done. `progress` are counts so far. `kept` is
    handed to the next step; of the last step it is the job's result. Both are what JSON can say.
    """

    cursor: str = ""
    progress: Mapping[str, int] = field(default_factory=dict)
    kept: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """What a handler is given: the job, what the step before kept ({} at first), and the time.

    `is_over()` turns true when the step is to end with a cursor, well before Lambda's limit.
    """

    job: Job
    kept: Values
    is_over: Callable[[], bool]


# A handler does one step. It may run any number of times for the same step: it must be harmless.
# What it raises ends the job as failed, unless the error is retryable: then the queue tries again.
Handler = Callable[[Task], Step]


def job_key(job_id: str) -> RecordKey:
    """Return where a job is kept."""
    return RecordKey(f"J#{job_id}", "JOB")


def result_file(job_id: str) -> str:
    """Return where a job's result is kept in the archive."""
    return f"jobs/{job_id}.json"


def step_file(job_id: str, step: int) -> str:
    """Return where is kept what a step hands to the next one."""
    return f"jobs/{job_id}/step-{step}.json"


def job_id_of(kind: str, principal_id: str, key: str) -> str:
    """Return a job's id, made from its meaning: asking again with the same key is the same job.

    Raises:
        ValueError: there is no key: everything that someone asks for would be the same job.
    """
    if not key:
        raise ValueError("a job needs a key that tells it from others")
    meaning = json.dumps([kind, principal_id, key]).encode()
    return f"job_{hashlib.sha256(meaning).hexdigest()[:24]}"


def job_of(
    kind: str, arguments: Mapping[str, str], principal: Principal, key: str, at: datetime
) -> Job:
    """Return the job that someone asks for: the same principal, kind and key, the same id.

    Raises:
        ValueError: the key is empty.
    """
    job_id = job_id_of(kind, principal.id, key)
    return Job(job_id, kind, principal.id, principal.person, at, dict(arguments))


@dataclass(frozen=True, slots=True)
class Jobs:
    """Takes jobs, and tells what became of them."""

    records: Records
    queue: JobQueue
    archive: Archive

    def submit(
        self,
        kind: str,
        arguments: Mapping[str, str],
        principal: Principal,
        key: str,
        at: datetime,
    ) -> Job:
        """Ask for a job and return it; the same principal, kind and key give the same job.

        One that is not begun within a minute is handed to the worker again when asked for again;
        one that nobody asks for again, some minutes later (`LostJobs`).

        Raises:
            UnavailableError: store or queue do not answer now; asking again with the key is right.
        """
        job = job_of(kind, arguments, principal, key, at)
        try:
            self.records.write(*_new(job, 0))
        except StaleVersionError:
            known = self.get(job.id)
            if known.state == QUEUED and known.asked_at + FORGOTTEN_AFTER < at:
                self.queue.send_job(job.id, 0)
            return known
        self.queue.send_job(job.id, 0)
        return job

    def puts(self, job: Job, delay_s: int = 0) -> Sequence[Put]:
        """Return what asks for a job, to be written with what it follows from; () if it is there.

        It is begun even if whoever wrote that dies before `send`, some minutes later then.
        """
        there = self.records.read(job_key(job.id), Job)
        return _new(job, delay_s) if there is None else ()

    def send(self, job_id: str, delay_s: int = 0) -> None:
        """Hand a job over that was written with something else, to begin in `delay_s` (at most 900).

        Raises:
            UnavailableError: the queue does not answer now; it is handed over some minutes later.
        """
        self.queue.send_job(job_id, 0, delay_s)

    def get(self, job_id: str) -> Job:
        """Return a job as it is now.

        Raises:
            NotFoundError: there is no such job.
        """
        return self.open(job_id).value

    def result(self, job: Job) -> Values | None:
        """Return what a job came to, None while it is not done."""
        if job.state != DONE:
            return None
        found: dict[str, Any] = json.loads(self.archive.get(result_file(job.id)))
        return found

    def begin(self, record: Record[Job]) -> Record[Job]:
        """Write that a worker has a job, and return it: from now on the queue does not lose it.

        Raises:
            StaleVersionError: another worker has it.
        """
        if record.value.state != QUEUED:
            return record
        after = replace(record.value, state=RUNNING)
        self.records.write(Put(record.key, after, record.revision), Removal(waiting_key(after.id)))
        return Record(record.key, after, record.revision + 1)

    def advance(self, record: Record[Job], step: Step, at: datetime) -> Job:
        """Write what a step came to; the last step's is the result. Return the job as it now is.

        Raises:
            StaleVersionError: the same step was done elsewhere meanwhile.
        """
        job = record.value
        is_done = not step.cursor
        name = result_file(job.id) if is_done else step_file(job.id, job.step + 1)
        content = json.dumps(dict(step.kept), ensure_ascii=False).encode()
        self.archive.put(name, content, RESULT_TYPE)
        after = replace(
            job,
            state=DONE if is_done else RUNNING,
            step=job.step + 1,
            cursor=step.cursor,
            progress=dict(step.progress),
            tries=0,
            ended_at=at if is_done else None,
        )
        self._write(record, after)
        return after

    def fail(self, record: Record[Job], code: str, why: str, at: datetime) -> None:
        """Write that a job failed, and why; the words are the project's own, for its asker."""
        after = replace(record.value, state=FAILED, fault_code=code, fault=why[:500], ended_at=at)
        self._write(record, after)

    def _write(self, record: Record[Job], after: Job) -> None:
        """Write a job; what people said in asking for one that has ended is not kept for good."""
        expires_at = None if after.ended_at is None else after.ended_at + JOB_KEPT
        self.records.write(Put(record.key, after, record.revision, expires_at))

    def put_off(self, record: Record[Job]) -> bool:
        """Let the step be tried again in a while, if it was not tried too often. Return whether."""
        job = record.value
        if job.tries >= TRIES_MAX:
            return False
        self.records.write(Put(record.key, replace(job, tries=job.tries + 1), record.revision))
        self.queue.send_job(job.id, job.step, FIRST_WAIT_S * 2**job.tries)
        return True

    def kept(self, job: Job) -> Values:
        """Return what the job's last step handed on; {} before the first."""
        if job.step == 0:
            return {}
        found: dict[str, Any] = json.loads(self.archive.get(step_file(job.id, job.step)))
        return found

    def open(self, job_id: str) -> Record[Job]:
        """Return the record of a job, for the worker.

        Raises:
            NotFoundError: there is no such job.
        """
        found = self.records.read(job_key(job_id), Job)
        if found is None:
            raise NotFoundError(f"there is no job {job_id[:64]!r}")
        return found


def _new(job: Job, delay_s: int) -> Sequence[Put]:
    since = job.asked_at + timedelta(seconds=delay_s)
    return Put(job_key(job.id), job, NEW), Put(waiting_key(job.id), Waiting(since))
