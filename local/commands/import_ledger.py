"""`pastdue import`: a ledger into the stage that `pastdue serve` has started in this folder."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chalicelib.flows.import_ledger import ImportResult, Way
from chalicelib.flows.ledger_read import Ledger
from local.cli_dates import DAY
from local.cli_errors import DONE, FAILED_IN_PART
from local.cli_files import read_file, read_files
from local.cli_ledger import PATH, LedgerFiles, ledger_document, ledger_options, say_ledger
from local.cli_output import Output

if TYPE_CHECKING:
    from local.full_import import FullImporter
    from local.stage import Address


@click.command(
    "import",
    epilog="Example: pastdue import open-invoices.csv --payments payments.csv --map erp.toml",
)
@click.argument("files", nargs=-1, type=PATH, metavar="[FILE]...")
@ledger_options(invoices_needed=False)
@click.option(
    "--as-of",
    type=DAY,
    help="The day on which the ledger is taken in.  [default: the last day that the stage ran]",
)
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and change nothing.")
@click.option(
    "--full",
    is_flag=True,
    help="The FILEs state all that is open: differences are booked, what is absent is settled. "
    "In a mirror of an ERP's ledger only.",
)
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
    update: bool,
    as_of: date | None,
    dry_run: bool,
    full: bool,
    as_json: bool,
) -> int:
    """Bring a ledger into the stage that is running here (`pastdue serve`).

    FILEs are invoices, as with --invoices. The same ledger again changes nothing. What was taken
    in before and says something else now is reported, not overwritten; with --update, the due date,
    PO number, delivery or dispute of an invoice is taken over, and amounts stay refused. Facts
    dated after the day of the import are refused: they have not happened.
    """
    del as_json
    ledger_files = LedgerFiles(
        (*files, *invoices), payments, credit_notes, facts, map_file, strict, update
    )
    if full and (payments or credit_notes or facts):
        raise click.UsageError("--full takes invoices alone: they state all that is open.")
    if not any(ledger_files.named()):
        raise click.UsageError("Name at least one file.")
    from local.cloud_machine import (  # noqa: PLC0415 - AWS clients are slow to import
        full_importer,
        importer,
        terms_of,
    )
    from local.stage import open_stage, read_address  # noqa: PLC0415

    address = read_address()
    day, why = day_of_import(as_of, address)
    stage = open_stage(address)
    ledger = ledger_files.read(terms_of(stage, day))
    say_ledger(output, ledger)
    output.say(f"Taken in as of {day} ({why}).")
    if full:
        url = address.api_url
        statements = full_importer(stage)
        when = (day, datetime.now(UTC))
        return take_statement(output, statements, ledger_files, ledger, when, url, dry_run=dry_run)
    with output.progress("Importing", len(ledger.accounts)) as step:
        result = importer(stage).import_ledger(
            ledger, day, dry_run=dry_run, way=Way(update=update), progress=step
        )
    _say_import(output, result, ledger, day, dry_run=dry_run)
    return FAILED_IN_PART if ledger.faults or result.faults else DONE


def _say_import(
    output: Output, result: ImportResult, ledger: Ledger, day: date, *, dry_run: bool
) -> None:
    """Say what an import came to, and write its JSON document."""
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


def take_statement(
    output: Output,
    importer: FullImporter,
    files: LedgerFiles,
    ledger: Ledger,
    when: tuple[date, datetime],
    api_url: str,
    *,
    dry_run: bool,
) -> int:
    """Take a statement of all that is open in, say what came of it, and return the exit code.

    `when`: the day whose open items it lists, and the instant at which it is given.
    """
    from local.full_import import Named, document, tables  # noqa: PLC0415 - with the stage

    contents = read_files([path for _, path in files.named()])
    named = Named(contents, read_file(files.map) if files.map else None)
    record = importer.take(output, named, ledger, *when, dry_run=dry_run)
    output.show(*tables(record, api_url, dry_run=dry_run))
    output.document({**document(record, dry_run=dry_run), "ledger": ledger_document(ledger)})
    is_whole = record.state == "taken" and not (ledger.faults or record.faults)
    return DONE if is_whole else FAILED_IN_PART


def day_of_import(as_of: date | None, address: Address) -> tuple[date, str]:
    """Return the day on which a ledger is taken in, and why that one.

    A stage on this machine stands at the last day that it ran, whatever the clock says.
    """
    if as_of is not None:
        return as_of, "--as-of"
    if address.last_day:
        return date.fromisoformat(address.last_day), "the last day that the stage ran"
    return datetime.now(UTC).astimezone().date(), "today"
