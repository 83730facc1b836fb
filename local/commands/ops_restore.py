"""`pastdue ops restore`: back to an instant from backup, and no letter twice."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from local.cli_errors import DONE, FAILED_IN_PART
from local.commands.ops_status import JSON
from local.ops.opened import opened

if TYPE_CHECKING:
    from local.ops.restore_apply import Applied
    from local.ops.table_copy import Differences

SEGMENTS_MAX = 64


class InstantType(click.ParamType[datetime]):
    """An instant with its zone, such as 2026-11-22T06:00:00Z."""

    name = "INSTANT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the instant that a text names; one without a zone is a usage error."""
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            return self.fail(f"{value!r} is no instant; write it like 2026-11-22T06:00:00Z.")
        return at


FROM = click.option("--from", "table", required=True, metavar="TABLE", help="The restored table.")
TO = click.option(
    "--to", type=InstantType(), required=True, metavar="INSTANT", help="With its zone."
)
SEGMENTS = click.option(
    "--segments",
    type=click.IntRange(1, SEGMENTS_MAX),
    default=4,
    show_default=True,
    help="How many parts of the tables are read at once.",
)


@click.group("restore")
def restore() -> None:
    """Bring the ledger back to an instant: start, compare, apply, run the lost days, check."""


@restore.command("start")
@TO
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def start(ctx: click.Context, *, to: datetime, yes: bool, as_json: bool) -> int:
    """Pause sending, and restore the table as it was at an instant into a new one."""
    del as_json
    from local.ops.restore_start import start_restore  # noqa: PLC0415 - AWS clients are slow

    stage = opened(ctx)
    if not yes:
        click.confirm(f"Pause sending in {stage.name} and restore {to}?", abort=True)
    table = start_restore(stage, to)
    ctx.obj.show(
        f"Sending in {stage.name} is paused. AWS restores the table as of {to.isoformat()} into "
        f"{table}; it takes 20 minutes or more.",
        f"Then: pastdue ops --stage {stage.name} restore compare --from {table}",
    )
    ctx.obj.document({"table": table, "to": to.isoformat()})
    return DONE


@restore.command("compare")
@FROM
@SEGMENTS
@JSON
@click.pass_context
def compare(ctx: click.Context, *, table: str, segments: int, as_json: bool) -> int:
    """Say what differs between the restored table and the live one; nothing is changed."""
    del as_json
    from local.ops.restore_apply import copy_of  # noqa: PLC0415 - AWS clients are slow to import
    from local.ops.restored_table import check_restored  # noqa: PLC0415

    stage = opened(ctx)
    check_restored(stage.client("dynamodb"), stage.settings.table_name, table)
    copy = copy_of(stage, table, segments)
    with ctx.obj.status("Comparing"):
        found = copy.compare().values()
    _show(ctx, f"What applying {table} would change", found)
    ctx.obj.document(found)
    return DONE


