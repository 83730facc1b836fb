"""The agencies' worker over one deployment's adapters (R10.5)."""

from __future__ import annotations

from chalicelib.flows.agency_reconcile import AgencyReconcile
from chalicelib.flows.agency_work import AgencyWork
from chalicelib.flows.counts import Counts
from chalicelib.flows.letterhead import letterhead
from chalicelib.telemetry import count
from chalicelib.wiring_ports import Ports


def work(ports: Ports, agency_id: str) -> Counts:
    """Apply what an agency reported, write its dossiers and number its feed.

    Raises:
        NotFoundError: there is no such agency.
    """
    values = ports.settings
    return AgencyWork(
        agencies=ports.agencies,
        desk=ports.desk,
        clock=ports,
        queue=ports.agency_queue,
        letterhead=lambda: letterhead(ports.archive, values.sender_address),
        ledger_kind=values.ledger_kind,
        told=count,
    ).work(agency_id)


def reconcile(ports: Ports) -> AgencyReconcile:
    """Return what tells the worker again, and counts the agencies that fell silent."""
    return AgencyReconcile(ports.agencies, ports.agency_queue, count)
