"""The jobs that import: an uploaded file, and a statement that a person let go (R7.6).

A step ends when its time is over and the next goes on after the last account. Any step may run
twice: what is booked is known. What cannot be imported ends in the result, never in silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from chalicelib.core.errors import (
    Fault,
    InvalidInputError,
    LimitError,
    NotFoundError,
    PastdueError,
    UnavailableError,
)
from chalicelib.flows.counts import Counts
from chalicelib.flows.full_import_run import WAITING, FullImportRun, Progress, Stated
from chalicelib.flows.full_import_tally import FAULTS_MAX, Tally
from chalicelib.flows.import_ledger import ImportFault, ImportLedger, ImportResult, Way
from chalicelib.flows.import_records import (
    APPROVED,
    REFUSED,
    TAKEN,
    ImportRecord,
    StoredFile,
    find_import,
    put_import,
)
from chalicelib.flows.jobs import Step, Task
from chalicelib.flows.ledger_columns import Role
from chalicelib.flows.ledger_kind import MIRROR, MirrorLedgerError, in_mirror
from chalicelib.flows.ledger_map import LedgerMap, parse_ledger_map
from chalicelib.flows.ledger_read import Ledger, read_ledger
from chalicelib.flows.ledger_there import TakenInBefore
from chalicelib.flows.notice_state import DayOf
from chalicelib.flows.policy_terms import PolicyTerms
from chalicelib.flows.ports import Accounts, Archive
from chalicelib.flows.ports_registry import Records
from chalicelib.flows.uploads import (
    STATEMENT,
    UPLOADER,
    Upload,
    is_statement,
    is_update,
    layout_beside,
    result_beside,
    role_of,
)

BYTES_MAX = 50_000_000  # of an uploaded file
LINES_MAX = 250_000
JSON = "application/json"
Kept = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ImportJobs:
    """Does the import of files that lie in the archive."""

    accounts: Accounts
    archive: Archive
    records: Records
    ordinary: ImportLedger
    full: FullImportRun
    day_of: DayOf
    tell: Callable[[Counts], None] = lambda _: None  # what becomes a metric, for the alarms

    def upload(self, task: Task) -> Step:
        """Do one step of an uploaded file's import, and write its result when it has ended.

        Raises:
            UnavailableError: store or archive do not answer now; the step is tried again.
        """
        said = task.job.arguments
        at = datetime.fromisoformat(said["at"])
        upload = Upload(said["key"], said["etag"], int(said["size_bytes"]), at)
        record = self._record(upload, task.kept)
        try:
            ledger = self._read(record, upload.size_bytes)
            if is_statement(upload.key):
                return self._state(record, ledger, task, approved=None)
            return self._book(record, ledger, task)
        except PastdueError as error:
            return self._end_refused(record, error)
        except Exception:  # whatever it was, the file's result says so; then it is raised
            self._tell_crash(record, task)
            raise

    def approved(self, task: Task) -> Step:
        """Do one step of a statement's import that a person let go.

        Raises:
            UnavailableError: store or archive do not answer now; the step is tried again.
        """
        record = find_import(self.records, task.job.arguments["import_id"]).value
        if record.state != APPROVED:
            return Step(kept={"state": record.state})
        try:
            return self._state(record, self._read(record), task, approved=record.settled)
        except PastdueError as error:
            return self._end_refused(record, error)
        except Exception:  # whatever it was, the file's result says so; then it is raised
            self._tell_crash(record, task)
            raise

    def _record(self, upload: Upload, kept: Kept) -> ImportRecord:
        """Return what is known of an upload at its beginning; its day stays that of the first step."""
        role = role_of(upload.key) or "invoices"
        name = upload.key.rpartition("/")[2]
        return ImportRecord(
            id=upload.import_id,
            kind=STATEMENT if is_statement(upload.key) else role,
            state=TAKEN,
            on=date.fromisoformat(kept["on"]) if kept else self.day_of(upload.at),
            given_at=upload.at,
            asked_by=UPLOADER.id,
            person=UPLOADER.person,
            files=(StoredFile(role, name, upload.key),),
            layout_key=layout_beside(upload.key),
            result_key=result_beside(upload.key),
            etag=upload.etag,
        )

    def _read(self, record: ImportRecord, size_bytes: int = 0) -> Ledger:
        """Return what an import's files hold.

        Raises:
            LimitError: a file is too large.
            InvalidInputError: a file, or the layout beside it, cannot be read at all.
        """
        _check_size(size_bytes)
        layout = self._layout(record.layout_key)
        sources: list[tuple[Role, str, bytes]] = []
        for role, name, key in record.roles:
            content = self.archive.get(key)
            _check_size(len(content))
            lines = content.count(b"\n")
            if lines > LINES_MAX:
                raise LimitError(f"{name} has {lines:,} lines, {LINES_MAX:,} at most; split it")
            sources.append((role, name, content))
        update = is_update(record.files[0].key)
        return read_ledger(
            sources,
            layout,
            update=update,
            there=TakenInBefore(self.accounts),
            terms_of=PolicyTerms(self.accounts, self.ordinary.policies, record.on),
        )

    def _layout(self, key: str) -> LedgerMap | None:
        if not key:
            return None
        try:
            content = self.archive.get(key)
        except NotFoundError:
            return None
        return parse_ledger_map(content, key.rpartition("/")[2])

    def _book(self, record: ImportRecord, ledger: Ledger, task: Task) -> Step:
        """Do one step of an import that is no statement."""
        kind = self.ordinary.ledger_kind
        if kind == MIRROR and record.kind in ("payments", "credit_notes"):
            raise MirrorLedgerError(in_mirror(f"what {record.files[0].name} holds"))
        tally = Tally.from_json(task.kept["tally"]) if task.kept else Tally()
        way = Way(
            update=is_update(record.files[0].key),
            covers=record.kind == "payments" and not tally.failed_accounts,
            after=task.job.cursor.removeprefix("after "),
            is_over=task.is_over,
        )
        result = self.ordinary.import_ledger(ledger, record.on, way=way)
        if any(fault.retryable for fault in result.faults):
            raise UnavailableError(f"{result.failed_accounts} accounts could not be written")
        tally.add(_tally_of(result))
        kept = {"on": record.on.isoformat(), "tally": tally.to_json()}
        if result.stopped_after:
            return Step(f"after {result.stopped_after}", tally.counts, kept)
        ended = replace(
            record, counts=tally.counts, faults=tally.faults_total,
            fresh_through=result.fresh_through,
        )  # fmt: skip
        return self._end(ended, ledger, tally.faults)

    def _state(
        self, record: ImportRecord, ledger: Ledger, task: Task, approved: int | None
    ) -> Step:
        """Do one step of a statement's import."""
        progress = Progress.from_json(task.kept["progress"]) if task.kept else Progress()
        stated = Stated(record.id, ledger, record.on, record.given_at)
        progress = self.full.go_on(stated, progress, approved=approved, is_over=task.is_over)
        if progress.is_ended:
            tally = progress.counted if progress.phase == WAITING else progress.booked
            return self._end(record.with_progress(progress), ledger, tally.faults)
        kept = {"on": record.on.isoformat(), "progress": progress.to_json()}
        cursor = f"{progress.phase} {progress.after}"
        return Step(cursor, {**progress.counted.counts}, kept)

    def _end(self, record: ImportRecord, ledger: Ledger, faults: Sequence[ImportFault]) -> Step:
        """Keep what an import came to, and tell it beside the file."""
        refused = [
            {"file": f.file, "line": f.line, "column": f.column, "code": f.code, "reason": f.detail}
            for f in ledger.faults[:FAULTS_MAX]
        ]
        not_taken = [
            {"account_id": f.account_id, "code": f.code, "reason": f.detail}
            for f in faults[:FAULTS_MAX]
        ]
        ended = replace(record, refused=len(ledger.faults))
        return self._tell(ended, {"refused_rows": refused, "not_taken": not_taken})

    def _end_refused(self, record: ImportRecord, error: PastdueError) -> Step:
        """End an import of which nothing can be taken; what passes is tried again instead."""
        if error.retryable:
            raise error
        faults: Sequence[Fault] = error.faults if isinstance(error, InvalidInputError) else ()
        rows = [
            {"file": fault.where, "line": None, "column": None, "code": fault.code,
             "reason": fault.detail}
            for fault in faults[:FAULTS_MAX]
        ]  # fmt: skip
        said = str(error).partition("\n")[0]
        ended = replace(record, state=REFUSED, code=error.code, reason=said, refused=len(faults))
        return self._tell(ended, {"refused_rows": rows, "not_taken": []})

    def _tell_crash(self, record: ImportRecord, task: Task) -> None:
        """Tell of an import that a fault of the program ended; part of it may have been taken."""
        said = f"the program failed; the log of job {task.job.id} says why. Put the file once more"
        crashed = replace(record, state=REFUSED, code="crashed", reason=said)
        self._tell(crashed, {"refused_rows": [], "not_taken": []})

    def _tell(self, record: ImportRecord, lists: Mapping[str, Any]) -> Step:
        result = {**values_of(record), **lists}
        if record.result_key:
            content = json.dumps(result, indent=1, ensure_ascii=False).encode() + b"\n"
            self.archive.put(record.result_key, content, JSON)
        put_import(self.records, record)  # last: until then a step that is tried again tells it
        self.tell({f"import_{record.state}": 1})
        return Step(progress=record.counts, kept={"state": record.state, "import_id": record.id})


