"""`pastdue ops dead-letters` and `replay`: what queues gave up on, and trying it again."""

from __future__ import annotations

from dataclasses import asdict

import click

from local.cli_errors import DONE, FAILED_IN_PART
from local.commands.ops_status import JSON
from local.ops.opened import opened

SHOWN_MAX = 100
SETTLE_S = 120.0


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at what a queue gave up on."""


@dead_letters.command("list")
@click.argument("queue_name", metavar="QUEUE")
@click.option(
    "--most",
    type=click.IntRange(1, SHOWN_MAX),
    default=10,
    show_default=True,
    help="How many to show.",
)
@JSON
@click.pass_context
def list_dead_letters(ctx: click.Context, *, queue_name: str, most: int, as_json: bool) -> int:
    """Say how many dead letters a queue has, and the ids of the first; they stay where they are.

    QUEUE is a name that `pastdue ops status` shows, such as mail. A message that is looked at is
    hidden for a moment, and counts as one try more.
    """
    del as_json
    from local.ops.queues import find_queues, named  # noqa: PLC0415 - AWS clients are slow to import
    from local.ops.replay import first_dead_letters  # noqa: PLC0415
    from local.tables import table  # noqa: PLC0415

    stage = opened(ctx)
    sqs = stage.client("sqs")
    queue = named(find_queues(sqs, stage.queue_urls, stage.name), queue_name)
    found = first_dead_letters(sqs, queue, most) if queue.dead else ()
    ctx.obj.show(f"{queue.name}: {queue.dead:,} dead letters")
    if found:
        rows = [(one.id, str(one.received), one.group) for one in found]
        ctx.obj.show(table("The first of them", ("Message", "Tries", "Group"), rows))
    ctx.obj.document(
        {"queue": queue.name, "count": queue.dead, "first": [asdict(one) for one in found]}
    )
    return DONE


@click.command("replay")
@click.argument("queue_name", metavar="QUEUE")
@click.option("--all", "is_all", is_flag=True, help="Every dead letter, not only the first.")
@click.option(
    "--most",
    type=click.IntRange(1, 1_000),
    default=10,
    show_default=True,
    help="How many without --all.",
)
@click.option("--no-wait", is_flag=True, help="Do not wait for what becomes of them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def replay(
    ctx: click.Context,
    *,
    queue_name: str,
    is_all: bool,
    most: int,
    no_wait: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Put dead letters back into their queue, and say whether they were done this time.

    Without --all a few, to see whether what stopped them is mended. It is safe: whatever a message
    asks for is done once, however often it comes. Exit code 1 when some are dead again.
    """
    del as_json
    from local.ops.acts import log_act  # noqa: PLC0415 - AWS clients are slow to import
    from local.ops.queues import find_queues, named  # noqa: PLC0415
    from local.ops.replay import replay as put_back  # noqa: PLC0415
    from local.ops.waiting import wait_until_quiet  # noqa: PLC0415

    stage = opened(ctx)
    sqs = stage.client("sqs")
    queue = named(find_queues(sqs, stage.queue_urls, stage.name), queue_name)
    count = queue.dead if is_all else min(most, queue.dead)
    if not count:
        ctx.obj.show(f"There are no dead letters in {queue.name}.")
        ctx.obj.document({"queue": queue.name, "moved": 0, "dead": 0, "quiet": True})
        return DONE
    if not yes:
        click.confirm(f"Put {count:,} of {queue.dead:,} back into {queue.name}?", abort=True)
    with ctx.obj.progress(f"Moving to {queue.name}", count) as step:
        moved = put_back(sqs, queue, None if is_all else most, step)
    if moved:
        log_act(stage, "dead_letters_replayed", queue.name, messages=str(moved))
    is_quiet = moved == 0 or no_wait or wait_until_quiet(sqs, [queue.url], SETTLE_S)
    after = named(find_queues(sqs, stage.queue_urls, stage.name), queue_name)
    ctx.obj.show(
        f"{moved:,} put back into {queue.name}; it has {after.dead:,} dead letters now"
        + ("" if is_quiet else ", and still works: look again with `pastdue ops status`")
    )
    ctx.obj.document({"queue": queue.name, "moved": moved, "dead": after.dead, "quiet": is_quiet})
    failed_again = after.dead > queue.dead - moved
    return FAILED_IN_PART if failed_again and not no_wait else DONE
