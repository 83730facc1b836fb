"""Reports over one deployment's adapters."""

from __future__ import annotations

from chalicelib.flows.report import Report
from chalicelib.wiring_ports import Ports


def report(ports: Ports) -> Report:
    """Return what writes a run's snapshot."""
    return Report(
        accounts=ports.accounts,
        pages=ports.account_pages,
        registry=ports.registry,
        archive=ports.archive,
        policies=ports.policies,
        queue=ports.report_queue,
        clock=ports,
        today=ports.today,
        monotonic=ports.monotonic,
    )
