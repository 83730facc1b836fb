"""Runs: started, tried, looked at, approved; and the jobs that take longer than an answer (R13.1)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib import wiring_run
from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import APPROVERS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery
from chalicelib.api.shapes.runs import JobAnswer, RunAnswer, RunApproval, RunBegun, RunBody, RunRow
from chalicelib.flows.desk import Reply
from chalicelib.flows.job_values import job_values
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.run_requests import RunRequests
from chalicelib.wiring_ports import Ports

blueprint = Blueprint(__name__)


def _runs(ports: Ports) -> RunRequests:
    return RunRequests(
        ports.accounts,
        ports.registry,
        ports.records,
        RegistryDesk(ports.records),
        wiring_run.sweep(ports),
        ports.jobs,
    )


@operation(
    blueprint,
    "POST",
    "/v1/runs",
    summary="Start the day's run, or try it",
    roles=APPROVERS,
    answers={202: RunBegun},
    body=RunBody,
    needs_key=True,
)
def start_run(call: Call) -> Reply:
    """Starts the run of today through its gates, or tries it and changes nothing (R13.1)."""
    body = call.body(RunBody)
    # Outside production a ledger's days are run one after the other, in minutes.
    today = call.ports.today() if call.ports.settings.is_production else None
    return _runs(call.ports).ask(call.caller, body.as_of, dry_run=body.dry_run, today=today)


@operation(
    blueprint,
    "GET",
    "/v1/runs",
    summary="Runs",
    roles=READERS,
    answers={200: Listed[RunRow]},
    query=ListQuery,
)
def list_runs(call: Call) -> Reply:
    """Answers the runs, newest first; those that were only tried are jobs. One query."""
    rows, mark = _runs(call.ports).list(call.mark(), call.query(ListQuery).limit)
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/runs/{run_id}",
    summary="A run",
    roles=READERS,
    answers={200: RunAnswer},
    problems=(404,),
)
def get_run(call: Call) -> Reply:
    """Answers a run by its day, as far as it has come, or one that was only tried by its job.

    Two reads, and three for each shard of the wake list; of more than 10,000 accounts more pages.
    """
    return Reply(200, _runs(call.ports).get(call.path("run_id")))


@operation(
    blueprint,
    "POST",
    "/v1/runs/{run_id}/approve",
    summary="Approve a run that waits",
    roles=APPROVERS,
    answers={200: RunBegun},
    body=RunApproval,
    needs_key=True,
    problems=(404,),
)
def approve_run(call: Call) -> Reply:
    """Lets a run go that has more accounts due than usual; names its day and its count (R13.1)."""
    body = call.body(RunApproval)
    why = (body.reason_code, body.note)
    return _runs(call.ports).approve(call.caller, call.path("run_id"), body.accounts_due, why)


@operation(
    blueprint,
    "GET",
    "/v1/jobs/{job_id}",
    summary="A job",
    roles=READERS,
    answers={200: JobAnswer},
    problems=(404,),
)
def get_job(call: Call) -> Reply:
    """Answers where a job stands, with its result when it is done. One read, and one file."""
    jobs = call.ports.jobs
    job = jobs.get(call.path("job_id"))
    return Reply(200, job_values(job, jobs.result(job)))
