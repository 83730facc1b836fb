"""Real ledgers, each read by one mapping file (tests/maps)."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

from chalicelib.core.facts import InvoiceIssued, Payment
from chalicelib.flows.ledger_map import parse_ledger_map
from chalicelib.flows.ledger_read import Ledger, read_ledger


def read_real(project: Path, shared: Path, name: str, data: str) -> Ledger:
    ledger_map = parse_ledger_map((project / "tests" / "maps" / name).read_bytes(), name)
    return read_ledger([("invoices", data, (shared / "data" / data).read_bytes())], ledger_map)


def rows_of(shared: Path, data: str) -> list[dict[str, str]]:
    with (shared / "data" / data).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_invoice_and_payment_of_the_late_payment_histories_is_taken(
    project: Path, shared: Path
) -> None:
    data = "ibm_late_payment_histories.csv"
    rows = rows_of(shared, data)

    ledger = read_real(project, shared, "ibm.toml", data)

    facts = [fact for account in ledger.accounts.values() for fact in account.facts]
    invoices = [fact for fact in facts if isinstance(fact, InvoiceIssued)]
    payments = [fact for fact in facts if isinstance(fact, Payment)]
    assert (ledger.faults, len(ledger.accounts)) == ((), 100)
    assert len(invoices) == len(payments) == len(rows) == 2466
    cents = sum(int(Decimal(row["amount"]) * 100) for row in rows)
    assert sum(invoice.amount_minor for invoice in invoices) == cents
    assert sum(payment.amount_minor for payment in payments) == cents
    assert {(payment.payment_id, payment.received_on.isoformat()) for payment in payments} == {
        (row["invoice_number"], row["settled_date"]) for row in rows
    }
    assert {invoice.invoice_id for invoice in invoices if invoice.disputed_minor} == {
        row["invoice_number"] for row in rows if row["disputed"] == "1"
    }


def test_the_balances_of_the_demo_erp_age_as_the_erp_ages_them(project: Path, shared: Path) -> None:
    as_of = date(2026, 8, 3)
    ledger = read_real(project, shared, "d365.toml", "d365_demo_transactions.csv")

    aged: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for account_id, account in ledger.accounts.items():
        for fact in account.facts:
            assert isinstance(fact, InvoiceIssued)
            days = (as_of - fact.due_on).days
            bucket = sum(days > edge for edge in (0, 30, 60, 90))
            aged[account_id][bucket] += fact.open_minor

    columns = ("current", "d1_30", "d31_60", "d61_90", "d91_plus")
    expected = {
        row["customer"]: [int(Decimal(row[column]) * 100) for column in columns]
        for row in rows_of(shared, "d365_demo_aged_balances_expected.csv")
    }
    assert ledger.faults == ()
    assert dict(aged) == expected
