"""Jobs over the API, and ledger files that an ERP puts into the bucket."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.flows.full_import_run import WAITING
from chalicelib.flows.import_records import ImportRecord, StoredFile, put_import
from chalicelib.flows.jobs import job_key, job_of, step_file
from chalicelib.flows.ports_registry import NEW, Put
from chalicelib.flows.uploads import UPLOADER
from chalicelib.messages import JobMessage
from chalicelib.store.records import DynamoRecords

from tests.flows.ledger_files import INVOICE, PAYMENT, csv_of
from tests.infra.story.customer import NEXT
from tests.infra.story.seller import POLICY, WHY, Seller, good
from tests.infra.uploading import FOLDER, put

TRIAL = POLICY.decode() + "# tried\n"


def tell(seller: Seller) -> None:
    """Import files, try a run and a policy, and take messages twice."""
    files_are_imported_and_told_row_by_row(seller)
    a_statement_that_waited_is_not_booked_on_a_ledger_of_our_own(seller)
    a_run_is_tried(seller)
    a_policy_is_simulated(seller)
    what_comes_twice_is_done_once(seller)


def files_are_imported_and_told_row_by_row(seller: Seller) -> None:
    bad = {**INVOICE, "account_id": "U1", "invoice_id": "U2", "amount": "12.5x"}
    payment = {**PAYMENT, "account_id": "U1", "payment_id": "UP1", "invoice_ids": "U1-1"}

    invoices = put(seller.cloud, "invoices.csv", csv_of(invoice_row("U1-1"), bad))
    payments = put(seller.cloud, "payments.csv", csv_of(payment))
    refused = put(seller.cloud, "open_items.csv", csv_of(INVOICE))

    assert (invoices["state"], invoices["taken"]) == ("taken", {"InvoiceIssued": 1})
    assert [row["line"] for row in invoices["refused_rows"]] == [3]
    assert payments["taken"] == {"Payment": 1}
    assert seller.stage.accounts.load("U1").account.invoices["U1-1"].open_minor == 6_000
    assert refused["code"] == "own_ledger"


def a_statement_that_waited_is_not_booked_on_a_ledger_of_our_own(seller: Seller) -> None:
    """It was given when the ledger mirrored an ERP's, and lies where the command line keeps such."""
    key = "imports/imp_story/open_items.csv"
    seller.stage.archive.put(key, csv_of(INVOICE), "text/csv")
    waiting = ImportRecord(
        "imp_story", "open_items", WAITING, date.fromisoformat(NEXT),
        datetime(2024, 4, 12, tzinfo=UTC), "command_line", "command_line",
        files=(StoredFile("invoices", "open_items.csv", key),), open_before=4, settled=1,
    )  # fmt: skip
    put_import(DynamoRecords(seller.stage.table), waiting)

    good(seller.anna.post("/v1/imports/imp_story/approve", WHY | {"count": 1}))
    seller.settle()

    told = good(seller.anna.get("/v1/imports/imp_story"))
    assert (told["state"], told["code"]) == ("refused", "own_ledger")


def a_run_is_tried(seller: Seller) -> None:
    asked = good(seller.anna.post("/v1/runs", {"as_of": NEXT, "dry_run": True}))
    result = result_of(seller, asked["run_id"])
    assert result["as_of"] == NEXT


def a_policy_is_simulated(seller: Seller) -> None:
    body = {"document": TRIAL, "days": 3}
    asked = good(seller.admin.post("/v1/policies/standard/simulate", body))
    assert result_of(seller, asked["job_id"])["accounts_simulated"] >= 1


def what_comes_twice_is_done_once(seller: Seller) -> None:
    """An upload of which S3 tells twice, and a long job of which an earlier step comes again."""
    told = {"key": FOLDER + "invoices-3.csv", "etag": "e", "size": 1}
    event = json.dumps({"time": "2024-04-12T05:00:00Z", "detail": {"object": told}})
    seller.deliver("uploads", event, event)
    records = DynamoRecords(seller.stage.table)
    job = replace(
        job_of("wake_accounts", {"on": NEXT}, UPLOADER, "long", datetime(2024, 4, 12, tzinfo=UTC)),
        step=1,
    )
    seller.stage.archive.put(step_file(job.id, 1), b"{}", "application/json")
    records.write(Put(job_key(job.id), job, NEW))
    seller.deliver("jobs", JobMessage(job.id, 0).to_json())
    assert result_of(seller, job.id)["accounts_looked_at"] >= 1


def invoice_row(invoice_id: str) -> dict[str, str]:
    return {**INVOICE, "account_id": "U1", "invoice_id": invoice_id}


def result_of(seller: Seller, job_id: str) -> Any:
    """Return what a job came to, once it is done."""
    seller.settle()
    job = good(seller.admin.get(f"/v1/jobs/{job_id}"))
    assert job["state"] == "done", job
    return job["result"]
