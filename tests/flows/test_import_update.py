"""`import --update`, and imports into a mirror: what may change of an invoice that is there (R7.6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from chalicelib.core.facts import DisputeResolved, Extension, Fact
from chalicelib.core.invoice import Invoice
from chalicelib.flows.import_ledger import ImportLedger, ImportResult, Way
from chalicelib.flows.ledger_read import read_ledger
from tests.flows.ledger_files import CREDIT_NOTE, INVOICE, PAYMENT, csv_of, read_invoices
from tests.flows.machine import FRIDAY, TODAY, Machine

UPDATING = Way(update=True)
ROW = {**INVOICE, "delivered_on": "never", "po_number": "PO 1", "disputed_amount": ""}


def importer(machine: Machine, kind: str = "own") -> ImportLedger:
    return ImportLedger(machine.accounts, machine.registry, machine.policies, kind)


def update(machine: Machine, said: Mapping[str, str], *, way: Way = UPDATING) -> ImportResult:
    """Import the invoice once more, with something else in its row."""
    ledger = read_invoices(csv_of({**ROW, **said}))
    return importer(machine).import_ledger(ledger, TODAY, way=way)


def there(machine: Machine) -> Invoice:
    return machine.account("A1").invoices["I1"]


@pytest.fixture
def machine() -> Machine:
    machine = Machine()
    update(machine, {})
    return machine


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ({"due_on": "2024-03-09"}, "effective_due_on", date(2024, 3, 9)),
        ({"po_number": "PO 2"}, "po_number", "PO 2"),
        ({"po_number": ""}, "po_number", ""),
        ({"extended_due_on": "2024-04-09"}, "effective_due_on", date(2024, 4, 9)),
        ({"delivered_on": "2024-01-12"}, "delivered_on", date(2024, 1, 12)),
        ({"delivered_on": ""}, "delivered_on", date(2024, 1, 10)),
        ({"disputed_amount": "30.00"}, "disputed_minor", 3_000),
    ],
)
def test_what_moves_no_money_is_taken_over_once(
    machine: Machine, said: dict[str, str], field: str, value: object
) -> None:
    first = update(machine, said)
    version = machine.accounts.kept["A1"].version
    again = update(machine, said)

    assert getattr(there(machine), field) == value
    assert (first.faults, again.faults) == ([], [])
    assert first.taken
    assert (again.known > 0, again.taken) == (True, {})
    assert machine.accounts.kept["A1"].version == version


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"amount": "100.01"}, "another amount"),
        ({"amount": "90.00"}, "A credit note reduces it"),
        ({"currency": "EUR"}, "another currency"),
        ({"issued_on": "2024-01-11"}, "another issue date"),
        ({"open_amount": "50.00"}, "open amount when it was taken in"),
    ],
)
def test_money_is_never_rewritten(machine: Machine, said: dict[str, str], words: str) -> None:
    before = machine.account("A1")

    result = update(machine, said)

    [fault] = result.faults
    assert fault.code == "conflict"
    assert words in fault.detail
    assert machine.account("A1") == before


def test_without_update_a_change_is_a_conflict(machine: Machine) -> None:
    result = update(machine, {"due_on": "2024-03-09"}, way=Way())

    assert [fault.code for fault in result.faults] == ["conflict"]


@pytest.mark.parametrize(
    ("fact", "field", "value"),
    [
        (Extension(TODAY, "I1", date(2024, 5, 1)), "effective_due_on", date(2024, 5, 1)),
        (DisputeResolved(TODAY, "I1", "lost"), "disputed_minor", 0),
    ],
)
def test_what_was_agreed_here_outlives_a_row_that_says_nothing_new_of_it(
    fact: Fact, field: str, value: object
) -> None:
    machine = Machine()
    update(machine, {"disputed_amount": "30.00"})
    machine.take_in("A1", fact)

    update(machine, {"disputed_amount": "30.00"})

    assert getattr(there(machine), field) == value


def test_a_mirror_refuses_what_moves_principal_and_takes_the_rest(machine: Machine) -> None:
    ledger = read_ledger(
        [
            ("invoices", "i.csv", csv_of(ROW, {**ROW, "invoice_id": "I2"})),
            ("payments", "p.csv", csv_of(PAYMENT)),
            ("credit_notes", "c.csv", csv_of(CREDIT_NOTE)),
        ]
    )

    result = importer(machine, "mirror").import_ledger(ledger, TODAY)

    assert [fault.code for fault in result.faults] == ["mirror_ledger"] * 2
    assert "is booked in the ERP" in result.faults[0].detail
    assert (result.taken, result.known) == ({"InvoiceIssued": 1}, 1)
    assert there(machine).open_minor == 10_000
    assert result.fresh_through is None


def test_an_import_goes_on_after_the_account_where_it_stopped() -> None:
    machine = Machine()
    machine.registry.through = FRIDAY
    rows = [{**INVOICE, "account_id": f"A{n}", "invoice_id": f"I{n}"} for n in range(3)]
    ledger = read_invoices(csv_of(*rows))
    stops, after = [], ""

    while True:
        way = Way(after=after, is_over=lambda: True)
        result = importer(machine).import_ledger(ledger, TODAY, way=way)
        stops.append(result.stopped_after)
        if not result.stopped_after:
            break
        assert result.fresh_through is None
        after = result.stopped_after

    assert stops == ["A0", "A1", ""]
    assert sorted(machine.accounts.kept) == ["A0", "A1", "A2"]
    assert result.fresh_through is not None