def values_of(record: ImportRecord) -> dict[str, Any]:
    """Return an import as it is told: in its result file, in answers and on the command line."""
    counts = {word: count for word, count in sorted(record.counts.items()) if word != "known"}
    return {
        "import_id": record.id,
        "state": record.state,
        "kind": record.kind,
        "files": [file.name for file in record.files],
        "etag": record.etag,
        "as_of": record.on.isoformat(),
        "given_at": record.given_at.isoformat(),
        "asked_by": record.asked_by,
        "code": record.code,
        "reason": record.reason,
        "open_before": record.open_before,
        "settled": record.settled,
        "taken": counts,
        "known": record.counts.get("known", 0),
        "amounts": [
            {"what": word, "amount_minor": amount, "currency": currency}
            for word, amounts in sorted(record.amounts.items())
            for currency, amount in sorted(amounts.items())
        ],
        "refused_rows_total": record.refused,
        "not_taken_total": record.faults,
        "fresh_through": record.fresh_through.isoformat() if record.fresh_through else None,
        "decided_by": record.decided_by,
        "decided_at": record.decided_at.isoformat() if record.decided_at else None,
        "reason_code": record.reason_code,
        "note": record.note,
    }


def _check_size(size_bytes: int) -> None:
    if size_bytes > BYTES_MAX:
        raise LimitError(f"the file has {size_bytes:,} bytes, {BYTES_MAX:,} at most; split it")


def _tally_of(result: ImportResult) -> Tally:
    counts = {**result.taken, "known": result.known} if result.known else dict(result.taken)
    return Tally(
        accounts_changed=result.accounts_changed,
        accounts_same=result.accounts_same,
        counts=counts,
        faults=result.faults,
        faults_total=len(result.faults),
        failed_accounts=result.failed_accounts,
    )
