"""`pastdue ops run`: runs a day again, or tries it."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from local.cli_dates import DAY
from local.cli_errors import DONE, FAILED_IN_PART
from local.commands.ops_status import JSON, run_line
from local.ops.opened import OpenedStage, opened

ONCE = (
    "An account that was decided for this day or a later one is not decided again: what is done "
    "stays done, and only what is left is due."
)


@click.command("run")
@click.option("--on", "day", type=DAY, required=True, metavar="DATE", help="The day to run.")
@click.option("--dry-run", is_flag=True, help="Decide everyone who is due and change nothing.")
@click.option("--no-wait", is_flag=True, help="Start it and do not follow it.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.IntRange(1, 86_400),
    default=900,
    show_default=True,
    metavar="SECONDS",
    help="How long to follow it; it goes on by itself.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def run(
    ctx: click.Context,
    *,
    day: date,
    dry_run: bool,
    no_wait: bool,
    timeout_s: int,
    yes: bool,
    as_json: bool,
) -> int:
    """Start the run of a day as the schedule does, and follow it until nothing is left to do.

    It passes the same gates: paused sending or a stale ledger stop it, and with more accounts due
    than usual it waits for a second person's approval (POST /v1/runs/DATE/approve).
    """
    del as_json
    from local.ops.runs import ask_for_run  # noqa: PLC0415 - AWS clients are slow to import

    stage = opened(ctx)
    if not (yes or dry_run):
        click.confirm(f"Run {day} in {stage.name}? Letters may go out.", abort=True)
    begun = ask_for_run(stage, day, dry_run=dry_run).body
    ctx.obj.say(ONCE)
    if no_wait:
        ctx.obj.show(f"The run of {day}: {begun['state']} ({begun['run_id']})")
        ctx.obj.document(begun)
        return DONE
    if dry_run:
        return _tried(ctx, stage, begun["run_id"], timeout_s)
    return _followed(ctx, stage, day, begun["state"], timeout_s)


def _followed(ctx: click.Context, stage: OpenedStage, day: date, state: str, timeout_s: int) -> int:
    from local.ops.runs import follow_run  # noqa: PLC0415
    from local.ops.status import runs_of  # noqa: PLC0415

    if state != "running":
        found, is_quiet = runs_of(stage.ports).get(day.isoformat()), True
    else:
        with ctx.obj.status(f"Following the run of {day}"):
            found, is_quiet = follow_run(stage, stage.client("sqs"), day, timeout_s)
    figures = found["figures"]
    ctx.obj.show(run_line(found))
    for name, count in [*figures["outcomes"].items(), *_named(figures["skipped"])]:
        ctx.obj.show(f"  {name}: {count:,}")
    if state == "waiting":
        ctx.obj.show("It waits until a second person approves exactly this day and count.")
    if not is_quiet:
        ctx.obj.show("It still works; look again with `pastdue ops status`.")
    ctx.obj.document(found | {"is_quiet": is_quiet})
    # What a letter's news wakes after its decision is left too, and due with the next run.
    undone = state == "running" and figures["left"] and figures["done"] < found["accounts_due"]
    return FAILED_IN_PART if figures["failed"] or undone or not is_quiet else DONE


def _tried(ctx: click.Context, stage: OpenedStage, run_id: str, timeout_s: int) -> int:
    from local.ops.runs import follow_trial  # noqa: PLC0415

    with ctx.obj.status("Trying it"):
        tried, is_over = follow_trial(stage, run_id, timeout_s)
    result = tried["dry_run_result"]
    if result is None:
        ctx.obj.show(f"The trial {run_id}: {tried['state']} {tried['reason']}".rstrip())
    else:
        ctx.obj.show(*_would_do(run_id, result))
    ctx.obj.document(tried)
    return DONE if is_over and tried["state"] == "done" else FAILED_IN_PART


def _would_do(run_id: str, result: dict[str, Any]) -> list[Any]:
    """Return what a run that was tried would do: whether a gate stops it, and counts by kind."""
    from local.tables import table  # noqa: PLC0415 - tables are slow to import

    lines: list[Any] = [f"The trial {run_id}: {result['accounts_due']:,} accounts due"]
    if result["would_be_refused_by"]:
        lines.append(f"It would not start now: {result['would_be_refused_by']}")
    if not result["is_complete"]:
        lines.append("More accounts are due than one trial decides: the counts are of a part.")
    rows = [(name.replace("_", " "), f"{n:,}") for name, n in sorted(result["counts"].items())]
    if rows:
        lines.append(
            table(f"On {result['as_of']} it would come to", ("What", "Count"), rows, right=1)
        )
    return [*lines, "Nothing was changed. --json lists each effect, up to 1,000."]


def _named(skipped: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(f"skipped, {code}", count) for code, count in skipped.items()]
