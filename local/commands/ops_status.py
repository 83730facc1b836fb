"""`pastdue ops status`: how a deployed stage stands."""

from __future__ import annotations

from typing import Any

import click

from local.cli_errors import DONE
from local.ops.opened import opened

RUNNING = "running"  # a run that was let go
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


@click.command("status")
@JSON
@click.pass_context
def status(ctx: click.Context, *, as_json: bool) -> int:
    """Say whether the stage sends, how far its last run is, what waits and what has stopped."""
    del as_json
    from local.ops.queues import find_queues  # noqa: PLC0415 - AWS clients are slow to import
    from local.ops.status import status_of  # noqa: PLC0415
    from local.tables import table  # noqa: PLC0415

    stage = opened(ctx)
    queues = find_queues(stage.client("sqs"), stage.queue_urls, stage.name)
    found = status_of(stage.ports, queues)
    ctx.obj.show(table(f"Stage {stage.name}", ("", ""), _lines(found)))
    columns = ("Queue", "Waiting", "In flight", "Delayed", "Dead letters")
    rows = [
        (q.name, f"{q.waiting:,}", f"{q.in_flight:,}", f"{q.delayed:,}", f"{q.dead:,}")
        for q in queues
    ]
    ctx.obj.show(table("Queues", columns, rows, right=4))
    ctx.obj.document(found)
    return DONE


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    sending, run = found["sending"], found["last_run"]
    restored = found["restored"]
    days = ", ".join(restored["open_days"]) if restored else ""
    to_run = [("To be run after the restore", f"{days}; no later day runs before")] if days else []
    more = "" if sending["is_complete"] else " at least"
    return [
        ("Today", found["today"]),
        ("Sending", sending["sending"] + turned(sending["turned"])),
        ("Letters waiting", f"{sending['letters_waiting']:,}{more}"),
        ("Quota", _quota(sending["quota"])),
        ("Last run", run_line(run) if run else "none yet"),
        *to_run,
        ("Ledger complete through", found["ledger_fresh_through"] or "never said"),
        ("Due since", _due(found)),
        ("Accounts with a change to finish", str(len(found["accounts_unfinished"]))),
        ("Jobs nobody has begun", str(len(found["jobs_waiting"]))),
        *(("Key that ends soon", _key(key)) for key in found["keys_that_end"]),
    ]


def _key(key: dict[str, str]) -> str:
    label = f"{key['label']}, of" if key["label"] else "of"
    return f"{key['id']} ({label} {key['owner']}), on {key['ends_on']}"


def turned(act: dict[str, Any] | None) -> str:
    """Return who turned the kill switch last, when and why; "" if nobody did."""
    if act is None:
        return ""
    reason = f" ({act['reason_code']}: {act['note']})" if act["reason_code"] else ""
    return f", since {act['at'][:19]}Z by {act['actor']}{reason}"


def run_line(run: dict[str, Any]) -> str:
    """Return a run in a line: its day, its state, and its figures as far as it has come.

    Its state stays `running` for good, as what wakes again on its day is worked; with nothing left it
    is told as finished.
    """
    figures = run["figures"]
    counts = ", ".join(f"{name} {figures[name]:,}" for name in ("done", "failed", "left"))
    is_over = run["state"] == RUNNING and not figures["left"]
    state = "finished" if is_over else run["state"]
    said = f"{run['run_id']} {state}: {counts} of {run['accounts_due']:,} due"
    return said + (f" ({run['reason']})" if run["reason"] else "")


def _due(found: dict[str, Any]) -> str:
    if not found["due_since"]:
        return "no account is due"
    return f"{found['due_since']}, {found['sweep_lag_days']} days ago"


def _quota(quota: dict[str, Any] | None) -> str:
    if quota is None:
        return "the mail service did not say"
    per_day = quota["recipients_per_day"]
    most = "no limit" if per_day is None else f"{per_day:,}"
    return f"{quota['sent_last_24_hours']:,} of {most} sent in 24 hours"
