"""`pastdue import --full`: what is said, what waits and how it is approved (R7.6)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chalicelib.flows.import_records import APPROVED, ImportRecord, decided, put_import
from chalicelib.flows.jobs import Job, Step, Task
from chalicelib.flows.ledger_kind import OwnLedgerError
from local.cli_ledger import LedgerFiles
from local.cli_output import Output
from local.commands.import_ledger import take_statement
from local.full_import import FullImporter, tables

from tests.cli.command_line import invoices, pastdue, write
from tests.cli.test_simulate import TINY
from tests.flows.machine import NOW, TODAY, Machine
from tests.flows.statements import HEADER, item
from tests.flows.test_uploads import Bucket

URL = "http://127.0.0.1:1/api"
ROWS = [item(f"I{n}", "10.00") for n in range(4)]


class Line:
    """The command over a machine in memory."""

    def __init__(self, folder: Path, kind: str = "mirror") -> None:
        self.bucket = Bucket(kind)
        self.machine: Machine = self.bucket.machine
        self.folder = folder
        machine = self.machine
        self.importer = FullImporter(
            machine.accounts, machine.registry, machine.records, machine.archive, kind
        )

    def give(self, *rows: str, dry_run: bool = False, days: int = 0) -> tuple[int, dict[str, Any]]:
        """Take a statement in; return the exit code and the JSON document."""
        path = write(self.folder, "open.csv", HEADER + "\n".join(rows))
        files = LedgerFiles(invoices=(path,))
        with redirect_stdout(io.StringIO()) as said:
            code = take_statement(
                Output(as_json=True),
                self.importer,
                files,
                files.read(),
                (TODAY + timedelta(days=days), NOW + timedelta(days=days)),
                URL,
                dry_run=dry_run,
            )
        document: dict[str, Any] = json.loads(said.getvalue())
        return code, document

    @property
    def opened(self) -> list[str]:
        return list(self.machine.account("A1").invoices)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


def test_a_statement_is_taken_in_and_told(line: Line) -> None:
    code, told = line.give(*ROWS)

    assert (code, told["state"], told["taken"]) == (0, "taken", {"taken": 4})
    assert told["fresh_through"] == (TODAY - timedelta(days=1)).isoformat()
    assert told["ledger"]["files"][0]["taken"] == 4


@pytest.mark.parametrize(("rows", "code", "state"), [(4, 0, "taken"), (2, 1, "waiting")])
def test_a_dry_run_says_what_would_be_and_changes_nothing(
    line: Line, rows: int, code: int, state: str
) -> None:
    line.give(*ROWS)
    before = (dict(line.machine.records.kept), dict(line.machine.archive.files))

    exit_code, told = line.give(*ROWS[:rows], dry_run=True)

    assert (exit_code, told["state"], told["settled"]) == (code, state, 4 - rows)
    assert len(line.opened) == 4
    assert (line.machine.records.kept, line.machine.archive.files) == before


def test_a_statement_that_waits_is_kept_and_booked_when_it_is_approved(line: Line) -> None:
    line.give(*ROWS)

    code, told = line.give(ROWS[0], days=1)

    assert (code, told["state"], told["settled"]) == (1, "waiting", 3)
    assert len(line.opened) == 4
    jobs, records = line.bucket.jobs, line.machine.records
    at = NOW + timedelta(days=1)
    record = next(
        r.value for r in records.list("IMPORTS", ImportRecord) if r.value.state == "waiting"
    )
    why = {"count": 3, "reason_code": "paid", "note": "All of it came in."}
    put_import(records, decided(record, "anna", at, APPROVED, why))
    job = Job("j", "import_approved", "u", "u", at, {"import_id": record.id})
    step = Step("begin")
    kept: Mapping[str, Any] = {}
    while step.cursor:
        step = jobs.approved(Task(job, kept, lambda: True))
        kept = dict(step.kept)
    assert line.opened == ["I0"]


def test_a_rows_fault_is_told_and_ends_with_1(line: Line) -> None:
    code, told = line.give(ROWS[0], item("I9", "1.00", issued="2024-03-19"))

    assert (code, told["state"], told["not_taken_total"]) == (1, "taken", 1)
    assert "dated 2024-03-19" in told["reason"]


def test_a_ledger_of_our_own_refuses_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(OwnLedgerError, match="LedgerKind=mirror"):
        Line(tmp_path, "own").give(*ROWS)


def test_a_statement_is_of_invoices_alone(tmp_path: Path) -> None:
    file = invoices(tmp_path, *TINY)
    done = pastdue("import", file, "--full", "--payments", file)

    assert done.code == 2
    assert "they state all that is open" in done.err


def test_people_read_what_waits_and_how_to_let_it_go(line: Line) -> None:
    line.give(*ROWS)
    line.give(ROWS[0], days=1)
    [*_, record] = [r.value for r in line.machine.records.list("IMPORTS", ImportRecord)]

    said = "\n".join(tables(record, URL, dry_run=False))

    assert "3 would be settled (USD 30.00)" in said
    assert f"POST {URL}/v1/imports/{record.id}/approve" in said
    assert '"count": 3' in said
