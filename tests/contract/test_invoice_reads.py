"""Invoices and charges over every store, and how many requests their answers take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from chalicelib.core.aging import out_of_balance
from chalicelib.core.facts import ChargeReinstated, ChargeWaived, NoticeCounted
from chalicelib.flows.charge_desk import ChargeDesk
from chalicelib.flows.desk import Caller, Desk, ReplayKey
from chalicelib.flows.invoice_act import Why
from chalicelib.flows.invoice_batch import InvoiceBatch, Row
from chalicelib.flows.invoice_desk import InvoiceDesk
from chalicelib.flows.invoice_lists import InvoiceLists
from chalicelib.flows.invoice_posting import Posted
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.principal import Principal
from chalicelib.store.meter import metered

from tests.contract.store import NOON, Store, TableStore, book, issued, paid, run
from tests.fakes_store import MemoryRegistry

TODAY = NOON.date()
FEE = 150  # 1.5% of 100.00
ERP = Principal("erp", frozenset({"service", "approver"}))
WHY = Why("goodwill", "Agreed by phone.")


def caller(key: str = "") -> Caller:
    return Caller(ERP, NOON, replay_key=ReplayKey(key, "digest") if key else None)


def said(invoice_id: str) -> Posted:
    return Posted(invoice_id, "USD", 100_00, TODAY, TODAY, "", TODAY)


class Office:
    """The flows over a store; what of the deployment they need is in memory."""

    def __init__(self, store: Store) -> None:
        registry = MemoryRegistry()
        registry.put_policy("standard", shipped_document("standard"))
        policies = PolicyShelf(registry)
        for account_id in ("A1", "A2"):
            book(store.accounts, account_id, *(issued(f"I{number}") for number in range(5)))
        book(store.accounts, "A1", paid("P1", 100_00, "I4"))
        desk = Desk(store.accounts, policies, lambda at: at.date())
        self.lists = InvoiceLists(store.accounts, policies)
        self.invoices = InvoiceDesk(desk)
        self.charges = ChargeDesk(desk)
        self.batch = InvoiceBatch(desk, lambda: 0.0, threads=1)  # moto takes one request at a time

    def post(self, *rows: tuple[str, str]) -> Any:
        numbered = [Row(place, name, said(invoice)) for place, (name, invoice) in enumerate(rows)]
        return self.batch.post(numbered, (), caller(), update=False)


LOAD = {"GetItem": 1, "Query": 1}
ANSWERS: dict[str, tuple[Mapping[str, int], Callable[[Office], Any]]] = {
    "an open invoice": (
        {"BatchGetItem": 2, "GetItem": 1, "Query": 1},
        lambda office: office.lists.invoice("A1", "I1", TODAY),
    ),
    "a closed invoice": (
        {"BatchGetItem": 2, "GetItem": 1},
        lambda office: office.lists.invoice("A1", "I4", TODAY),
    ),
    "open invoices": (
        {"BatchGetItem": 1, "GetItem": 1, "Query": 2},
        lambda office: office.lists.invoices("A1", "open", "", 50, TODAY),
    ),
    "all invoices": (
        {"BatchGetItem": 1, "GetItem": 2, "Query": 3},
        lambda office: office.lists.invoices("A1", "all", "", 50, TODAY),
    ),
    "all charges": (
        {"BatchGetItem": 1, "GetItem": 2, "Query": 3},
        lambda office: office.lists.charges("A1", "all", "", 50),
    ),
    "a new invoice": (
        LOAD | {"BatchGetItem": 1, "TransactWriteItems": 1},
        lambda office: office.invoices.put("A1", said("I9"), caller()),
    ),
    "a write-off": (
        LOAD | {"TransactWriteItems": 1},
        lambda office: office.invoices.write_off("A1", "I1", WHY, caller("k")),
    ),
    "a void of a closed invoice": (
        LOAD | {"BatchGetItem": 2, "TransactWriteItems": 1},
        lambda office: office.invoices.void("A1", "I4", WHY, caller("k")),
    ),
    "a batch of two accounts": (
        {"GetItem": 2, "Query": 2, "BatchGetItem": 2, "TransactWriteItems": 2},
        lambda office: office.post(("A1", "I8"), ("A2", "I8"), ("A1", "I9")),
    ),
}


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_takes_so_many_requests(tables: TableStore, name: str) -> None:
    office = Office(tables)
    expected, ask = ANSWERS[name]

    with metered(tables.table) as usage:
        ask(office)

    assert usage.requests == expected


def test_the_parts_of_a_list_hold_each_invoice_once(store: Store) -> None:
    office = Office(store)
    found: list[str] = []
    mark: str | None = ""
    while mark is not None:
        rows, mark = office.lists.invoices("A1", "all", mark, 2, TODAY)
        found += [row["invoice_id"] for row in rows]

    assert found == ["I0", "I1", "I2", "I3", "I4"]


def charged(store: Store) -> str:
    """An account with an invoice that was announced a charge, and charged; return its id."""
    book(store.accounts, "C1", issued("I1"))
    run(store.accounts, "C1", date(2024, 2, 15))
    book(store.accounts, "C1", NoticeCounted(date(2024, 2, 15), "C1:USD:2024-02-15"))
    run(store.accounts, "C1", date(2024, 3, 1))
    return "I1:late_fee_30:percent"


def test_a_charge_of_a_closed_invoice_is_owed_again(store: Store) -> None:
    charge_id = charged(store)
    book(store.accounts, "C1", ChargeWaived(TODAY, "I1", charge_id, "goodwill"))
    book(store.accounts, "C1", paid("P1", 100_00, "I1"))
    assert store.accounts.load("C1").account.invoices == {}

    book(store.accounts, "C1", ChargeReinstated(TODAY, "I1", charge_id, "mistake"))

    account = store.another().load("C1").account
    charges = account.invoices["I1"].charges
    assert [(one.id, one.open_minor, one.reinstated_minor) for one in charges] == [
        (charge_id, 0, FEE),
        (f"{charge_id}:r1", FEE, 0),
    ]
    assert out_of_balance(account) == {}
    assert "payment:P1" in account.money
