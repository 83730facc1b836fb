"""How many requests a payment takes of the store."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from chalicelib.flows.desk import Caller, Desk, ReplayKey
from chalicelib.flows.payment_desk import PaymentDesk, PaymentSaid
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.principal import Principal
from chalicelib.store.meter import metered

from tests.contract.store import TableStore, book, issued
from tests.fakes_store import MemoryRegistry

AT = datetime(2024, 2, 20, 9, tzinfo=UTC)
WHO = Principal("erp", frozenset({"service"}))


@pytest.fixture
def desk(tables: TableStore) -> PaymentDesk:
    """Over an account of three invoices of 100.00."""
    registry = MemoryRegistry()
    registry.put_policy("standard", shipped_document("standard"))
    book(tables.accounts, "A1", *(issued(f"I{number}") for number in range(3)))
    accounts = tables.another()
    return PaymentDesk(Desk(accounts, PolicyShelf(registry), lambda at: at.date()), "own")


def pay(desk: PaymentDesk, name: str, *invoices: str) -> int:
    said = PaymentSaid(name, date(2024, 2, 19), 100_00, "USD", invoices)
    caller = Caller(WHO, AT, replay_key=ReplayKey(f"key-{name}", "digest"))
    return desk.book("A1", caller, said).status


def test_a_payment_that_closes_an_invoice_takes_three_reads_and_one_write(
    tables: TableStore, desk: PaymentDesk
) -> None:
    """Head, live items, and what of history its id and its invoices' ids name; then all at once."""
    with metered(tables.table) as usage:
        assert pay(desk, "P1", "I1") == 201

    assert dict(usage.requests) == {
        "GetItem": 1, "Query": 1, "BatchGetItem": 1, "TransactWriteItems": 1,
    }  # fmt: skip


def test_a_payment_read_takes_two_requests_and_a_list_three(
    tables: TableStore, desk: PaymentDesk
) -> None:
    pay(desk, "P1", "I1")
    pay(desk, "P2", "GHOST")

    with metered(tables.table) as reading:
        desk.read("A1", "P1")
    with metered(tables.table) as listing:
        rows, mark = desk.page("A1", "", 50)

    assert reading.total[0] == 2
    assert ([row["payment_id"] for row in rows], mark) == (["P1", "P2"], None)
    assert listing.total[0] == 4  # with the one that finds the account
