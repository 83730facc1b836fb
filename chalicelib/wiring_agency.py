"""The agencies' worker over one deployment's adapters (R10.5)."""

from __future__ import annotations

from chalicelib.flows.agency_reconcile import AgencyReconcile
from chalicelib.flows.counts import Counts
from chalicelib.telemetry import count
from chalicelib.wiring_ports import Ports

NUMBERED_AT_MOST = 1_000  # lines of one message; the next minute tells of the rest


def work(ports: Ports, agency_id: str) -> Counts:
    """Do what waits for an agency.

    Raises:
        NotFoundError: there is no such agency.
    """
    ports.agencies.get(agency_id)
    numbered = ports.agencies.shelf(agency_id).number(ports.now(), NUMBERED_AT_MOST)
    return {"agency_lines_numbered": numbered} if numbered else {}


def reconcile(ports: Ports) -> AgencyReconcile:
    """Return what tells the worker again, and counts the agencies that fell silent."""
    return AgencyReconcile(ports.agencies, ports.agency_queue, count)
