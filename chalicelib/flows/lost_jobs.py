"""Every minute: sends again the jobs whose message was lost, whoever died before sending it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.errors import StaleVersionError
from chalicelib.flows.counts import Counts, add_up
from chalicelib.flows.job_waiting import WAITING, Waiting
from chalicelib.flows.jobs import QUEUED, Job, job_key
from chalicelib.flows.ports_registry import JobQueue, Put, Record, Records, Removal

SENT_AGAIN_AFTER = timedelta(minutes=5)  # then after twice as long each time, up to 80 minutes
DOUBLINGS_MAX = 4
LOOKED_AT_MAX = 1_000  # of the jobs that wait; a later minute looks at the rest


@dataclass(frozen=True, slots=True)
class LostJobs:
    """Hands over jobs that nobody has begun. What a worker has begun, its queue keeps."""

    records: Records
    queue: JobQueue

    def hand_over(self, now: datetime) -> Counts:
        """Send each job again that has waited for five minutes. One query while none does.

        Sending twice is harmless: a job whose message is only late is done once.

        Raises:
            Exception: the first failure, after all the other jobs were looked at.
        """
        failures: list[Exception] = []
        counts: list[Counts] = []
        for record in self.records.list(WAITING, Waiting, most=LOOKED_AT_MAX):
            if now < record.value.since + _patience(record.value):
                continue
            try:
                counts.append(self._send_again(record, now))
            except Exception as error:  # raised at the end, whatever it is
                failures.append(error)
        if failures:
            raise failures[0]
        return add_up(counts)

    def _send_again(self, record: Record[Waiting], now: datetime) -> Counts:
        job_id = record.key.name
        job = self.records.read(job_key(job_id), Job)
        if job is None or job.value.state != QUEUED:
            self.records.write(Removal(record.key))
            return {}
        self.queue.send_job(job_id, 0)
        after = Waiting(now, record.value.sent_again + 1)
        with suppress(StaleVersionError):  # begun by now
            self.records.write(Put(record.key, after, record.revision))
        return {"jobs_handed_over_again": 1}


def _patience(waiting: Waiting) -> timedelta:
    """Return how long a job may wait from then: many that wait for their turn are not lost."""
    doubled: int = 2 ** min(waiting.sent_again, DOUBLINGS_MAX)
    return SENT_AGAIN_AFTER * doubled
