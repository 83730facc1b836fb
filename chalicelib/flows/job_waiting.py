"""Which jobs nobody has begun: kept with each job in one write, so that none is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.flows.ports_registry import RecordKey

WAITING = "J#WAITING"  # the book; the names in it are the ids of jobs


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that waits to be begun: since when it may be, and how often it was sent again."""

    since: datetime
    sent_again: int = 0


def waiting_key(job_id: str) -> RecordKey:
    """Return where is kept that a job waits."""
    return RecordKey(WAITING, job_id)
