"""What an import reports and does not take: rows that say something else, and unusable ids."""

from __future__ import annotations

import pytest
from tests.flows.machine import TODAY, Machine
from tests.flows.test_import_ledger import CREDITS, FACTS, INVOICES, PAYMENTS, ledger, take_in

MORE = """account_id,invoice_id,issued_on,due_on,currency,amount,%s
A1,I1,2024-01-10,2024-02-09,USD,1000.00,%s
"""


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("disputed_amount", "10.00", "20.00"),
        ("extended_due_on", "", "2024-02-20"),
        ("advanced_amount", "", "300.00"),
    ],
)
def test_what_a_row_says_else_of_parts_that_move_on_is_reported(
    column: str, first: str, second: str
) -> None:
    machine = Machine()
    take_in(machine, ledger(MORE % (column, first)))
    known = machine.account("A1")

    result = take_in(machine, ledger(MORE % (column, second)))

    assert [fault.code for fault in result.faults] == ["conflict"]
    assert "another disputed part, agreed due date, advance" in result.faults[0].detail
    assert machine.account("A1") == known


def test_a_payment_that_is_booked_on_another_day_is_reported() -> None:
    machine = Machine()
    head = "payment_id,account_id,received_on,booked_on,currency,amount\n"
    take_in(machine, ledger(payments=f"{head}P1,A1,2024-03-01,2024-03-01,USD,300.00\n"))

    result = take_in(machine, ledger(payments=f"{head}P1,A1,2024-03-01,2024-03-04,USD,300.00\n"))

    assert "another booking date" in result.faults[0].detail


def test_a_dispute_that_ended_and_a_closed_invoice_do_not_contradict_the_same_row() -> None:
    machine = Machine()
    row = MORE % ("disputed_amount", "10.00")
    lost = """{"on": "2024-03-04", "account_id": "A1", "kind": "dispute_resolved", \
"invoice_id": "I1", "outcome": "lost"}
"""
    paid = PAYMENTS.replace("300.00", "1000.00")
    take_in(machine, ledger(row, paid, facts=lost))
    machine.decide("A1", TODAY)
    assert "I1" not in machine.account("A1").invoices

    result = take_in(machine, ledger(row, paid, facts=lost))
    other = take_in(machine, ledger(MORE % ("disputed_amount", "11.00"), paid, facts=lost))

    assert (result.taken, result.faults, result.known) == ({}, [], 3)
    assert [fault.code for fault in other.faults] == ["conflict"]


UNFIT = ("A 1", "A/1", "Käufer", "..")


@pytest.mark.parametrize("account_id", UNFIT)
@pytest.mark.parametrize("dry_run", [True, False])
def test_an_account_that_the_api_cannot_address_is_refused_and_others_go_on(
    account_id: str, dry_run: bool
) -> None:
    machine = Machine()
    some = ledger(INVOICES.replace("A2", account_id))

    result = take_in(machine, some, dry_run=dry_run)

    [fault] = result.faults
    assert (fault.account_id, fault.code) == (account_id, "bad_id")
    assert "the letters A-Z and a-z, the digits, and . _ ~ -" in fault.detail
    assert result.accounts_changed == 1
    assert list(machine.accounts.kept) == ([] if dry_run else ["A1"])


@pytest.mark.parametrize("invoice_id", ["Ü2", "2024/7", ".."])
def test_an_invoice_that_the_api_cannot_address_is_refused_with_all_that_is_said_of_it(
    invoice_id: str,
) -> None:
    machine = Machine()
    facts = "\n".join(line for line in FACTS.splitlines() if "dispute" in line)
    files = [text.replace("I2", invoice_id) for text in (INVOICES, PAYMENTS, CREDITS, facts)]

    result = take_in(machine, ledger(*files))

    assert [fault.code for fault in result.faults] == ["bad_id"] * 5
    assert sum(f'"{invoice_id}" cannot be addressed' in f.detail for f in result.faults) == 5
    assert sorted(machine.account("A1").invoices) == ["I1"]
    assert sorted(machine.accounts.kept) == ["A1", "A2"]
