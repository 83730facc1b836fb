"""The ERP's side deployed: files in the bucket, results beside them, and the export feed (R7.6)."""

import json
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from botocore.exceptions import ClientError
from chalicelib.core.effects import Entry
from chalicelib.flows.ports import Change
from chalicelib.store.export_feed import DynamoExportFeed
from local.cloud.machine import LocalCloud
from local.cloud_machine import address_of
from local.stage import Stage, open_stage

from tests.flows.ledger_files import INVOICE, PAYMENT, csv_of

pytestmark = pytest.mark.emulator
FOLDER = "uploads/erp/2024-03-18/"
DAY = date(2024, 3, 18)


@pytest.fixture
def stage(cloud: LocalCloud) -> Stage:
    return open_stage(address_of(cloud))


def put(cloud: LocalCloud, name: str, content: bytes) -> dict[str, Any]:
    """Put a file into the bucket as an ERP does, and return the result that is found beside it."""
    s3, bucket = cloud.client("s3"), cloud.stack.bucket_name
    s3.put_object(Bucket=bucket, Key=FOLDER + name, Body=content)
    cloud.wait_until_quiet(timeout_s=90)
    return next(results(cloud, f"{FOLDER}{name}.result.json"))


def results(cloud: LocalCloud, key: str) -> Iterator[dict[str, Any]]:
    deadline = time.monotonic() + 20
    while True:
        try:
            body = cloud.client("s3").get_object(Bucket=cloud.stack.bucket_name, Key=key)["Body"]
        except ClientError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            yield json.loads(body.read())


def test_files_that_an_erp_puts_are_imported_and_told_row_by_row(
    cloud: LocalCloud, stage: Stage
) -> None:
    bad = {**INVOICE, "account_id": "U1", "invoice_id": "U2", "amount": "12.5x"}
    invoice = {**INVOICE, "account_id": "U1", "invoice_id": "U1-1"}
    payment = {**PAYMENT, "account_id": "U1", "payment_id": "UP1", "invoice_ids": "U1-1"}

    invoices = put(cloud, "invoices.csv", csv_of(invoice, bad))
    payments = put(cloud, "payments.csv", csv_of(payment))

    assert (invoices["state"], invoices["taken"]) == ("taken", {"InvoiceIssued": 1})
    [row] = invoices["refused_rows"]
    assert (row["file"], row["line"], row["column"]) == ("invoices.csv", 3, "amount")
    assert payments["taken"] == {"Payment": 1}
    assert stage.accounts.load("U1").account.invoices["U1-1"].open_minor == 6_000
    assert cloud.dead_letters() == ()


def test_a_statement_is_refused_where_the_ledger_is_our_own(cloud: LocalCloud) -> None:
    result = put(cloud, "open_items.csv", csv_of(INVOICE))

    assert (result["state"], result["code"]) == ("refused", "own_ledger")


def test_the_reconcile_numbers_what_the_erp_is_to_book(cloud: LocalCloud, stage: Stage) -> None:
    loaded = stage.accounts.load("U9")
    fee = Entry("charge", DAY, DAY, "USD", 1_50, "U9-1:fee:flat", "U9-1", "U9-1:fee:flat")
    stage.accounts.commit(Change(loaded, loaded.account, None, [fee]))

    cloud.invoke("reconcile")

    feed = DynamoExportFeed(stage.table, stage.accounts.shards())
    lines = [line for line in feed.after(0, 200) if line.account_id == "U9"]
    assert [(line.kind, line.charge_id, line.amount_minor) for line in lines] == [
        ("charge", "U9-1:fee:flat", 1_50)
    ]
