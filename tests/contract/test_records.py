"""What every store of records does: values by book and name, written together or not at all."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random

import pytest
from chalicelib.core.errors import LimitError, StaleVersionError
from chalicelib.flows.ports import RunState
from chalicelib.flows.ports_registry import NEW, WRITES_MAX, Put, RecordKey, Records, Removal
from chalicelib.store.account_pages import DynamoAccountPages
from chalicelib.store.records import DynamoRecords

from tests.contract.store import MemoryStore, Store, TableStore, book, issued
from tests.fakes_registry import MemoryAccountPages, MemoryRecords

NOON = datetime(2024, 2, 15, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    on: date = date(2024, 1, 1)
    counts: tuple[int, ...] = ()


@pytest.fixture
def records(store: Store) -> Records:
    return DynamoRecords(store.table) if isinstance(store, TableStore) else MemoryRecords()


def key(name: str, of: str = "BOOK") -> RecordKey:
    return RecordKey(of, name)


def names(found: object) -> list[str]:
    assert isinstance(found, list)
    return [row.key.name for row in found]


def test_a_record_is_read_as_it_was_written(records: Records) -> None:
    note = Note("Grüße\n", date(2024, 2, 29), (1, 2))
    records.write(Put(key("a"), note, NEW))
    found = records.read(key("a"), Note)
    assert found is not None
    assert (found.value, found.revision, found.key) == (note, 1, key("a"))
    assert records.read(key("b"), Note) is None
    assert records.read(key("a", "OTHER"), Note) is None


def test_a_large_record_is_read_as_it_was_written(records: Records) -> None:
    note = Note("a line of a document\n" * 5_000)
    records.write(Put(key("a"), note))
    found = records.read(key("a"), Note)
    assert found is not None
    assert found.value == note


def test_a_record_is_changed_only_as_it_was_read(records: Records) -> None:
    records.write(Put(key("a"), Note("one"), NEW))
    records.write(Put(key("a"), Note("two"), 1))
    for was in (NEW, 1, 3):
        with pytest.raises(StaleVersionError, match="a was changed"):
            records.write(Put(key("a"), Note("three"), was))
    found = records.read(key("a"), Note)
    assert found is not None
    assert (found.value.text, found.revision) == ("two", 2)


def test_a_record_is_not_changed_that_is_not_there(records: Records) -> None:
    with pytest.raises(StaleVersionError):
        records.write(Put(key("a"), Note("one"), 1))


def test_records_are_written_together_or_not_at_all(records: Records) -> None:
    records.write(Put(key("a"), Note("one"), NEW))
    with pytest.raises(StaleVersionError, match="a was changed"):
        records.write(Put(key("b"), Note("new"), NEW), Put(key("a"), Note("two"), NEW))
    assert records.read(key("b"), Note) is None
    records.write(Put(key("b"), Note("new"), NEW, NOON), Put(key("a"), Note("two"), 1))
    assert names(list(records.list("BOOK", Note))) == ["a", "b"]


def test_a_record_is_taken_away_with_what_is_written_or_not_at_all(records: Records) -> None:
    records.write(Put(key("a"), Note("one"), NEW), Put(key("b"), Note("one"), NEW))
    with pytest.raises(StaleVersionError, match="b was changed"):
        records.write(Put(key("b"), Note("two"), 7), Removal(key("a")))
    assert names(list(records.list("BOOK", Note))) == ["a", "b"]
    records.write(Put(key("b"), Note("two"), 1), Removal(key("a")))
    assert names(list(records.list("BOOK", Note))) == ["b"]
    assert records.read(key("a"), Note) is None


def test_what_is_not_there_may_be_taken_away(records: Records) -> None:
    records.write(Removal(key("a")), Put(key("b"), Note("one"), NEW))
    assert names(list(records.list("BOOK", Note))) == ["b"]


def test_too_many_records_are_refused_at_once(records: Records) -> None:
    with pytest.raises(LimitError, match="25 records"):
        records.write(*(Put(key(f"{n:03}"), Note("x")) for n in range(WRITES_MAX + 1)))


def test_a_book_is_listed_by_name_page_by_page(records: Records) -> None:
    records.write(*(Put(key(name), Note(name)) for name in ("b1", "a", "b2", "c", "b3")))
    records.write(Put(key("z", "OTHER"), Note("z")))
    assert names(list(records.list("BOOK", Note))) == ["a", "b1", "b2", "b3", "c"]
    assert names(list(records.list("BOOK", Note, most=2))) == ["a", "b1"]
    assert names(list(records.list("BOOK", Note, after="b1", most=2))) == ["b2", "b3"]
    assert names(list(records.list("BOOK", Note, prefix="b"))) == ["b1", "b2", "b3"]
    assert names(list(records.list("BOOK", Note, prefix="b", after="b2"))) == ["b3"]
    assert list(records.list("NONE", Note)) == []


def test_a_book_is_listed_newest_first(records: Records) -> None:
    records.write(*(Put(key(name), Note(name)) for name in ("b1", "a", "b2", "c")))
    newest = records.list("BOOK", Note, newest_first=True, most=2)
    assert names(list(newest)) == ["c", "b2"]
    assert names(list(records.list("BOOK", Note, newest_first=True, after="b2"))) == ["b1", "a"]
    assert names(list(records.list("BOOK", Note, newest_first=True, prefix="b"))) == ["b2", "b1"]


@pytest.mark.parametrize("tables", ["moto"], indirect=True)  # none of its calls reaches a table
def test_a_record_that_is_too_large_is_refused(tables: TableStore) -> None:
    records = DynamoRecords(tables.table)
    chance = Random(7)
    incompressible = Note("", counts=tuple(chance.randrange(10**15) for _ in range(90_000)))
    with pytest.raises(LimitError, match="380000 bytes"):
        records.write(Put(key("a"), incompressible))


def test_every_account_is_in_one_page(store: Store) -> None:
    accounts = {f"A{number}" for number in range(7)}
    for account_id in accounts:
        book(store.accounts, account_id, issued(f"I-{account_id}"))
    pages = (
        DynamoAccountPages(store.table)
        if isinstance(store, TableStore)
        else MemoryAccountPages(store.accounts.kept if isinstance(store, MemoryStore) else {})
    )
    found: list[str] = []
    ids, mark = pages.account_page("", 3)
    found.extend(ids)
    while mark:
        ids, mark = pages.account_page(mark, 3)
        found.extend(ids)
    assert sorted(found) == sorted(accounts)


def test_a_run_is_listed_whether_it_was_let_go_or_not(store: Store) -> None:
    for day, state in ((4, "running"), (5, "waiting"), (6, "refused")):
        store.registry.put_run(RunState(date(2024, 3, day), state, day))
    found = store.registry.all_runs(date(2024, 3, 6), 8)
    assert [run.accounts_due for run in found] == [5, 4]
    assert len(store.registry.all_runs(date(2025, 1, 1), 2)) == 2
