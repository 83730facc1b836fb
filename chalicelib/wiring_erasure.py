"""The erasure of people over one deployment's adapters."""

from __future__ import annotations

import secrets

from chalicelib.flows.erasure import Erasure
from chalicelib.flows.erasure_order import ErasureDesk
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.wiring_ports import Ports

SALT_BYTES = 16


def erasure_desk(ports: Ports) -> ErasureDesk:
    """Return what takes orders to erase somebody."""
    return ErasureDesk(ports.accounts, ports.past_notices, RegistryDesk(ports.records), ports.jobs)


def erasure_job(ports: Ports) -> Erasure:
    """Return what erases a person: the handler of its job."""
    return Erasure(
        accounts=ports.accounts,
        policies=ports.policies,
        past=ports.past_notices,
        records=ports.records,
        archive=ports.archive,
        erasable=ports.erasable,
        shredder=ports.shredder,
        clock=ports,
        day_of=ports.day_of,
        new_salt=lambda: secrets.token_hex(SALT_BYTES),
    )
