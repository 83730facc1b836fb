"""`pastdue import`: a ledger into the stage that `pastdue serve` has started in this folder."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from local.cli_dates import DAY
from local.cli_errors import DONE, FAILED_IN_PART
from local.cli_ledger import PATH, LedgerFiles, ledger_document, ledger_options, say_ledger
from local.cli_output import Output

if TYPE_CHECKING:
    from local.stage import Address


@click.command(
    "import",
    epilog="Example: pastdue import open-invoices.csv --payments payments.csv --map erp.toml",
)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILE]...")
@ledger_options(invoices_needed=False, update=False)
@click.option(
    "--as-of",
    type=DAY,
    help="The day on which the ledger is taken in.  [default: the last day that the stage ran]",
)
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and change nothing.")
@click.option("--full", is_flag=True, help="The files state all that is open (not built yet).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_obj
def command(  # noqa: PLR0913 - one argument for each option
    output: Output,
    *,
    files: tuple[Path, ...],
    invoices: tuple[Path, ...],
    payments: tuple[Path, ...],
    credit_notes: tuple[Path, ...],
    facts: tuple[Path, ...],
    map_file: Path | None,
    strict: bool,
    as_of: date | None,
    dry_run: bool,
    full: bool,
    as_json: bool,
) -> int:
    """Bring a ledger into the stage that is running here (`pastdue serve`).

    FILEs are invoices, as with --invoices. The same ledger again changes nothing. What was taken
    in before and says something else now is reported, not overwritten. Facts dated after the day
    of the import are refused: they have not happened.
    """
    del as_json
    if full:
        raise click.UsageError(
            "--full (a ledger that states all that is open) comes with the finance API; "
            "without it, import adds what is new."
        )
    ledger_files = LedgerFiles((*files, *invoices), payments, credit_notes, facts, map_file, strict)
    if not any(ledger_files.named()):
        raise click.UsageError("Name at least one file.")
    from local.cloud_machine import importer  # noqa: PLC0415 - AWS clients are slow to import
    from local.stage import open_stage, read_address  # noqa: PLC0415

    address = read_address()
    ledger = ledger_files.read()
    say_ledger(output, ledger)
    day, why = day_of_import(as_of, address)
    output.say(f"Taken in as of {day} ({why}).")
    stage = open_stage(address)
    with output.progress("Importing", len(ledger.accounts)) as step:
        result = importer(stage).import_ledger(ledger, day, dry_run=dry_run, progress=step)
    word = "would be " if dry_run else ""
    output.show(
        f"{result.accounts_changed:,} accounts {word}changed, {result.accounts_same:,} the same",
        *(f"  {kind}: {count:,} {word}taken" for kind, count in sorted(result.taken.items())),
        f"  known already: {result.known:,}",
        *(f"  Refused: {fault}" for fault in result.faults),
    )
    output.document(
        {
            "as_of": day.isoformat(),
            "dry_run": dry_run,
            "accounts_changed": result.accounts_changed,
            "accounts_same": result.accounts_same,
            "taken": dict(sorted(result.taken.items())),
            "known": result.known,
            "faults": [
                {"account_id": fault.account_id, "code": fault.code, "detail": fault.detail}
                for fault in result.faults
            ],
            "fresh_through": result.fresh_through.isoformat() if result.fresh_through else None,
            "ledger": ledger_document(ledger),
        }
    )
    return FAILED_IN_PART if ledger.faults or result.faults else DONE


def day_of_import(as_of: date | None, address: Address) -> tuple[date, str]:
    """Return the day on which a ledger is taken in, and why that one.

    A stage on this machine stands at the last day that it ran, whatever the clock says.
    """
    if as_of is not None:
        return as_of, "--as-of"
    if address.last_day:
        return date.fromisoformat(address.last_day), "the last day that the stage ran"
    return datetime.now(UTC).astimezone().date(), "today"
