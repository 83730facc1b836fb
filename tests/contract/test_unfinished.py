"""Changes that are certain before they are written out, and lists over live state and history."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chalicelib.core.facts import CreditNote
from chalicelib.flows.notice_state import Bookings
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.reconcile import Reconcile
from chalicelib.store.writes import Limits

from tests.contract.store import NOON, Store, TableStore, book, booked, issued, paid
from tests.fakes_store import MemoryQueues, MemoryRegistry


def store_only(tables: TableStore, account_id: str) -> None:
    small = TableStore(tables.table, Limits(actions=6))
    loaded = small.accounts.load(account_id)
    change = booked(loaded, [issued(f"I{number:02}") for number in range(20)])
    small.accounts.commit(replace(change, finish_later=True))


def test_what_is_stored_only_is_found_until_somebody_loads_it(tables: TableStore) -> None:
    book(tables.accounts, "QUIET", issued("I1"))
    for account_id in ("A1", "A2"):
        store_only(tables, account_id)
    assert sorted(tables.accounts.unfinished()) == ["A1", "A2"]

    tables.another().load("A1")

    assert list(tables.accounts.unfinished()) == ["A2"]
    assert len(tables.another().load("A2").account.invoices) == 20
    assert list(tables.accounts.unfinished()) == []


def test_the_reconciler_writes_out_what_nobody_loads(tables: TableStore) -> None:
    for account_id in ("A1", "A2"):
        store_only(tables, account_id)
    registry = MemoryRegistry()
    bookings = Bookings(tables.another(), PolicyShelf(registry), lambda at: at.date())

    counts = Reconcile(bookings, registry, MemoryQueues()).reconcile(NOON)

    assert counts == {"finished_later": 2}
    assert list(tables.accounts.unfinished()) == []
    assert len(tables.accounts.invoices("A2", "live", "", 50).rows) == 20


def test_nothing_is_unfinished_in_a_store_of_small_changes(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))

    assert list(store.accounts.unfinished()) == []


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9])
def test_payments_are_listed_by_id_wherever_they_lie(store: Store, size: int) -> None:
    book(store.accounts, "A1", *(issued(f"I{number}") for number in range(3)))
    book(store.accounts, "A1", CreditNote(paid("", 1).on, "P0", "USD", 5_00))
    for number in (4, 1, 3, 0, 2):  # the first three pay an invoice each and are past
        names = [f"I{number}"] if number < 3 else ["GHOST"]
        book(store.accounts, "A1", paid(f"P{number}", 100_00, *names))

    found, mark = [], ""
    while True:
        page = store.accounts.money_of_kind("A1", "payment", mark, size)
        assert len(page.rows) <= size
        found += [money.id for money in page.rows]
        if page.mark is None:
            break
        mark = page.mark

    assert found == ["P0", "P1", "P2", "P3", "P4"]


def test_credit_notes_are_listed_apart_from_payments_of_the_same_id(store: Store) -> None:
    book(store.accounts, "A1", CreditNote(paid("", 1).on, "M1", "USD", 5_00), paid("M1", 7_00))

    found = store.accounts.money_of_kind("A1", "credit_note", "", 50).rows

    assert [(money.kind, money.amount_minor) for money in found] == [("credit_note", 5_00)]
    assert store.accounts.money_of_kind("NOBODY", "credit_note", "", 50).rows == []
