"""Imports over one deployment's adapters."""

from __future__ import annotations

from chalicelib.flows.full_import import FullImport
from chalicelib.flows.full_import_run import FullImportRun
from chalicelib.flows.import_ledger import ImportLedger
from chalicelib.flows.import_upload import ImportJobs
from chalicelib.telemetry import count
from chalicelib.wiring_ports import Ports


def import_jobs(ports: Ports) -> ImportJobs:
    """Return what imports files that lie in the archive: it reads the registry as it is."""
    kind = ports.settings.ledger_kind
    full = FullImport(ports.accounts, ports.policies)
    return ImportJobs(
        accounts=ports.accounts,
        archive=ports.archive,
        records=ports.records,
        ordinary=ImportLedger(ports.accounts, ports.registry, ports.policies, kind),
        full=FullImportRun(full, ports.registry, ports.records, ports.policies, kind),
        day_of=ports.day_of,
        tell=count,
    )
