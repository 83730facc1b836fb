"""The agencies' worker over one deployment's adapters (R10.5)."""

from __future__ import annotations

from chalicelib.flows.agency_reconcile import AgencyReconcile
from chalicelib.flows.agency_work import AgencyWork
from chalicelib.flows.counts import Counts
from chalicelib.flows.letterhead import letterhead
from chalicelib.telemetry import count, logger
from chalicelib.wiring_ports import Ports

FAILED = "agency_failed"  # infra/alarms.yaml has its alarm


def work(ports: Ports, agency_id: str) -> Counts:
    """Do what waits for an agency: apply its reports, write its dossiers, number its feed.

    What fails is logged and counted, and not brought back by the queue: until that message is seen
    again none of its agency's would be, and its feed would stand still over one report. All that
    was to be done lies in the agency's partition, and the next minute tells of it again.

    Raises:
        NotFoundError: there is no such agency; the queue puts the message aside.
    """
    ports.agencies.get(agency_id)
    try:
        return _worker(ports).work(agency_id)
    except Exception:
        logger.exception("an agency's work failed", extra={"agency_id": agency_id})
        return {FAILED: 1}


def reconcile(ports: Ports) -> AgencyReconcile:
    """Return what tells the worker again, and counts the agencies that fell silent."""
    return AgencyReconcile(ports.agencies, ports.agency_queue, count)


def _worker(ports: Ports) -> AgencyWork:
    """Return what works for agencies; it reads the letterhead when it needs it."""
    values = ports.settings
    return AgencyWork(
        agencies=ports.agencies,
        desk=ports.desk,
        clock=ports,
        queue=ports.agency_queue,
        letterhead=lambda: letterhead(ports.archive, values.sender_address),
        ledger_kind=values.ledger_kind,
        told=count,
    )
