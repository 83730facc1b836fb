"""The jobs' worker: does one step of a job, and asks for the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.core.errors import PastdueError, StaleVersionError
from chalicelib.flows.counts import Counts
from chalicelib.flows.jobs import ENDED, Handler, Job, Jobs, Task
from chalicelib.flows.ports import Clock
from chalicelib.flows.ports_registry import Record

STEP_S = 540.0  # a step ends by itself after nine minutes; Lambda ends it after fifteen
UNKNOWN_KIND = "unknown_job_kind"
CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class JobsWorker:
    """Does jobs step by step. `monotonic` gives seconds, for the time that a step may take."""

    jobs: Jobs
    handlers: Mapping[str, Handler]
    clock: Clock
    monotonic: Callable[[], float]

    def work(self, job_id: str, step: int) -> Counts:
        """Do a step of a job, unless it was done; then the next step is asked for again.

        What does not answer for a while puts the step off, four times; then the job fails.

        Raises:
            NotFoundError: there is no such job.
            UnavailableError: store or queue do not answer; the queue tries again.
            Exception: the handler crashed; the job has failed and is not tried again.
        """
        record = self.jobs.open(job_id)
        job = record.value
        if job.state in ENDED:
            return {"jobs_ended_before": 1}
        if step < job.step:  # a message that came twice, or the next one was lost
            self.jobs.queue.send_job(job.id, job.step)
            return {"job_steps_done_before": 1}
        try:
            record = self.jobs.begin(record)
        except StaleVersionError:
            return {"job_steps_done_before": 1}  # it is being done, by a message that came twice
        handler = self.handlers.get(job.kind)
        if handler is None:
            self.jobs.fail(record, UNKNOWN_KIND, f"no worker knows {job.kind!r}", self.clock.now())
            return {"jobs_failed": 1}
        return self._do(record, handler)

    def _do(self, record: Record[Job], handler: Handler) -> Counts:
        until = self.monotonic() + STEP_S
        job = record.value
        task = Task(job, self.jobs.kept(job), lambda: self.monotonic() >= until)
        try:
            done = handler(task)
        except PastdueError as error:
            if error.retryable and self.jobs.put_off(record):
                # The queue itself would wait for an hour and a half: as long as a step may take.
                return {"job_steps_put_off": 1}
            self.jobs.fail(record, error.code, str(error), self.clock.now())
            return {"jobs_failed": 1, f"jobs_failed_{error.code}": 1}
        except Exception:  # whatever it was, nobody waits for a job that crashed
            self.jobs.fail(record, CRASHED, "the job crashed; the log says why", self.clock.now())
            raise
        try:
            after = self.jobs.advance(record, done, self.clock.now())
        except StaleVersionError:
            return {"job_steps_done_before": 1}  # by a message that came twice
        if after.state in ENDED:
            return {"jobs_done": 1}
        self.jobs.queue.send_job(after.id, after.step)
        return {"job_steps_done": 1}
