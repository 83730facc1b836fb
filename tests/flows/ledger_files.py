"""Small ledger files for the tests, and what reading them says."""

from collections.abc import Mapping

from chalicelib.core.facts import Fact, InvoiceIssued
from chalicelib.flows.ledger_map import LedgerMap
from chalicelib.flows.ledger_read import Ledger, read_ledger

INVOICE: Mapping[str, str] = {
    "account_id": "A1",
    "invoice_id": "I1",
    "issued_on": "2024-01-10",
    "due_on": "2024-02-09",
    "currency": "USD",
    "amount": "100.00",
}
PAYMENT: Mapping[str, str] = {
    "payment_id": "P1",
    "account_id": "A1",
    "received_on": "2024-03-01",
    "currency": "USD",
    "amount": "40.00",
    "invoice_ids": "I1",
}
CREDIT_NOTE: Mapping[str, str] = {
    "credit_note_id": "C1",
    "account_id": "A1",
    "issued_on": "2024-03-01",
    "currency": "USD",
    "amount": "10.00",
    "invoice_id": "I1",
}


def csv_of(*rows: Mapping[str, str], delimiter: str = ",") -> bytes:
    """A CSV file with every column that a row names; no cell is quoted."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return "\n".join(delimiter.join(line) for line in lines).encode() + b"\n"


def read_invoices(
    content: bytes | str, mapping: LedgerMap | None = None, *, update: bool = False
) -> Ledger:
    """What an invoices file holds."""
    content = content.encode() if isinstance(content, str) else content
    return read_ledger([("invoices", "invoices.csv", content)], mapping, update=update)


def read_facts(*lines: str, mapping: LedgerMap | None = None) -> Ledger:
    """A ledger of one invoice of A1, one of A2 and a payment of A1, with these facts."""
    other = {**INVOICE, "account_id": "A2", "invoice_id": "I2"}
    return read_ledger(
        [
            ("facts", "facts.jsonl", "\n".join(lines).encode()),
            ("payments", "payments.csv", csv_of(PAYMENT)),
            ("invoices", "invoices.csv", csv_of(INVOICE, other)),
        ],
        mapping,
    )


def facts_of(ledger: Ledger, account_id: str = "A1") -> tuple[Fact, ...]:
    """The facts of an account."""
    return ledger.accounts[account_id].facts


def invoice_of(ledger: Ledger, account_id: str = "A1") -> InvoiceIssued:
    """The first invoice of an account."""
    return next(fact for fact in facts_of(ledger, account_id) if isinstance(fact, InvoiceIssued))


def faults_of(ledger: Ledger) -> list[tuple[int, str, str]]:
    """Line, column and code of every fault."""
    return [(fault.line, fault.column, fault.code) for fault in ledger.faults]
