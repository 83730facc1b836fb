"""`pastdue ops log`: what operators did to a stage."""

from __future__ import annotations

from typing import Any

import click

from local.cli_errors import DONE
from local.commands.ops_status import JSON
from local.ops.opened import opened

SHOWN_MAX = 1_000


@click.command("log")
@click.option(
    "--most",
    type=click.IntRange(1, SHOWN_MAX),
    default=20,
    show_default=True,
    help="How many lines, the newest.",
)
@JSON
@click.pass_context
def log(ctx: click.Context, *, most: int, as_json: bool) -> int:
    """Say what operators did to the stage, newest first: who, when, what, with its figures.

    The kill switch has a log of its own (`pastdue ops status`), and so has each run.
    """
    del as_json
    from local.ops.acts import acts_of  # noqa: PLC0415 - AWS clients are slow to import
    from local.tables import table  # noqa: PLC0415

    stage = opened(ctx)
    acts = acts_of(stage, most)
    columns = ("At", "Who", "What", "Of", "Figures")
    rows = [
        (
            act["at"][:19] + "Z",
            act["actor"],
            act["kind"].replace("_", " "),  # folds between words
            act["subject"],
            _figures(act),
        )
        for act in acts
    ]
    title = f"Operations on {stage.name}"
    ctx.obj.show(table(title, columns, rows) if rows else "Nobody did anything yet.")
    ctx.obj.document({"stage": stage.name, "log": acts})
    return DONE


def _figures(act: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in act["figures"].items())
