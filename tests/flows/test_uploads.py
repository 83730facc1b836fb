"""Ledger files in the bucket: what is taken, in steps, and the result beside each (R7.6)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalicelib.core.errors import UnavailableError
from chalicelib.core.facts import Fact
from chalicelib.core.head import Head
from chalicelib.flows import import_upload
from chalicelib.flows.full_import import FullImport
from chalicelib.flows.full_import_run import FullImportRun
from chalicelib.flows.import_ledger import ImportLedger
from chalicelib.flows.import_upload import ImportJobs
from chalicelib.flows.jobs import Job, Jobs, Step, Task
from chalicelib.flows.ports import Loaded
from chalicelib.flows.uploads import Upload, Uploads, role_of
from tests.fakes_store import MemoryAccounts
from tests.flows.ledger_files import CREDIT_NOTE, INVOICE, PAYMENT, csv_of
from tests.flows.machine import FRIDAY, NOW, TODAY, Machine, invoice
from tests.flows.statements import HEADER, item

FOLDER = "uploads/erp/"


class Bucket:
    """A bucket with its machine: files are put, and imported step by step."""

    def __init__(self, kind: str = "own", accounts: MemoryAccounts | None = None) -> None:
        self.told: list[Mapping[str, int]] = []
        self.machine = Machine(accounts=accounts) if accounts else Machine()
        machine = self.machine
        full = FullImport(machine.accounts, machine.policies)
        self.jobs = ImportJobs(
            machine.accounts,
            machine.archive,
            machine.records,
            ImportLedger(machine.accounts, machine.registry, machine.policies, kind),
            FullImportRun(full, machine.registry, machine.records, machine.policies, kind),
            lambda at: at.date(),
            self.told.append,
        )
        self.puts = 0
        self.steps = 0

    def put(self, name: str, content: bytes | str, size_bytes: int | None = None) -> dict[str, Any]:
        """Put a file and import it, one account a step; return its result."""
        raw = content.encode() if isinstance(content, str) else content
        key = FOLDER + name
        self.machine.archive.put(key, raw, "text/csv")
        self.puts += 1
        said = {
            "key": key,
            "etag": f"etag-{self.puts}",
            "size_bytes": str(len(raw) if size_bytes is None else size_bytes),
            "at": (NOW + timedelta(minutes=self.puts)).isoformat(),
        }
        self.work(Job("job_1", "import_upload", "upload", "upload", NOW, said))
        return self.result(name)

    def work(self, job: Job) -> None:
        step = Step("begin")
        kept: dict[str, Any] = {}
        while step.cursor:
            task = Task(job, kept, lambda: True)
            step = self.jobs.upload(task)
            kept = json.loads(json.dumps(dict(step.kept)))
            job = replace(job, cursor=step.cursor)
            self.steps += 1

    def result(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.machine.archive.get(f"{FOLDER}{name}.result.json"))
        return found


TWO = csv_of(INVOICE, {**INVOICE, "account_id": "A2", "invoice_id": "I2"})


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("uploads/invoices.csv", "invoices"),
        ("uploads/erp/2024/invoices-03-18.jsonl", "invoices"),
        ("uploads/payments_march.txt", "payments"),
        ("uploads/credit_notes.csv", "credit_notes"),
        ("uploads/facts.jsonl", "facts"),
        ("uploads/open_items.csv", "invoices"),
        ("uploads/facts.csv", None),
        ("uploads/invoices.csv.result.json", None),
        ("uploads/ledger.toml", None),
        ("uploads/notes.csv", None),
        ("uploads/invoices.xlsx", None),
        ("runs/invoices.csv", None),
    ],
)
def test_a_file_is_what_its_name_begins_with(key: str, role: str | None) -> None:
    assert role_of(key) == role


def test_a_file_is_asked_for_once_however_often_it_is_told_of() -> None:
    machine = Machine()
    uploads = Uploads(Jobs(machine.records, machine.job_queue, machine.archive))
    upload = Upload("uploads/invoices.csv", "e1", 7, datetime(2024, 3, 18, tzinfo=UTC))

    counts = [uploads.take(upload), uploads.take(upload)]
    uploads.take(replace(upload, key="uploads/invoices.csv.result.json"))
    uploads.take(replace(upload, etag="e2"))

    assert counts == [{"uploads_taken": 1}] * 2
    assert len({job for job, _ in machine.job_queue.sent}) == 2


def test_invoices_are_taken_in_step_by_step_and_told() -> None:
    bucket = Bucket()

    result = bucket.put("invoices.csv", TWO)

    assert bucket.steps == 2
    assert (result["state"], result["taken"], result["known"]) == (
        "taken", {"InvoiceIssued": 2}, 0,
    )  # fmt: skip
    assert (result["as_of"], result["fresh_through"]) == (TODAY.isoformat(), None)
    assert (result["refused_rows"], result["not_taken"]) == ([], [])
    assert sorted(bucket.machine.accounts.kept) == ["A1", "A2"]


def test_the_same_file_again_is_known() -> None:
    bucket = Bucket()
    bucket.put("invoices.csv", TWO)

    result = bucket.put("invoices.csv", TWO)

    assert (result["taken"], result["known"]) == ({}, 2)


def test_payments_come_alone_and_make_the_ledger_fresh() -> None:
    bucket = Bucket()
    bucket.put("invoices.csv", csv_of(INVOICE))
    assert bucket.machine.registry.fresh_through() == FRIDAY

    result = bucket.put("payments.csv", csv_of(PAYMENT))

    assert result["taken"] == {"Payment": 1}
    assert bucket.machine.account("A1").invoices["I1"].open_minor == 6_000
    assert result["fresh_through"] == (TODAY - timedelta(days=1)).isoformat()


def test_credit_notes_come_alone() -> None:
    bucket = Bucket()
    bucket.put("invoices.csv", csv_of(INVOICE))

    assert bucket.put("credit_notes.csv", csv_of(CREDIT_NOTE))["taken"] == {"CreditNote": 1}
    assert bucket.machine.account("A1").invoices["I1"].open_minor == 9_000


def test_facts_come_alone_and_speak_of_what_was_taken_in_before() -> None:
    bucket = Bucket()
    bucket.put("invoices.csv", csv_of(INVOICE))
    bucket.put("payments.csv", csv_of(PAYMENT))
    facts = [
        {"on": "2024-03-05", "account_id": "A1", "kind": "dispute", "invoice_id": "I1"},
        {"on": "2024-03-05", "account_id": "A1", "kind": "payment_reversed", "payment_id": "P1"},
        {"on": "2024-03-05", "account_id": "A1", "kind": "dispute", "invoice_id": "I7"},
        {"on": "2024-03-05", "account_id": "A7", "kind": "contact", "direction": "in"},
    ]

    result = bucket.put("facts.jsonl", "\n".join(json.dumps(fact) for fact in facts))

    assert result["taken"] == {"DisputeOpened": 1, "PaymentReversed": 1}
    assert [(row["line"], row["code"]) for row in result["refused_rows"]] == [
        (3, "unknown_invoice"),
        (4, "unknown_account"),
    ]
    assert bucket.machine.account("A1").invoices["I1"].disputed_minor == 6_000


def test_a_bad_row_is_told_with_its_place_and_stops_no_other() -> None:
    bucket = Bucket()
    bad = {**INVOICE, "invoice_id": "I3", "amount": "12.5x"}

    result = bucket.put("invoices.csv", csv_of(INVOICE, bad))

    assert (result["state"], result["taken"]) == ("taken", {"InvoiceIssued": 1})
    [row] = result["refused_rows"]
    assert (row["file"], row["line"], row["column"]) == ("invoices.csv", 3, "amount")
    assert row["reason"]


def test_a_thousand_refused_rows_are_listed_and_all_are_counted() -> None:
    bucket = Bucket()
    bad = [{**INVOICE, "invoice_id": f"I{n}", "amount": "x"} for n in range(1_003)]

    result = bucket.put("invoices.csv", csv_of(*bad))

    assert len(result["refused_rows"]) == 1_000
    assert result["refused_rows_total"] == 1_003


def test_a_layout_beside_the_file_is_followed() -> None:
    bucket = Bucket()
    layout = b'[columns]\ninvoice_id = "doc"\n'
    bucket.machine.archive.put(f"{FOLDER}ledger.toml", layout, "text/plain")

    result = bucket.put("invoices.csv", csv_of(INVOICE).replace(b"invoice_id", b"doc"))

    assert result["taken"] == {"InvoiceIssued": 1}


@pytest.mark.parametrize(
    ("name", "content", "size_bytes", "code", "reason"),
    [
        ("invoices.csv", b"\xff\xfe", None, "invalid_ledger_file", "cannot be read"),
        ("invoices.csv", TWO, import_upload.BYTES_MAX + 1, "limit_reached", "50,000,001 bytes"),
        ("invoices.csv", b"\n" * (import_upload.LINES_MAX + 1), None, "limit_reached",
         "250,001 lines"),
        ("open_items.csv", HEADER.encode(), None, "own_ledger", "would lose what was paid here"),
    ],
    ids=["no text", "too many bytes", "too many lines", "a statement in our own"],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_is_refused_with_a_reason(
    name: str, content: bytes, size_bytes: int | None, code: str, reason: str
) -> None:
    bucket = Bucket()

    result = bucket.put(name, content, size_bytes)

    assert (result["state"], result["code"]) == ("refused", code)
    assert reason in result["reason"]
    assert bucket.machine.accounts.kept == {}


def test_a_layout_that_is_wrong_refuses_the_file_with_every_fault() -> None:
    bucket = Bucket()
    bucket.machine.archive.put(f"{FOLDER}ledger.toml", b"[colums]\na = 1\n[x]\n", "text/plain")

    result = bucket.put("invoices.csv", TWO)

    assert (result["state"], result["code"]) == ("refused", "invalid_ledger_file")
    assert len(result["refused_rows"]) == 2


@pytest.mark.parametrize("name", ["payments.csv", "credit_notes.csv"])
def test_a_mirror_takes_neither_payments_nor_credit_notes(name: str) -> None:
    bucket = Bucket("mirror")

    result = bucket.put(name, csv_of(PAYMENT if name.startswith("p") else CREDIT_NOTE))

    assert (result["state"], result["code"]) == ("refused", "mirror_ledger")


def test_a_mirror_takes_new_invoices_and_is_not_fresh_by_them() -> None:
    bucket = Bucket("mirror")

    result = bucket.put("invoices.csv", TWO)

    assert (result["taken"], result["fresh_through"]) == ({"InvoiceIssued": 2}, None)
    assert bucket.machine.registry.fresh_through() == FRIDAY


def test_a_statement_is_taken_step_by_step_in_a_mirror() -> None:
    bucket = Bucket("mirror")
    names = [f"A{number:03}" for number in range(250)]
    rows = [item(f"I{name}", "10.00", account=name) for name in names]

    result = bucket.put("open_items.csv", HEADER + "\n".join(rows))
    fewer = bucket.put("open_items.csv", HEADER + "\n".join(rows[:230]))

    assert bucket.steps > 6
    assert (result["taken"], result["fresh_through"]) == ({"taken": 250}, "2024-03-17")
    assert (fewer["state"], fewer["taken"], fewer["known"]) == ("taken", {"settled": 20}, 230)


def test_a_statement_that_waits_tells_how_much_and_is_listed() -> None:
    bucket = Bucket("mirror")
    rows = [item(f"I{n}", "10.00") for n in range(5)]
    bucket.put("open_items.csv", HEADER + "\n".join(rows))

    result = bucket.put("open_items.csv", HEADER + "\n".join(rows[:3]))

    assert (result["state"], result["settled"], result["open_before"]) == ("waiting", 2, 5)
    assert bucket.told == [{"import_taken": 1}, {"import_waiting": 1}]
    assert result["amounts"] == [{"what": "settled", "amount_minor": 2_000, "currency": "USD"}]
    assert len(bucket.machine.account("A1").invoices) == 5


def test_rows_of_an_update_file_change_what_moves_no_money() -> None:
    bucket = Bucket()
    bucket.put("invoices.csv", csv_of(INVOICE))
    later = csv_of({**INVOICE, "due_on": "2024-03-09"})

    plain = bucket.put("invoices.csv", later)
    update = bucket.put("invoices.update.csv", later)

    assert [row["code"] for row in plain["not_taken"]] == ["conflict"]
    assert (update["taken"], update["not_taken"]) == ({"InvoiceCorrected": 1}, [])
    assert str(bucket.machine.account("A1").invoices["I1"].effective_due_on) == "2024-03-09"


class Down(MemoryAccounts):
    is_down = True

    def load(self, account_id: str, facts: Sequence[Fact] = ()) -> Loaded:
        if self.is_down and account_id == "A2":
            raise UnavailableError("the table does not answer")
        return super().load(account_id, facts)


def test_while_the_table_does_not_answer_nothing_is_told_and_the_step_is_tried_again() -> None:
    accounts = Down()
    bucket = Bucket(accounts=accounts)

    with pytest.raises(UnavailableError):
        bucket.put("invoices.csv", TWO)
    assert f"{FOLDER}invoices.csv.result.json" not in bucket.machine.archive.files

    accounts.is_down = False
    assert bucket.put("invoices.csv", TWO)["state"] == "taken"


class Broken(MemoryAccounts):
    def heads(self, account_ids: Sequence[str]) -> Mapping[str, Head]:
        raise ZeroDivisionError


def test_a_fault_of_the_program_is_told_beside_the_file_too() -> None:
    bucket = Bucket("mirror", accounts=Broken())
    bucket.machine.take_in("A1", invoice("I1", 5))

    with pytest.raises(ZeroDivisionError):
        bucket.put("open_items.csv", HEADER + item("I2", "1.00", account="A2"))

    result = bucket.result("open_items.csv")
    assert (result["state"], result["code"]) == ("refused", "crashed")
    assert "job_1" in result["reason"]
