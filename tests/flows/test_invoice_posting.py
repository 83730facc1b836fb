"""An invoice that is sent and a ledger file's row mean the same, whichever comes first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from chalicelib.core.invoice import Invoice
from chalicelib.flows.desk import Caller, Desk
from chalicelib.flows.import_ledger import ImportLedger, ImportResult
from chalicelib.flows.invoice_desk import InvoiceDesk
from chalicelib.flows.invoice_posting import Part, Posted
from chalicelib.flows.ledger_read import read_ledger
from chalicelib.flows.principal import Principal
from tests.flows.ledger_files import INVOICE, csv_of
from tests.flows.machine import NOW, TODAY, Machine

ISSUED, DUE = date(2024, 1, 10), date(2024, 2, 9)
PLAIN: dict[str, Any] = {
    "invoice_id": "I1", "currency": "USD", "amount_minor": 100_00, "issued_on": ISSUED,
    "due_on": DUE, "terms": "", "delivered_on": ISSUED,
}  # fmt: skip

SAME: dict[str, tuple[Mapping[str, str], dict[str, Any]]] = {
    "plain": ({}, {}),
    "terms": ({"due_on": "", "terms": "net 30"}, {"due_on": None, "terms": "net 30"}),
    "the terms of one": ({}, {"due_on": None, "terms": "NET 30"}),
    "part paid": ({"open_amount": "40.00"}, {"open": Part(40_00, "USD")}),
    "paid": ({"open_amount": "0"}, {"open": Part(0, "USD")}),
    "advanced": ({"advanced_amount": "10.00"}, {"advanced": Part(10_00, "USD")}),
    "with a PO number": ({"po_number": "PO-1"}, {"po_number": "PO-1"}),
    "extended": ({"extended_due_on": "2024-03-09"}, {"extended_due_on": date(2024, 3, 9)}),
    "never delivered": ({"delivered_on": "never"}, {"delivered_on": None}),
    "delivered later": ({"delivered_on": "2024-01-15"}, {"delivered_on": date(2024, 1, 15)}),
    "delivered before issue": ({"delivered_on": "2024-01-09"}, {"delivered_on": date(2024, 1, 9)}),
}
same = pytest.mark.parametrize("name", list(SAME))


@pytest.fixture
def machine() -> Machine:
    machine = Machine()
    machine.take_in("A1")
    return machine


def send(machine: Machine, name: str) -> int:
    desk = Desk(machine.accounts, machine.policies, lambda at: at.date())
    caller = Caller(Principal("erp", frozenset({"service"})), NOW, must_match=True)
    return InvoiceDesk(desk).put("A1", Posted(**(PLAIN | SAME[name][1])), caller).status


def bring(machine: Machine, name: str) -> ImportResult:
    row = {key: value for key, value in ({**INVOICE, **SAME[name][0]}).items() if value}
    ledger = read_ledger([("invoices", "invoices.csv", csv_of(row))])
    assert ledger.faults == ()
    flow = ImportLedger(machine.accounts, machine.registry, machine.policies)
    return flow.import_ledger(ledger, TODAY)


def there(machine: Machine) -> Invoice:
    account = machine.account("A1")
    return (account.invoices | account.closed)["I1"]


@same
def test_what_a_file_brought_is_sent_again_without_a_change(machine: Machine, name: str) -> None:
    bring(machine, name)
    before = machine.accounts.kept["A1"].version

    assert send(machine, name) == 200
    assert machine.accounts.kept["A1"].version == before


@same
def test_what_was_sent_is_known_to_a_file(machine: Machine, name: str) -> None:
    assert send(machine, name) == 201
    before = there(machine)
    result = bring(machine, name)

    assert (result.faults, result.known) == ([], 1)
    assert there(machine) == before


@same
def test_a_file_and_a_call_make_the_same_invoice(machine: Machine, name: str) -> None:
    other = Machine()
    send(machine, name)
    bring(other, name)

    assert there(machine) == there(other)
