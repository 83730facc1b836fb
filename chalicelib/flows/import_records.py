"""Imports as they are known: what came of each, and which waits for a person (R7.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from chalicelib.core.errors import ConflictError, NotFoundError, SecondPersonError
from chalicelib.flows.full_import_run import WAITING, Progress
from chalicelib.flows.jobs import Job, job_of
from chalicelib.flows.ledger_columns import Role
from chalicelib.flows.ports_registry import NEW, Put, Record, RecordKey, Records
from chalicelib.flows.uploads import UPLOADER

BOOK = "IMPORTS"
TAKEN, APPROVED, DECLINED, REFUSED = "taken", "approved", "declined", "refused"
JOB = "import_approved"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an import: what it holds, what it was called, and its key in the archive."""

    role: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """An import: `waiting` for a person, `approved`, `declined`, `taken` or `refused`.

    `counts` and `amounts` (minor units per currency) are what it did; of one that waits, what it
    would do: `settled` of the `open_before` invoices would have nothing open any more. `refused`:
    rows that were not taken; `faults`: what of the rest was not.
    """

    id: str
    kind: str
    state: str
    on: date
    given_at: datetime
    asked_by: str
    person: str
    files: tuple[StoredFile, ...] = ()
    layout_key: str = ""
    result_key: str = ""
    etag: str = ""
    code: str = ""
    reason: str = ""
    open_before: int = 0
    settled: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    amounts: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: int = 0
    faults: int = 0
    fresh_through: date | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    reason_code: str = ""
    note: str = ""

    def with_progress(self, progress: Progress) -> ImportRecord:
        """Return it with what a full import came to, or would."""
        is_waiting = progress.phase == WAITING
        tally = progress.counted if is_waiting else progress.booked
        return replace(
            self,
            state=WAITING if is_waiting else TAKEN,
            open_before=progress.counted.open_before,
            settled=tally.settled,
            counts=dict(tally.counts),
            amounts={word: dict(amounts) for word, amounts in tally.amounts.items()},
            faults=tally.faults_total,
            fresh_through=progress.fresh_through,
        )

    @property
    def roles(self) -> Sequence[tuple[Role, str, str]]:
        """The files as what reads them wants them: role, name, key."""
        return [(_ROLES[file.role], file.name, file.key) for file in self.files]


_ROLES: Mapping[str, Role] = {
    "invoices": "invoices",
    "payments": "payments",
    "credit_notes": "credit_notes",
    "facts": "facts",
}


def record_key(import_id: str) -> RecordKey:
    """Return where an import is kept."""
    return RecordKey(BOOK, import_id)


def find_import(records: Records, import_id: str) -> Record[ImportRecord]:
    """Return an import.

    Raises:
        NotFoundError: there is no such import.
    """
    found = records.read(record_key(import_id), ImportRecord)
    if found is None:
        raise NotFoundError(f"there is no import {import_id[:64]!r}")
    return found


def put_import(records: Records, record: ImportRecord) -> None:
    """Write an import as it now stands, over whatever was known of it."""
    there = records.read(record_key(record.id), ImportRecord)
    records.write(Put(record_key(record.id), record, there.revision if there else NEW))


def decided(
    record: ImportRecord, person: str, at: datetime, state: str, said: Mapping[str, Any]
) -> ImportRecord:
    """Return a waiting import as someone decided it; `said` has `reason_code`, `note`, `count`.

    Raises:
        ConflictError: it does not wait, or would settle another number than was named.
        SecondPersonError: whoever asked for it cannot approve it.
    """
    if record.state != WAITING:
        raise ConflictError(f"the import is {record.state}; only one that waits is decided")
    if state == APPROVED:
        if person == record.person:
            raise SecondPersonError("whoever asked for an import cannot approve it")
        if said["count"] != record.settled:
            raise ConflictError(
                f"the import would settle {record.settled} invoices, not {said['count']}: look "
                "again, and approve the number that it is"
            )
    return replace(
        record,
        state=state,
        decided_by=person,
        decided_at=at,
        reason_code=str(said["reason_code"]),
        note=str(said["note"]),
    )


def booking_of(record: ImportRecord, at: datetime) -> Job:
    """Return the job that books an approved import."""
    key = f"{record.id}:{record.decided_at}"
    return job_of(JOB, {"import_id": record.id}, UPLOADER, key, at)
