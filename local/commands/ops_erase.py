"""`pastdue ops erase-contact`: takes a person out of a stage, and says what that came to."""

from __future__ import annotations

import time
from typing import Any

import click

from local.cli_errors import DONE, FAILED_IN_PART
from local.commands.ops_status import JSON
from local.ops.opened import OpenedStage, opened
from local.ops.reasons import also_faults, reason_faults, refuse

LOOK_EVERY_S = 2.0
ENDED = ("done", "failed")


@click.command("erase-contact")
@click.argument("account")
@click.argument("contact")
@click.option("--reason", required=True, metavar="CODE", help="Such as erasure_request.")
@click.option("--note", required=True, metavar="TEXT", help="Why; it must not name the person.")
@click.option(
    "--also", multiple=True, metavar="TEXT", help="A former name or address to look for as well."
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.IntRange(0, 86_400),
    default=900,
    show_default=True,
    metavar="SECONDS",
    help="How long to follow it; it goes on by itself.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def erase_contact(ctx: click.Context, /, *, account: str, contact: str, **given: Any) -> int:
    """Erase a contact's name, addresses and phone number for good; the books stay.

    CONTACT is the contact's id, or account-address for the account's own e-mail address. It cannot
    be undone: a restore from a backup of before would bring it back, and says so.
    """
    from chalicelib.flows.erasure_order import Erase  # noqa: PLC0415 - AWS clients are slow
    from chalicelib.wiring_erasure import erasure_desk  # noqa: PLC0415

    faults = reason_faults(given["reason"], given["note"], "erasure_request")
    refuse("nobody was erased", faults + also_faults(given["also"]))
    stage = opened(ctx)
    if not given["yes"]:
        click.confirm(f"Erase contact {contact} of {account} in {stage.name} for good?", abort=True)
    erase = Erase(account, contact, given["reason"], given["note"], given["also"])
    begun = erasure_desk(stage.ports).ask(stage.caller(), erase).body
    job = _followed(stage, str(begun["job_id"]), given["timeout_s"])
    ctx.obj.document({"stage": stage.name, **job})
    if job["state"] != "done":
        ctx.obj.show(*_not_done(stage, job))
        return FAILED_IN_PART
    result = job["result"]
    if (result["account_id"], result["contact_id"]) != (account, contact):
        ctx.obj.say(
            f"Contact {contact} of {account} was NOT erased: job {job['job_id']} is another "
            "order's. Give the same command again."
        )
        return FAILED_IN_PART
    _tell(ctx, result)
    return DONE


def _followed(stage: OpenedStage, job_id: str, timeout_s: int) -> dict[str, Any]:
    """Return a job when it has ended, or as it is after so many seconds."""
    from chalicelib.flows.job_values import job_values  # noqa: PLC0415 - AWS clients are slow

    until = time.monotonic() + timeout_s
    while True:
        job = stage.ports.jobs.get(job_id)
        if job.state in ENDED or time.monotonic() >= until:
            return job_values(job, stage.ports.jobs.result(job))
        time.sleep(LOOK_EVERY_S)


def _not_done(stage: OpenedStage, job: dict[str, Any]) -> list[str]:
    """Return what is said of a job that failed, or that still goes on when nobody waits longer."""
    if job["state"] == "failed":
        why = job["fault"]["detail"] if job["fault"] else "nobody says why"
        return [f"Job {job['job_id']} failed: {why}"]
    return [
        f"Job {job['job_id']} is {job['state']} and goes on by itself; nobody is erased until it "
        "is done.",
        f"Look with GET /v1/jobs/{job['job_id']}, or give the same command again with a longer "
        "--timeout.",
    ]


def _tell(ctx: click.Context, result: dict[str, Any]) -> None:
    show = ctx.obj.show
    show(f"Contact {result['contact_id']} of {result['account_id']} is erased.")
    for name, count in result["counts"].items():
        show(f"  {name.replace('_', ' ')}: {count:,}")
    for name, days in result["ages_out_after_days"].items():
        show(f"  gone by itself after {days} days: {name.replace('_', ' ')}")
    if result["keeps_objection"]:
        show("  a keyed hash of the address is kept, so that nobody writes to it by mistake")
    for place in result["look_at"]:
        show(f"  look at yourself (a part of the name is there): {place}")
    for what in result["not_searched"]:
        show(f"  not reached from here: {what}")
