"""How a stage stands: whether it sends, how far its runs are, what waits and what has stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from chalicelib.flows.api_keys import ACTIVE
from chalicelib.flows.job_waiting import WAITING as JOBS_WAITING
from chalicelib.flows.job_waiting import Waiting
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.run_requests import ANY_DAY, RunRequests, run_told
from chalicelib.flows.sending import Sending
from chalicelib.flows.unfinished import unfinished
from chalicelib.wiring_ports import Ports
from chalicelib.wiring_run import sweep
from local.ops.queues import Queue
from local.ops.restore_days import restore_values

JOBS_SHOWN = 20
SOON = timedelta(days=14)


def sending_of(ports: Ports) -> Sending:
    """Return what turns the kill switch of a stage, as its API does."""
    desk = RegistryDesk(ports.records)
    return Sending(ports.registry, ports.records, desk, ports.accounts, ports.quota)


def runs_of(ports: Ports) -> RunRequests:
    """Return what starts and tells the runs of a stage, as its API does."""
    desk = RegistryDesk(ports.records)
    return RunRequests(
        ports.accounts, ports.registry, ports.records, desk, sweep(ports), ports.jobs
    )


def status_of(ports: Ports, queues: Sequence[Queue]) -> dict[str, Any]:
    """Return how a stage stands, as plain values.

    Reads: one query of the due index for each shard, three for the last run, and a few more.
    `sweep_lag_days`: how long the account that is due longest has been so; 0 if none is due.
    """
    today = ports.today()
    newest = next(iter(ports.registry.all_runs(ANY_DAY, 1)), None)
    since = _due_since(ports, today)
    fresh = ports.registry.fresh_through()
    waiting = ports.records.list(JOBS_WAITING, Waiting, most=JOBS_SHOWN)
    return {
        "stage": ports.settings.stage,
        "today": today.isoformat(),
        "sending": _sending(ports),
        "last_run": newest and run_told(ports.accounts, ports.records, newest),
        "ledger_fresh_through": fresh and fresh.isoformat(),
        "due_since": since and since.isoformat(),
        "sweep_lag_days": (today - since).days if since else 0,
        "accounts_unfinished": list(unfinished(ports.accounts)),
        "jobs_waiting": [row.key.name for row in waiting],
        "keys_that_end": _keys_that_end(ports),
        "restored": restore_values(ports),
        "queues": [asdict(queue) for queue in queues],
    }


def _sending(ports: Ports) -> dict[str, Any]:
    told = sending_of(ports).get()
    log = told.pop("log")
    return told | {"turned": log[0] if log else None}


def _keys_that_end(ports: Ports) -> list[dict[str, str]]:
    """Return the keys that end within two weeks and that no other follows, the first to end first."""
    now, zone = ports.now(), ports.settings.seller_zone
    ending = [
        key
        for key in ports.api_keys.all()
        if key.status == ACTIVE and not key.replaced_by and now < key.expires_at <= now + SOON
    ]
    return [
        {
            "id": key.id,
            "label": key.label,
            "owner": key.owner,
            "ends_on": key.expires_at.astimezone(zone).date().isoformat(),
        }
        for key in sorted(ending, key=lambda key: key.expires_at)
    ]


def _due_since(ports: Ports, today: date) -> date | None:
    """Return the oldest `wake_on` that was not worked, None if no account is due."""
    shards = range(ports.accounts.shards())
    oldest = (next(iter(ports.accounts.due(shard, today)), None) for shard in shards)
    return min((row.wake_on for row in oldest if row), default=None)
