"""`pastdue serve`: the main job, then left running with its API and the page of what was sent."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import click

from local.cli_errors import DONE, FAILED_IN_PART
from local.cli_output import Output
from local.commands.run import stage_options


@click.command("serve", epilog="Ctrl-C ends it. `pastdue import` in the same folder adds to it.")
@stage_options
@click.option(
    "--page-port",
    type=click.IntRange(1, 65535),
    help="Port of the page of what was sent.  [default: any free one]",
)
@click.option(
    "--ledger",
    "ledger_kind",
    type=click.Choice(["own", "mirror"]),
    default="own",
    show_default=True,
    help="Whether payments are sent here, or an ERP allocates and states what is open.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_obj
def command(  # noqa: PLR0913 - one argument for each option
    output: Output,
    *,
    invoices: tuple[Path, ...],
    payments: tuple[Path, ...],
    credit_notes: tuple[Path, ...],
    facts: tuple[Path, ...],
    map_file: Path | None,
    strict: bool,
    update: bool,
    policy_name: str,
    as_of: date | None,
    days: int | None,
    out: Path,
    port: int | None,
    page_port: int | None,
    ledger_kind: str,
    as_json: bool,
) -> int:
    """Do the main job on this machine and leave it running until Ctrl-C.

    Prints where the API answers, and a page that shows every letter that was "sent" (none leaves
    this machine), the aging, and for each account whether it may be shipped to.
    """
    del as_json
    from local.cli_ledger import LedgerFiles  # noqa: PLC0415 - all of these are slow to import
    from local.cloud_machine import address_of  # noqa: PLC0415
    from local.main_job import (  # noqa: PLC0415
        prepare,
        run_job,
        started_machine,
        wait_while_it_lives,
    )
    from local.pages import page_server, run_pages  # noqa: PLC0415
    from local.run_tables import run_tables  # noqa: PLC0415
    from local.stage import STATE_FILE  # noqa: PLC0415

    files = LedgerFiles(invoices, payments, credit_notes, facts, map_file, strict, update)
    if ledger_kind == "mirror" and not invoices:
        raise click.UsageError(
            "--ledger mirror is for a ledger of your own: the sample has payments."
        )
    job = prepare(output, files, policy_name, as_of, days)
    if page_port is not None and page_port == port:
        raise click.UsageError("--port and --page-port name the same port.")
    machine_up = started_machine(output, job, out, port, ledger_kind)
    with page_server(page_port) as server, machine_up as machine:
        report = run_job(output, job, machine)
        paths = report.write(out)
        last_day = job.days[-1]
        with run_pages(server, machine.stage, job.policy, last_day) as pages_url:
            address = address_of(machine.cloud, pages_url, os.getpid(), last_day.isoformat())
            address.write()
            try:
                output.show(*run_tables(report, paths))
                output.say(f"API:    {address.api_url}/v1/health")
                output.say("Token:  pastdue token issue --role viewer (in this folder)")
                output.say(f"Pages:  {pages_url} (letters, aging, holds)")
                output.say(f"AWS:    {address.emulator_url} (for any AWS client)")
                output.say("Ctrl-C ends it.")
                output.document(
                    report.document(paths)
                    | {"api_url": address.api_url, "pages_url": pages_url,
                       "emulator_url": address.emulator_url}
                )  # fmt: skip
                wait_while_it_lives(machine.cloud, lambda: output.say("Ending ..."))
            finally:
                STATE_FILE.unlink(missing_ok=True)
    output.say("Ended.")
    return FAILED_IN_PART if job.ledger.faults or report.failures else DONE
