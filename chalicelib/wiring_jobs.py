"""The jobs over one deployment's adapters: which handler does which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalicelib.flows.dry_run_job import DRY_RUN_KIND, DryRun
from chalicelib.flows.erasure_order import ERASE_KIND
from chalicelib.flows.evidence_job import EVIDENCE_KIND
from chalicelib.flows.import_records import JOB as APPROVED_KIND
from chalicelib.flows.jobs import Handler
from chalicelib.flows.jobs_worker import JobsWorker
from chalicelib.flows.simulate_job import SIMULATE_KIND, SimulatePolicy
from chalicelib.flows.uploads import JOB as UPLOAD_KIND
from chalicelib.flows.wake_job import WAKE_KIND, WakeAccounts
from chalicelib.wiring_erasure import erasure_job
from chalicelib.wiring_evidence import evidence_job
from chalicelib.wiring_imports import import_jobs
from chalicelib.wiring_ports import Ports

# Each makes a kind's handler; what it needs is loaded when it is made.
HANDLERS: Mapping[str, Callable[[Ports], Handler]] = {
    # Of the registry as it is: the job begins when the workers know of the change too.
    WAKE_KIND: lambda ports: WakeAccounts(ports.accounts, ports.registry, ports.account_pages),
    UPLOAD_KIND: lambda ports: import_jobs(ports).upload,
    APPROVED_KIND: lambda ports: import_jobs(ports).approved,
    DRY_RUN_KIND: lambda ports: DryRun(ports.accounts, ports.registry, ports.policies),
    ERASE_KIND: erasure_job,
    SIMULATE_KIND: lambda ports: SimulatePolicy(
        ports.accounts, ports.recent, ports.policies, ports.account_pages
    ),
    EVIDENCE_KIND: evidence_job,
}


def worker(ports: Ports) -> JobsWorker:
    """Return what does jobs."""
    handlers = {kind: make(ports) for kind, make in HANDLERS.items()}
    return JobsWorker(ports.jobs, handlers, ports, ports.monotonic)
