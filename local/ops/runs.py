"""Runs a day of a stage again, through the gates that every run passes (R13.1), and follows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from chalicelib.core.errors import Fault, InvalidInputError
from chalicelib.flows.desk import Reply
from chalicelib.flows.jobs import ENDED
from local.ops.opened import OpenedStage
from local.ops.queues import queue_name
from local.ops.restore_days import pass_lost_days
from local.ops.status import runs_of
from local.ops.waiting import wait_until_quiet

RUN_QUEUES = ("sweep-shard", "work", "work-large", "mail")
LOOK_AGAIN_S = 2.0


def ask_for_run(stage: OpenedStage, day: date, *, dry_run: bool) -> Reply:
    """Start or try the run of a day, as `POST /v1/runs` does.

    Production runs today alone: what an earlier run left is due today. Until a restore is checked off
    it runs the days that were lost too, each under its own date, so that their letters have the ids
    they had. A day that had no run is not run now: what was due on it left with the next one's.

    Raises:
        InvalidInputError: the day may not be run.
        BlockedError: a gate keeps the run from starting.
    """
    ports = stage.ports
    today = ports.today() if ports.settings.is_production else None
    point = pass_lost_days(ports)
    if today is not None and point is not None and point.closed_at is None:
        _check_lost_day(day, point.lost_days, today)
        today = day
    return runs_of(ports).ask(stage.caller(), day, dry_run=dry_run, today=today)


def follow_run(
    stage: OpenedStage,
    sqs: Any,
    day: date,
    timeout_s: float,
    looked: Callable[[int], None] = lambda _: None,
) -> tuple[dict[str, Any], bool]:
    """Wait until a run's queues are empty; return the run with its figures, and whether they are.

    `looked` hears how many messages are left, each time.
    """
    names: Sequence[str] = RUN_QUEUES
    urls = [url for url in stage.queue_urls.values() if queue_name(url, stage.name) in names]
    is_quiet = wait_until_quiet(sqs, urls, timeout_s, looked)
    pass_lost_days(stage.ports)
    return runs_of(stage.ports).get(day.isoformat()), is_quiet


def follow_trial(stage: OpenedStage, run_id: str, timeout_s: float) -> tuple[dict[str, Any], bool]:
    """Wait until a run that is only tried has ended; return it, and whether it has."""
    deadline = time.monotonic() + timeout_s
    while True:
        tried = runs_of(stage.ports).get(run_id)
        if tried["state"] in ENDED or time.monotonic() > deadline:
            return tried, tried["state"] in ENDED
        time.sleep(LOOK_AGAIN_S)


def _check_lost_day(day: date, lost: Sequence[date], today: date) -> None:
    if day != today and day not in lost:
        named = ", ".join(str(one) for one in lost) or "no day before today"
        detail = f"after the restore today and the lost days can be run: {named}"
        raise InvalidInputError("this day cannot be run", [Fault("--on", "not_lost", detail)])
