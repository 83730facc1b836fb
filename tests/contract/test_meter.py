"""Capacity units counted from item sizes agree with what the emulator says of writes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from chalicelib.core.facts import NoticeCounted, PaymentReversed
from chalicelib.store.meter import metered
from chalicelib.store.tables import client_of
from chalicelib.store.writes import Limits

from tests.contract.store import SHARDS, TableStore, book, decided, issued, paid, run

FEB_1, FEB_15, MAR_1, MAR_15 = (
    date(2024, 2, 1), date(2024, 2, 15), date(2024, 3, 1), date(2024, 3, 15)
)  # fmt: skip


def live(store: TableStore) -> None:
    """A life of an account: everything is put, moved, removed, checked and indexed once."""
    accounts = store.another()
    book(accounts, "A1", issued("I1"), issued("I2"), issued("I3", 7_00), wake_on=FEB_1)
    run(accounts, "A1", FEB_1, FEB_15)
    book(accounts, "A1", NoticeCounted(FEB_15, "A1:USD:2024-02-15"))
    run(accounts, "A1", MAR_1)
    book(accounts, "A1", paid("P1", 100_00, "I1"), wake_on=MAR_1)
    book(accounts, "A1", PaymentReversed(MAR_15, "P1"), wake_on=None)
    for _, row in list(accounts.outbox_before(LATER)):
        accounts.delivered("A1", row.id)


LATER = datetime(2030, 1, 1, tzinfo=UTC)
LIMITS = {"at once": Limits(), "in chunks": Limits(actions=4, part_bytes=700, parts_per_write=2)}


@pytest.mark.emulator
@pytest.mark.parametrize("tables", ["emulator"], indirect=True)
@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
def test_write_units_are_those_the_emulator_reports(tables: TableStore, limits: Limits) -> None:
    reported: list[float] = []

    def listen(parsed: Any, model: Any, **_: Any) -> None:
        capacity = parsed.get("ConsumedCapacity")
        if model.name == "TransactWriteItems":
            reported.extend(table["CapacityUnits"] for table in capacity)
        elif model.name == "DeleteItem":
            reported.append(capacity["CapacityUnits"])

    events = client_of(tables.table).meta.events
    events.register("after-call.dynamodb", listen)
    with metered(tables.table) as usage:
        live(TableStore(tables.table, limits))
    events.unregister("after-call.dynamodb", listen)
    assert usage.total[2] == sum(reported)


def test_a_load_reads_the_head_and_one_page(tables: TableStore) -> None:
    book(tables.accounts, "A1", issued("I1"))
    with metered(tables.table) as usage:
        tables.accounts.load("A1")
    assert usage.total == (2, 2.0, 0.0)


def test_a_small_commit_is_one_request(tables: TableStore) -> None:
    book(tables.accounts, "A1", issued("I1"), issued("I2"))
    loaded = tables.accounts.load("A1")
    with metered(tables.table) as usage:
        tables.accounts.commit(decided(loaded, FEB_15))
    assert usage.requests == {"TransactWriteItems": 1}


def test_counting_who_is_due_costs_no_more_for_large_accounts(tables: TableStore) -> None:
    for name, size in (("A1", 1), ("A2", 30)):
        book(tables.accounts, name, *(issued(f"I{n}") for n in range(size)), wake_on=FEB_1)
    with metered(tables.table) as usage:
        counted = sum(tables.accounts.count_due(shard, FEB_1) for shard in range(SHARDS))
    assert counted == 2
    assert usage.total == (2 * SHARDS, SHARDS * 1.0, 0.0)


def test_what_happens_outside_is_not_counted(tables: TableStore) -> None:
    with metered(tables.table) as usage:
        pass
    tables.accounts.load("A1")
    assert usage.total == (0, 0.0, 0.0)
