"""The days that a restore took back: which are open, and when one counts as run again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.flows.restored import RestoredPoint, put_point, restored_point
from chalicelib.wiring_ports import Ports
from local.ops.acts import log_act
from local.ops.opened import OpenedStage

RUNNING = "running"  # the state of a run that was let go


def pass_lost_days(ports: Ports) -> RestoredPoint | None:
    """Note how far the lost days were run again, in order; return the last restore, None if none.

    Reads who is due and the accounts' rows of each run that was let go, up to the first that is open.
    """
    point = restored_point(ports.records)
    if point is None:
        return None
    through = point.run_through
    for day in point.open_days:
        if not was_run(ports, day):
            break
        through = day
    if through != point.run_through:
        point = replace(point, run_through=through)
        put_point(ports.records, point)
    return point


def was_run(ports: Ports, day: date) -> bool:
    """Return whether a day's run decided everybody who was due: nobody is left for another day's.

    What a letter's news woke after its decision is due with the next run, and not left of this one.
    """
    state = ports.registry.run_state(day)
    if state is None or state.state != RUNNING:
        return False
    left: set[str] = set()
    for shard in range(ports.accounts.shards()):
        left.update(row.account_id for row in ports.accounts.due(shard, day))
        left.update(row.account_id for row in ports.accounts.statements_due(shard, day))
    for account_id, row in ports.accounts.run_rows(day) if left else ():
        if row.outcomes.get("accounts_decided"):
            left.discard(account_id)
    return not left


def close_restore(stage: OpenedStage, point: RestoredPoint) -> None:
    """Check a restore off: no day is open any more, and only today is run again in production."""
    put_point(stage.ports.records, replace(point, closed_at=stage.now()))
    log_act(stage, "restore_checked_off", point.table, open_days=str(len(point.open_days)))


def restore_values(ports: Ports) -> dict[str, Any] | None:
    """Return the last restore with its open days as plain values, None if there was none."""
    point = restored_point(ports.records)
    if point is None:
        return None
    return {
        "to": point.to.isoformat(),
        "by": point.by,
        "letters": point.letters,
        "lost_days": [day.isoformat() for day in point.lost_days],
        "open_days": [day.isoformat() for day in point.open_days],
        "closed_at": point.closed_at and point.closed_at.isoformat(),
    }
