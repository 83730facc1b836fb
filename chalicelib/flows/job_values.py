"""A job as plain values, for whoever looks."""

from __future__ import annotations

from typing import Any

from chalicelib.flows.jobs import FAILED, Job, Values


def job_values(job: Job, result: Values | None) -> dict[str, Any]:
    """Return a job as plain values, for whoever looks."""
    fault = {"code": job.fault_code, "detail": job.fault} if job.state == FAILED else None
    return {
        "job_id": job.id,
        "kind": job.kind,
        "state": job.state,
        "asked_by": job.asked_by,
        "asked_at": job.asked_at.isoformat(),
        "ended_at": None if job.ended_at is None else job.ended_at.isoformat(),
        "progress": dict(job.progress),
        "fault": fault,
        "result": None if result is None else dict(result),
    }