@restore.command("apply")
@FROM
@click.option(
    "--to",
    type=InstantType(),
    metavar="INSTANT",
    help="To which it was restored.  [default: what AWS says of the table]",
)
@SEGMENTS
@click.option(
    "--settle",
    "settle_s",
    type=click.IntRange(0, 900),
    metavar="SECONDS",
    help="How long to wait for what runs.  [default: the longest that a function may run]",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def apply(
    ctx: click.Context,
    *,
    table: str,
    to: datetime | None,
    segments: int,
    settle_s: int | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Make the live table equal to the restored one, and fence the letters that left since.

    Sending must be paused and no run going on. All functions stand still meanwhile: the API does
    not answer, and queues keep what waits. Interrupted, the same command goes on.
    """
    del as_json
    from local.ops.restore_apply import (  # noqa: PLC0415 - AWS clients are slow to import
        apply_restore,
        copy_of,
        restored_to,
    )
    from local.ops.restore_list import write_taken_back  # noqa: PLC0415
    from local.ops.restored_table import check_restored  # noqa: PLC0415

    stage = opened(ctx)
    check_restored(stage.client("dynamodb"), stage.settings.table_name, table)
    copy_of(stage, table, segments)  # it is there and ready
    to = restored_to(stage, table, to)
    if not yes:
        question = (
            f"Make {stage.settings.table_name} what {table} has, as of {to.isoformat()}? "
            f"Everything booked in {stage.name} since then is taken back."
        )
        click.confirm(question, abort=True)
    taken = Path(f"{table}-taken-back-{stage.now():%Y%m%d%H%M%S}.csv")

    def keep(planned: Differences) -> None:
        count = write_taken_back(taken, planned)
        ctx.obj.say(f"{taken} lists what is taken back, in {count:,} rows, to be booked again")

    done = apply_restore(
        stage, table, to, segments=segments, settle_s=settle_s, told=ctx.obj.say, keep=keep
    )
    _show_applied(ctx, table, to, done, taken)
    return DONE


@restore.command("check")
@click.option("--close", is_flag=True, help="Check the restore off, whatever is left.")
@JSON
@click.pass_context
def check(ctx: click.Context, *, close: bool, as_json: bool) -> int:
    """Say which letters customers have that the ledger does not know yet.

    After the lost days were run there should be none (exit code 0), and the restore is checked off:
    days go on as usual. What is left is listed, for a person to look at (exit code 1).
    """
    del as_json
    from local.ops.restore_apply import last_restore  # noqa: PLC0415 - AWS clients are slow
    from local.ops.restore_days import close_restore, pass_lost_days  # noqa: PLC0415
    from local.ops.restored_letters import accounted_for  # noqa: PLC0415

    stage = opened(ctx)
    point = pass_lost_days(stage.ports) or last_restore(stage)
    found = accounted_for(stage.ports)
    is_over = close or not found.unknown
    if is_over and point.closed_at is None:
        close_restore(stage, point)
    ctx.obj.show(
        f"Restored to {point.to.isoformat()} by {point.by}: {point.letters:,} letters had left "
        f"since; the ledger knows {found.known:,} of them.",
        *(f"  not in the ledger: {notice_id}" for notice_id in found.unknown),
        "The restore is checked off: only today is run from now on."
        if is_over
        else f"Days to be run: {', '.join(map(str, point.open_days)) or 'none'}.",
    )
    ctx.obj.document(
        {
            "to": point.to.isoformat(),
            "by": point.by,
            "letters": point.letters,
            "known": found.known,
            "unknown": list(found.unknown),
            "is_checked_off": is_over,
            "open_days": [] if is_over else [day.isoformat() for day in point.open_days],
        }
    )
    return FAILED_IN_PART if found.unknown else DONE


def _show(ctx: click.Context, title: str, found: dict[str, Any]) -> None:
    from local.tables import table  # noqa: PLC0415 - tables are slow to import

    columns = ("Partition", "Put back", "Set back", "Taken away")
    rows = [
        (name, *(f"{counts.get(how, 0):,}" for how in ("missing", "changed", "added")))
        for name, counts in found["by_partition"].items()
    ]
    ctx.obj.show(table(title, columns, rows, right=3))
    ctx.obj.show(
        f"{found['items_that_differ']:,} of {found['items_read']:,} items differ, "
        f"of {found['accounts_that_differ']:,} accounts",
        *(
            f"  to be erased again: contact {one['contact_id']} of account {one['account_id']}"
            for one in found["erasures_taken_back"]
        ),
    )


def _show_applied(ctx: click.Context, table: str, to: datetime, done: Applied, taken: Path) -> None:
    found = done.differences.values()
    _show(ctx, f"Changed to what {table} has", found)
    ctx.obj.show(
        f"{done.letters:,} letters left since {to.isoformat()}; none of them is sent again. Of "
        f"{done.doubtful:,} nobody knows that they arrived: a person looks at each.",
        f"Lost days: {', '.join(map(str, done.lost_days)) or 'none'}.",
        f"Next: book again what was booked since ({taken} lists it), pastdue ops resume, then "
        "pastdue ops run --on each lost day in order, and pastdue ops restore check.",
    )
    ctx.obj.document(
        found
        | {
            "passes": done.passes,
            "letters_fenced": done.letters,
            "letters_doubtful": done.doubtful,
            "lost_days": [day.isoformat() for day in done.lost_days],
            "taken_back": str(taken),
        }
    )
