"""Reports over one deployment's adapters."""

from __future__ import annotations

from chalicelib.flows.report import Report
from chalicelib.wiring_ports import Ports


def report(ports: Ports) -> Report:
    """Return what writes a run's snapshot."""
    return Report(ports.accounts, ports.registry, ports.archive, ports.policies, ports.today)
