"""`pastdue ops pause` and `resume`: the kill switch (R13.1)."""

from __future__ import annotations

import click

from chalicelib.flows.sending import WAITING_MAX
from local.cli_errors import DONE
from local.commands.ops_status import JSON, turned
from local.ops.opened import opened
from local.ops.reasons import reason_faults, refuse


@click.command("pause")
@click.option("--reason", required=True, metavar="CODE", help="Such as wrong_figures.")
@click.option("--note", required=True, metavar="TEXT", help="Why, in your words.")
@JSON
@click.pass_context
def pause(ctx: click.Context, *, reason: str, note: str, as_json: bool) -> int:
    """Stop runs and letters within 15 seconds; what is booked goes on being booked (R13.1).

    It is not asked for again: in doubt pause first.
    """
    del as_json
    return _turn(ctx, paused=True, why=(reason, note))


@click.command("resume")
@click.option("--reason", default="all_clear", show_default=True, metavar="CODE")
@click.option("--note", default="Sending may go on.", show_default=True, metavar="TEXT")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def resume(ctx: click.Context, *, reason: str, note: str, yes: bool, as_json: bool) -> int:
    """Let runs and letters go again within 15 seconds; what waited is still due."""
    del as_json
    if not yes:
        stage = opened(ctx)
        waiting = stage.ports.accounts.count_outbox(WAITING_MAX + 1)
        many = f"over {WAITING_MAX:,}" if waiting > WAITING_MAX else f"{waiting:,}"
        click.confirm(f"Resume sending in {stage.name}? {many} letters wait.", abort=True)
    return _turn(ctx, paused=False, why=(reason, note))


def _turn(ctx: click.Context, *, paused: bool, why: tuple[str, str]) -> int:
    from local.ops.status import sending_of  # noqa: PLC0415 - AWS clients are slow to import

    refuse("sending stays as it is", reason_faults(*why, "wrong_figures"))
    stage = opened(ctx)
    reply = sending_of(stage.ports).turn(stage.caller(), paused=paused, why=why)
    ctx.obj.show(f"Sending in {stage.name}: {reply.body['sending']}{turned(reply.body['log'][0])}")
    ctx.obj.document({"stage": stage.name, **reply.body})
    return DONE
