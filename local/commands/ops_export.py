"""`pastdue ops export-account` and `verify-export`: everything about an account, as evidence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chalicelib.core.errors import Fault
from local.cli_errors import DONE, FAILED_IN_PART, InputFileError
from local.commands.ops_status import JSON
from local.ops.opened import opened
from local.ops.reasons import NAME_MAX, reason_faults, refuse, text_faults

if TYPE_CHECKING:
    from chalicelib.flows.evidence_verify import Verified

OWN_FILE = 0o600  # it holds personal data
A_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("export-account")
@click.argument("account_id", metavar="ACCOUNT")
@click.option("--out", required=True, type=A_FILE, metavar="FILE", help="The ZIP file to write.")
@click.option("--reason", required=True, metavar="CODE", help="Such as lawsuit.")
@click.option("--note", required=True, metavar="TEXT", help="Why, in your words.")
@click.option("--for", "recipient", default="", metavar="WHOM", help="Who will have it.")
@JSON
@click.pass_context
def export_account(
    ctx: click.Context,
    *,
    account_id: str,
    out: Path,
    reason: str,
    note: str,
    recipient: str,
    as_json: bool,
) -> int:
    """Write everything about an account into one ZIP file, for a lawyer, a court or the customer.

    Invoices, ledger, letters as sent with proof of delivery, calls, the arithmetic of each charge,
    policies, digests. It holds personal data. That you had it, and why, is written into the
    account's timeline with the file's SHA-256. Exit code 1: the archive is there, and something in
    it does not agree; README.txt says what.
    """
    del as_json
    from chalicelib.flows.evidence_readme import Asked  # noqa: PLC0415 - the flows, for this only
    from chalicelib.wiring_evidence import evidence_desk  # noqa: PLC0415

    _check(out, reason, note, recipient)
    stage = opened(ctx)
    caller = stage.caller()
    asked = Asked(
        at=caller.at,
        by=stage.actor,
        reason_code=reason,
        note=note,
        zone=str(stage.settings.seller_zone),
        recipient=recipient,
        stage=stage.name,
    )
    try:
        with ctx.obj.status(f"Exporting {account_id} from {stage.name}"):
            found = evidence_desk(stage.ports).export(
                account_id, caller, asked, lambda content: _write(out, content)
            )
    except Exception:
        out.unlink(missing_ok=True)  # nobody has what the timeline does not tell
        raise
    ctx.obj.show(*_told(out, found))
    ctx.obj.document({"stage": stage.name, "file": str(out), **found})
    return DONE if found["is_sound"] else FAILED_IN_PART


@click.command("verify-export")
@click.argument("file", type=A_FILE, metavar="FILE")
@JSON
@click.pass_context
def verify_export(ctx: click.Context, *, file: Path, as_json: bool) -> int:
    """Check an evidence archive by itself: its digests, its ledger, its letters.

    Nothing else is asked, no stage and no network. Exit code 1: it lists what does not agree.
    """
    del as_json
    from chalicelib.flows.evidence_verify import (  # noqa: PLC0415 - for this only
        NotEvidenceError,
        verify_file,
    )

    try:
        with file.open("rb") as content:
            found = verify_file(content)
    except OSError as error:
        raise InputFileError(f"{file} cannot be read: {error.strerror}") from error
    except NotEvidenceError as error:
        raise NotEvidenceError(f"{file} is no evidence archive: {error}") from error
    ctx.obj.show(*_verified(file, found))
    ctx.obj.document(
        {
            "file": str(file),
            "sha256": found.sha256,
            "account_id": found.account_id,
            "files": found.files,
            "letters": found.letters,
            "holds": not found.faults,
            "faults": list(found.faults),
        }
    )
    return FAILED_IN_PART if found.faults else DONE


def _told(out: Path, found: Mapping[str, Any]) -> list[str]:
    counts = found["counts"]
    lines = [
        f"{out}: {found['files']:,} files, {found['size_bytes']:,} bytes",
        f"SHA-256 {found['sha256']}",
        f"Account {found['account_id']}, version {found['account_version']}: "
        f"{counts['invoices']:,} invoices, {counts['ledger_entries']:,} ledger entries, "
        f"{counts['charges']:,} charges, {counts['letters']:,} letters, "
        f"{counts['timeline']:,} lines of its timeline",
    ]
    lines += [
        f"NOT RIGHT: the ledger in {currency} does not add up"
        for currency in found["out_of_balance"]
    ]
    lines += [
        f"NOT RIGHT: {counts['differs']} {what} differ from what was written down"
        for what, counts in found["checks"].items()
        if counts.get("differs")
    ]
    return lines


def _verified(file: Path, found: Verified) -> list[str]:
    lines = [
        f"{file}: account {found.account_id}, {found.files:,} files, {found.letters:,} letters",
        f"SHA-256 {found.sha256}",
        *(f"NOT RIGHT: {fault}" for fault in found.faults),
    ]
    return lines if found.faults else [*lines, "Digests, ledger and letters agree."]


def _write(out: Path, content: bytes) -> None:
    """Write a file that only its owner may read, and none that is there already."""
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN_FILE), "wb") as file:
        file.write(content)


def _check(out: Path, reason: str, note: str, recipient: str) -> None:
    faults = []
    if out.exists():
        faults.append(Fault("--out", "is_there", f"{out} is there already"))
    elif not out.absolute().parent.is_dir():
        faults.append(Fault("--out", "no_folder", f"there is no folder {out.absolute().parent}"))
    faults += reason_faults(reason, note, "lawsuit")
    refuse("nothing was exported", faults + text_faults("--for", recipient, 0, NAME_MAX))
