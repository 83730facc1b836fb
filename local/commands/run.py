"""`pastdue run`: the main job on one machine, from a ledger to letters, in the functions AWS runs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from local.cli_dates import DAY
from local.cli_errors import DONE, FAILED_IN_PART
from local.cli_ledger import PATH, LedgerFiles, ledger_document, ledger_options
from local.cli_output import Output
from local.cli_policies import DEFAULT_POLICY
from local.sample import DAYS, FIRST_DAY

DAYS_MAX = 400
DEFAULT_OUT = Path("pastdue-out")


def stage_options(command: click.decorators.FC) -> click.decorators.FC:
    """Add the options that `run` and `serve` share."""
    for option in reversed(
        (
            ledger_options(invoices_needed=False),
            click.option(
                "--policy",
                "policy_name",
                default=DEFAULT_POLICY,
                show_default=True,
                metavar="FILE|ID",
                help="A policy file or a shipped policy, for every account.",
            ),
            click.option(
                "--as-of",
                type=DAY,
                help="The first day run, on which the ledger is taken in.  "
                f"[default: today; {FIRST_DAY} for the sample]",
            ),
            click.option(
                "--days",
                type=click.IntRange(1, DAYS_MAX),
                help=f"How many days to run.  [default: 1; {DAYS} for the sample]",
            ),
            click.option(
                "--out",
                type=PATH,
                default=DEFAULT_OUT,
                show_default=True,
                metavar="DIR",
                help="Where letters, results and the local cloud's log are written.",
            ),
            click.option(
                "--port",
                type=click.IntRange(1, 65535),
                help="Port of the local cloud.  [default: any free one]",
            ),
        )
    ):
        command = option(command)
    return command


@click.command(
    "run",
    epilog="Examples: pastdue run  |  pastdue run --invoices open.csv --map erp.toml "
    "--as-of 2026-03-02 --days 5",
)
@stage_options
@click.option("--keep", is_flag=True, help="Leave the local cloud up when done, until Ctrl-C.")
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
    keep: bool,
    as_json: bool,
) -> int:
    """Do the main job once, on this machine, without an AWS account.

    Starts a local cloud, deploys the packaged app into it by CloudFormation, imports a ledger (the
    shipped sample when no --invoices are given), and runs the days asked for with the very
    functions that run in AWS. Then shows aging before and after, charges, letters (as files to
    open), holds, tasks, what was skipped and why, and how long each step took; and runs the last
    day once more, which must bring nothing new.

    What the ledger says of a later day is booked on that day. No letter leaves this machine.
    """
    del as_json
    files = LedgerFiles(invoices, payments, credit_notes, facts, map_file, strict, update)
    from local.main_job import (  # noqa: PLC0415 - AWS clients take half a second to import
        prepare,
        run_job,
        started_machine,
        wait_while_it_lives,
    )
    from local.run_tables import run_tables  # noqa: PLC0415

    job = prepare(output, files, policy_name, as_of, days)
    with started_machine(output, job, out, port) as machine:
        report = run_job(output, job, machine)
        paths = report.write(out)
        output.show(*run_tables(report, paths))
        output.document(report.document(paths) | {"ledger": ledger_document(job.ledger)})
        if keep:
            cloud = machine.cloud
            output.say(f"Left up until Ctrl-C: API {cloud.stack.api_url}, AWS {cloud.emulator.url}")
            output.say("A token for the API: pastdue token issue --role viewer (in this folder)")
            wait_while_it_lives(cloud)
    return FAILED_IN_PART if job.ledger.faults or report.failures else DONE
