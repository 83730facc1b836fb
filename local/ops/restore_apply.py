"""Makes a stage's live table what a restored one is, and keeps every letter from leaving twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.core.errors import BlockedError, Blocker, Fault, InvalidInputError, NotFoundError
from chalicelib.flows.restored import RestoredPoint, put_fences, put_point, restored_point
from local.ops.acts import log_act
from local.ops.opened import OpenedStage
from local.ops.queues import depth, queue_name
from local.ops.restore_start import table_state
from local.ops.restored_letters import days_of, letters_since
from local.ops.runs import RUN_QUEUES
from local.ops.standstill import standing_still
from local.ops.table_copy import Differences, TableCopy

PASSES_MAX = 5
CLOCKS_DIFFER = timedelta(minutes=5)  # a letter that the ledger knows is fenced without harm
ERASURE_TAKEN_BACK = "erasure_taken_back"
ACTIVE = "ACTIVE"


class TableMissingError(NotFoundError):
    """There is no restored table of that name, or it is not ready yet."""

    code = "no_restored_table"


@dataclass(frozen=True, slots=True)
class Applied:
    """What a restore changed: the first pass's differences, and the letters that are fenced.

    `doubtful`: how many of them nobody knows to have arrived. `lost_days`: to be run again.
    """

    differences: Differences
    passes: int
    letters: int
    doubtful: int = 0
    lost_days: tuple[date, ...] = ()


def copy_of(stage: OpenedStage, table: str, segments: int) -> TableCopy:
    """Return a restored table beside the live one.

    Raises:
        TableMissingError: it is not there, or not ready; the message says which.
    """
    client = stage.client("dynamodb")
    state = table_state(client, table)
    if state != ACTIVE:
        said = f"is not ready yet: {state}" if state else "is not there"
        raise TableMissingError(f"the table {table} {said}")
    return TableCopy(client, table, stage.settings.table_name, segments, now=stage.now())


def restored_to(stage: OpenedStage, table: str, said: datetime | None) -> datetime:
    """Return the instant that a table was restored to: what AWS says, else what the operator says.

    Raises:
        InvalidInputError: nobody says, or the operator says a later one than AWS: the letters in
            between would be sent twice.
    """
    described = stage.client("dynamodb").describe_table(TableName=table)["Table"]
    known: datetime | None = described.get("RestoreSummary", {}).get("RestoreDateTime")
    if known is None and said is None:
        detail = "say to which instant the table was restored: nothing else tells it here"
    elif known is not None and said is not None and said > known:
        detail = f"the table was restored to {known.isoformat()}, before that"
    else:
        return said or known or stage.now()
    raise InvalidInputError(
        "the stage cannot be restored now", [Fault("--to", "no_instant", detail)]
    )


def apply_restore(
    stage: OpenedStage,
    table: str,
    to: datetime,
    *,
    segments: int = 4,
    settle_s: float | None = None,
    told: Callable[[str], None] = lambda _: None,
    keep: Callable[[Differences], None] = lambda _: None,
) -> Applied:
    """Make the live table equal to the restored one while all functions stand still.

    Then fence the letters that left after `to`. Passes are repeated until one finds nothing, so a
    function that was still running is overtaken. The same again goes on where it stopped; the
    functions stay stopped until it ends well. `keep` hears what differs before anything is changed.

    Raises:
        BlockedError: sending is not paused, or a run's queues still have work.
        TableMissingError: the restored table is not there, or not ready.
        NewerFormatError: an item is of a format that this version does not know.
        UnavailableError: DynamoDB does not answer now, or the tables never become equal.
    """
    copy = copy_of(stage, table, segments)
    _check_quiet(stage)
    planned = copy.compare()  # all formats are known, or nothing is written
    keep(planned)
    for account_id, contact_id in sorted(planned.erasures):  # the log of operations stays
        log_act(stage, ERASURE_TAKEN_BACK, account_id, contact_id=contact_id)
    told("Stopping the functions")
    with standing_still(stage.client("lambda"), stage.ports.records, stage.functions, settle_s):
        again, earlier = _days_before(restored_point(stage.ports.records), table)
        # Known before anything is taken away: an interrupted restore finds only what is left.
        lost = planned.run_days | again
        days = tuple(sorted(lost | earlier))
        point = RestoredPoint(to, table, stage.actor, stage.now(), lost_days=days)
        put_point(stage.ports.records, point)
        first = copy.apply()
        passes = 1
        while copy.apply().total:
            passes += 1
            if passes > PASSES_MAX:
                raise copy.never_equal()
        told(f"{first.total:,} items put back; looking for letters that left since")
        bucket = stage.settings.bucket_name
        well = planned.well | first.well
        letters = letters_since(stage.client("s3"), bucket, to - CLOCKS_DIFFER, well)
        put_fences(stage.ports.records, letters)
        lost |= first.run_days | _never_run(stage, days_of(letters) | earlier)
        point = replace(point, at=stage.now(), letters=len(letters), lost_days=tuple(sorted(lost)))
        put_point(stage.ports.records, point)
        log_act(
            stage, "restored", table, to=to.isoformat(), items=str(first.total),
            letters=str(len(letters)),
        )  # fmt: skip
    doubtful = sum(not letter.is_sent for letter in letters)
    return Applied(first, passes, len(letters), doubtful, point.lost_days)


def last_restore(stage: OpenedStage) -> RestoredPoint:
    """Return the last restore of a stage.

    Raises:
        NotFoundError: it was never restored.
    """
    point = restored_point(stage.ports.records)
    if point is None:
        raise NotFoundError(f"the stage {stage.name} was never restored")
    return point


def _days_before(before: RestoredPoint | None, table: str) -> tuple[set[date], set[date]]:
    """Return the lost days that this restore found before it was interrupted, and an earlier's."""
    if before is not None and before.table == table:
        return set(before.lost_days), set()
    return set(), set(before.open_days if before is not None else ())


def _never_run(stage: OpenedStage, days: set[date]) -> set[date]:
    """Return the days that the ledger, as it is now, knows no run of."""
    states = ((day, stage.ports.registry.run_state(day)) for day in days)
    return {day for day, state in states if state is None or state.state != "running"}


def _check_quiet(stage: OpenedStage) -> None:
    sqs = stage.client("sqs")
    busy: list[Any] = [
        Blocker("queue_not_empty", f"the queue {queue_name(url, stage.name)} still has work")
        for url in stage.queue_urls.values()
        if queue_name(url, stage.name) in RUN_QUEUES and depth(sqs, url)
    ]
    if not stage.ports.registry.sending_paused():
        busy.insert(0, Blocker("sending_not_paused", "pause sending first: pastdue ops pause"))
    if busy:
        raise BlockedError("the stage cannot be restored now", busy)
