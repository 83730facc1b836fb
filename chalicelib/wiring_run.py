"""The run's use cases over one deployment's adapters."""

from __future__ import annotations

from functools import partial

from chalicelib.flows.agency_offers import takes_offers
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.restored import open_lost_day
from chalicelib.flows.sweep import Sweep
from chalicelib.flows.work import Work
from chalicelib.wiring_ports import Ports


def sweep(ports: Ports) -> Sweep:
    """Return what starts and approves runs: it reads the registry as it is."""
    policies = PolicyShelf(ports.registry, ports.today)
    lost_day = partial(open_lost_day, ports.records)
    return Sweep(ports.accounts, ports.registry, ports.queues, policies, lost_day)


def sweep_of_workers(ports: Ports) -> Sweep:
    """Return what hands out a shard: it goes by a run state of at most 15 s ago."""
    return Sweep(ports.accounts, ports.recent, ports.queues, ports.policies)


def work(ports: Ports) -> Work:
    """Return what decides accounts."""
    return Work(
        ports.accounts,
        ports.recent,
        ports.queues,
        ports.policies,
        ports,
        ports.sending_times,
        takes_offers(ports.agencies),
    )
