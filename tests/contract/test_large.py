"""Accounts of 10,000 open invoices, and many at one account at once. On the emulator."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from chalicelib.core.errors import ConflictError, StaleVersionError
from chalicelib.core.facts import NoticeCounted
from chalicelib.flows.ports import Loaded
from chalicelib.store.meter import metered

from tests.contract.faults import Killed, calls
from tests.contract.store import (
    SHARDS,
    TableStore,
    book,
    booked,
    decided,
    issued,
    live_of,
    paid,
    run,
)

FEB_15, MAR_1, MAR_15 = date(2024, 2, 15), date(2024, 3, 1), date(2024, 3, 15)
HUGE = 10_000
NAMES = [f"INV-2024-{number:06}" for number in range(HUGE)]

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.parametrize("tables", ["emulator"], indirect=True),
]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_operation_works_on_an_account_with_10_000_open_invoices(tables: TableStore) -> None:
    accounts = tables.accounts
    book(accounts, "HUGE", *(issued(name) for name in NAMES), wake_on=FEB_15)
    assert [
        (row.account_id, row.is_large)
        for shard in range(SHARDS)
        for row in accounts.due(shard, FEB_15)
    ] == [("HUGE", True)]
    noticed = run(accounts, "HUGE", FEB_15).account
    (notice,) = noticed.notices.values()
    assert len(notice.invoice_ids) == HUGE
    assert accounts.load("HUGE").account == noticed
    book(accounts, "HUGE", NoticeCounted(FEB_15, notice.id))
    charged = run(accounts, "HUGE", MAR_1).account
    assert all(invoice.charges for invoice in charged.invoices.values())
    waiting = [row for n in range(SHARDS) for row in accounts.statements_due(n, date.max)]
    assert [(row.account_id, row.is_large) for row in waiting] == [("HUGE", True)]
    with pytest.raises(Killed), calls(tables.table, kill_before=60):
        book(accounts, "HUGE", paid("P1", HUGE * 100_00, on=MAR_15))
    settled = tables.another().load("HUGE").account
    assert sum(invoice.open_minor for invoice in settled.invoices.values()) == 0
    assert len(settled.money["payment:P1"].allocations) == HUGE
    assert settled.unapplied == {"USD": 0}


@pytest.mark.slow
def test_a_large_account_costs_no_more_to_change_a_little(tables: TableStore) -> None:
    accounts = tables.accounts
    book(accounts, "BIG", *(issued(name) for name in NAMES[:1_500]))
    fact = paid("P1", 100_00, NAMES[7])
    loaded = accounts.load("BIG", [fact])
    with metered(tables.table) as usage:
        accounts.commit(booked(loaded, [fact]))
    requests, _, write_units = usage.total
    assert requests == 1
    assert write_units <= 20


def together(tries: int, task: Callable[[int], bool]) -> list[bool]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(task, range(tries)))


def test_of_many_writers_of_one_version_exactly_one_wins(tables: TableStore) -> None:
    loaded = book(tables.accounts, "A1", issued("I1"))
    stores = [tables.another() for _ in range(8)]

    def write(number: int) -> bool:
        try:
            stores[number % 8].commit(decided(loaded, FEB_15))
        except StaleVersionError:
            return False
        return True

    assert sum(together(24, write)) == 1
    assert tables.accounts.load("A1").version == 2
    assert [effect.kind for effect in tables.log("A1")[1]] == ["stage", "notice", "case_opened"]


def test_no_payment_is_lost_or_booked_twice_by_racing_writers(tables: TableStore) -> None:
    book(tables.accounts, "A1", *(issued(f"I{number}") for number in range(6)))

    def pay(number: int) -> bool:
        fact = paid(f"P{number % 12}", 40_00)
        for _ in range(100):
            try:
                book(tables.accounts, "A1", fact)
            except StaleVersionError:
                continue
            return True
        return False

    assert all(together(24, pay))
    account = tables.accounts.load("A1").account
    assert account.totals["USD"]["payment"] == 12 * 40_00
    assert sum(invoice.open_minor for invoice in account.invoices.values()) == 120_00
    assert [entry.kind for entry in tables.log("A1")[0]].count("payment") == 12


def test_loaders_finish_a_large_change_together_and_once(tables: TableStore) -> None:
    book(tables.accounts, "A1", *(issued(name) for name in NAMES[:600]))
    loaded = tables.accounts.load("A1")
    with pytest.raises(Killed), calls(tables.table, kill_before=3):
        tables.another().commit(decided(loaded, FEB_15))
    found: list[Loaded] = []

    def load(number: int) -> bool:
        found.append(tables.another().load("A1"))
        return number >= 0

    together(8, load)
    expected = live_of(decided(loaded, FEB_15).after)
    assert all(other.account == expected for other in found)
    assert len({other.version for other in found}) == 1
    with pytest.raises(ConflictError):
        tables.accounts.commit(booked(loaded, [issued("LATE")]))
