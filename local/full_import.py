"""`pastdue import --full`: a statement taken into a running stage, or kept for an approval (R7.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from chalicelib.core.money import format_amount
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.full_import import FullImport
from chalicelib.flows.full_import_run import DONE, WAITING, FullImportRun, Progress, Stated
from chalicelib.flows.import_records import ImportRecord, StoredFile, put_import
from chalicelib.flows.import_upload import values_of
from chalicelib.flows.ledger_read import Ledger
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Archive, Registry
from chalicelib.flows.ports_registry import Records
from chalicelib.flows.uploads import LAYOUT, import_id_of
from local.cli_output import Output

OPERATOR = "command_line"  # who asks; whoever approves is another
SHOWN_MAX = 50  # faults, for people; JSON has more


@dataclass(frozen=True, slots=True)
class Named:
    """The files of a statement as they were named, with their contents, and their layout's."""

    files: Mapping[Path, bytes]
    layout: bytes | None = None


@dataclass(frozen=True, slots=True)
class FullImporter:
    """Takes statements into one stage, from the command line."""

    accounts: Accounts
    registry: Registry
    records: Records
    archive: Archive
    ledger_kind: str

    def take(
        self,
        output: Output,
        named: Named,
        ledger: Ledger,
        on: date,
        at: datetime,
        *,
        dry_run: bool,
    ) -> ImportRecord:
        """Take a statement in, or only count; return what came of it.

        One that waits for an approval is kept in the archive with its layout, and listed.

        Raises:
            OwnLedgerError, OlderStatementError: it is refused; nothing was changed.
        """
        contents = [content.hex() for content in named.files.values()]
        import_id = import_id_of(at, on.isoformat(), *contents)
        stated = Stated(import_id, ledger, on, at)
        record = ImportRecord(
            import_id, "open_items", DONE, on, at, OPERATOR, OPERATOR, refused=len(ledger.faults)
        )
        run = self._run()
        with output.status("Counting what this would do"):
            progress = run.preview(stated)
        if dry_run:
            return _would(record, progress)
        if progress.phase == WAITING:
            record = self._kept(record.with_progress(progress), named)
            put_import(self.records, record)
            return record
        with output.status("Taking the statement in"):
            while not progress.is_ended:
                progress = run.go_on(stated, progress)
        record = record.with_progress(progress)
        put_import(self.records, record)
        return replace(record, reason=_faults_in_words(progress))

    def _run(self) -> FullImportRun:
        policies = PolicyShelf(self.registry)
        full = FullImport(self.accounts, policies)
        return FullImportRun(full, self.registry, self.records, policies, self.ledger_kind)

    def _kept(self, record: ImportRecord, named: Named) -> ImportRecord:
        """Keep the files until someone has decided, where the job that books them reads them."""
        folder = f"imports/{record.id}"
        files: list[StoredFile] = []
        for number, (path, content) in enumerate(named.files.items()):
            key = f"{folder}/{number}-{path.name}"
            self.archive.put(key, content, "application/octet-stream")
            files.append(StoredFile("invoices", path.name, key))
        layout_key = ""
        if named.layout is not None:
            layout_key = f"{folder}/{LAYOUT}"
            self.archive.put(layout_key, named.layout, "application/toml")
        return replace(record, files=tuple(files), layout_key=layout_key)


def _would(record: ImportRecord, progress: Progress) -> ImportRecord:
    """Return what a dry run found: what would be done, or wait."""
    state = WAITING if progress.phase == WAITING else "taken"
    shown = record.with_progress(replace(progress, phase=WAITING))
    return replace(shown, state=state, reason=_faults_in_words(progress))


def _faults_in_words(progress: Progress) -> str:
    tally = progress.booked if progress.phase == DONE else progress.counted
    return "\n".join(f"Refused: {fault}" for fault in tally.faults[:SHOWN_MAX])


def tables(record: ImportRecord, api_url: str, *, dry_run: bool) -> Sequence[str]:
    """Return what came of a statement, line by line, for people."""
    is_waiting = record.state == WAITING
    would = "would be " if dry_run or is_waiting else ""
    lines = [f"{record.open_before:,} invoices were open"]
    for word, count in sorted(record.counts.items()):
        amounts = ", ".join(
            f"{currency} {format_amount(amount, CURRENCY_DIGITS[currency])}"
            for currency, amount in sorted(record.amounts.get(word, {}).items())
        )
        lines.append(f"  {count:,} {would}{_WORDS[word]}{f' ({amounts})' if amounts else ''}")
    lines += record.reason.splitlines()
    if is_waiting and dry_run:
        lines.append(
            "This would wait for an approval: it would settle more than the policy lets go."
        )
    elif is_waiting:
        lines += [
            f"It waits for an approval ({record.id}): nothing was changed.",
            f"An approver lets it go with POST {api_url}/v1/imports/{record.id}/approve",
            f'  {{"count": {record.settled}, "reason_code": "...", "note": "..."}}',
            "or ends it with /decline; then put the right statement in.",
        ]
    return lines


_WORDS = {
    "taken": "taken in as new",
    "increased": "raised",
    "decreased": "reduced",
    "settled": "settled",
    "settled_charges": "settled charges",
    "corrected": "described anew",
    "known": "the same",
}


def document(record: ImportRecord, *, dry_run: bool) -> dict[str, Any]:
    """Return what came of a statement, for the JSON document."""
    return {"dry_run": dry_run, **values_of(record)}
