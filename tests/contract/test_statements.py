"""Who waits for a statement: a row of the account's own, apart from the wake list (R5.1, R13.1)."""

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.flows.ports import Accounts, Change, DueAccount
from chalicelib.store import keys
from chalicelib.store.meter import metered
from chalicelib.store.reads import query_all

from tests.contract.store import SHARDS, Store, TableStore, book, issued, paid, run

# The invoice was due on Wednesday 31 January: statements go on 1 February (a Thursday), and Mondays.
JAN_29, FEB_1, FEB_5 = date(2024, 1, 29), date(2024, 2, 1), date(2024, 2, 5)


def waiting(accounts: Accounts, day: date) -> list[DueAccount]:
    return [row for shard in range(SHARDS) for row in accounts.statements_due(shard, day)]


def counted(accounts: Accounts, day: date) -> int:
    return sum(accounts.count_statements_due(shard, day) for shard in range(SHARDS))


def rows_of(store: TableStore) -> list[str]:
    items = query_all(store.table, keys.live("A1"))
    return [item.sk for item in items if item.sk.startswith(keys.STATEMENT)]


def test_an_account_waits_for_its_statement_apart_from_the_wake_list(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    loaded = run(store.accounts, "A1", JAN_29)
    store.accounts.commit(Change(loaded, loaded.account, FEB_5 + timedelta(days=20)))

    assert waiting(store.accounts, FEB_1 - timedelta(days=1)) == []
    assert waiting(store.accounts, FEB_5) == [DueAccount("A1", FEB_1, "")]
    assert counted(store.accounts, FEB_1) == 1
    assert sum(store.accounts.count_due(shard, FEB_5) for shard in range(SHARDS)) == 0
    assert store.accounts.load("A1").account.statement_on == FEB_1


def test_the_day_moves_with_the_decision_and_goes_when_nothing_is_open(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))
    run(store.accounts, "A1", JAN_29, FEB_1)
    assert waiting(store.accounts, FEB_1) == []
    assert [row.wake_on for row in waiting(store.accounts, FEB_5)] == [FEB_5]

    book(store.accounts, "A1", paid("P1", 100_00, "I1", on=FEB_5))
    run(store.accounts, "A1", FEB_5)

    assert waiting(store.accounts, date.max) == []
    assert store.accounts.load("A1").account.statement_on is None


def test_the_oldest_day_comes_first(store: Store) -> None:
    for number in range(12):
        loaded = book(store.accounts, f"A{number}", issued("I1"))
        day = FEB_5 - timedelta(days=number * 5 % 12)
        after = replace(loaded.account, statement_on=day)
        store.accounts.commit(Change(loaded, after, None))
    for shard in range(SHARDS):
        days = [row.wake_on for row in store.accounts.statements_due(shard, FEB_5)]
        assert days == sorted(days)
    assert counted(store.accounts, FEB_5) == 12


def test_an_account_has_one_row_for_its_statement_and_none_when_it_waits_for_none(
    tables: TableStore,
) -> None:
    book(tables.accounts, "A1", issued("I1"))
    run(tables.accounts, "A1", JAN_29)
    run(tables.accounts, "A1", FEB_1)
    assert rows_of(tables) == ["STMT"]

    book(tables.accounts, "A1", paid("P1", 100_00, "I1", on=FEB_5))
    run(tables.accounts, "A1", FEB_5)
    assert rows_of(tables) == []


def test_where_nobody_waits_a_shard_costs_one_query(tables: TableStore) -> None:
    book(tables.accounts, "A1", issued("I1"), wake_on=FEB_1)
    with metered(tables.table) as usage:
        assert list(tables.accounts.statements_due(0, FEB_5)) == []
    assert usage.requests == {"Query": 1}
