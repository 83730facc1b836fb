"""Evidence archives over one deployment's adapters."""

from __future__ import annotations

from chalicelib.flows.evidence_gather import Sources
from chalicelib.flows.evidence_job import EvidenceDesk, ExportEvidence
from chalicelib.wiring_ports import Ports


def evidence_desk(ports: Ports) -> EvidenceDesk:
    """Return what exports an account and logs it."""
    sources = Sources(
        ports.accounts,
        ports.past_notices,
        ports.archive,
        ports.registry,
        ports.policies,
        ports.agencies,
    )
    return EvidenceDesk(sources, ports.desk)


def evidence_job(ports: Ports) -> ExportEvidence:
    """Return what does the job."""
    values = ports.settings
    zone = str(values.seller_zone)
    return ExportEvidence(evidence_desk(ports), ports.archive, ports, zone, values.stage)
