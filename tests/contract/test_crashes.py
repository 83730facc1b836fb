"""A crash between any two calls, a lost reply of any call: the next try ends as if nothing was."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from chalicelib.core.errors import StaleVersionError, UnavailableError
from chalicelib.core.facts import Fact
from chalicelib.store import keys
from chalicelib.store.reads import query_all
from chalicelib.store.writes import Limits

from tests.contract.faults import Killed, calls
from tests.contract.store import SHARDS, TableStore, book, booked, decided, forget, issued, paid

FEB_1, FEB_15 = date(2024, 2, 1), date(2024, 2, 15)
FAR = datetime(2030, 1, 1, tzinfo=UTC)
MANY = 12  # invoices: more than one transaction takes under these limits
SMALL = Limits(actions=8, part_bytes=600, parts_per_write=3)
Step = Callable[[TableStore, str], None]
# Each story breaks at each of its many calls: on the emulator only, moto takes two to four times as
# long. What follows the stories breaks on both.
EMULATOR = pytest.mark.parametrize("tables", ["emulator"], indirect=True)


def pay(store: TableStore, name: str) -> None:
    """One payment, that closes an invoice."""
    book(store.another(), name, paid("P1", 150_00), wake_on=FEB_1)


def take_in_many(store: TableStore, name: str) -> None:
    """Many invoices come in at once."""
    facts: list[Fact] = [issued(f"N{n:03}") for n in range(MANY)]
    book(store.another(), name, *facts, wake_on=FEB_1)


def decide_it(store: TableStore, name: str) -> None:
    """A decision, as a worker takes it: not again once it was taken."""
    accounts = store.another()
    loaded = accounts.load(name)
    if loaded.account.last_decided_on != FEB_15:
        accounts.commit(decided(loaded, FEB_15))


def nothing(store: TableStore, name: str) -> None:
    """The account is not there yet."""


def with_two(store: TableStore, name: str) -> None:
    """An account with two invoices."""
    book(store.another(), name, issued("I1"), issued("I2"))


def with_many(store: TableStore, name: str) -> None:
    """An account with many invoices."""
    accounts = TableStore(store.table).accounts
    book(accounts, name, *(issued(f"I{number:03}") for number in range(MANY)))


STORIES: dict[str, tuple[Step, Step]] = {
    "a payment": (with_two, pay),
    "an import into nothing": (nothing, take_in_many),
    "an import": (with_two, take_in_many),
    "a decision": (with_two, decide_it),
    "a large decision": (with_many, decide_it),
}


@pytest.fixture
def small(tables: TableStore) -> TableStore:
    """A store whose transactions hold little, so that small changes are large ones."""
    return TableStore(tables.table, SMALL)


@pytest.fixture(params=STORIES)
def story(request: pytest.FixtureRequest) -> tuple[Step, Step]:
    """What was before, and what is done when it happens."""
    return STORIES[request.param]


def told(store: TableStore, name: str) -> str:
    """All that can be told of an account, but for its versions and its name."""
    loaded = store.another().load(name)
    outbox = [row for who, row in store.accounts.outbox_before(FAR) if who == name]
    runs = [row for who, row in store.accounts.run_rows(FEB_15) if who == name]
    everything = (loaded.account, loaded.wake_on, store.log(name), outbox, runs)
    left = [item.sk for item in query_all(store.table, keys.live(name))]
    return repr((everything, left)).replace(name, "NAME")


def without_faults(small: TableStore, before: Step, step: Step) -> tuple[str, int]:
    """What a story ends with, and how many calls it makes."""
    before(small, "WELL")
    with calls(small.table) as seen:
        step(small, "WELL")
    return told(small, "WELL"), seen.count


@pytest.mark.emulator
@EMULATOR
def test_a_crash_before_any_call_ends_as_if_it_had_not_been(
    small: TableStore, story: tuple[Step, Step]
) -> None:
    before, step = story
    expected, count = without_faults(small, before, step)
    for number in range(count):
        name = f"CRASH{number}"
        before(small, name)
        with pytest.raises(Killed), calls(small.table, kill_before=number):
            step(small, name)
        step(small, name)
        assert told(small, name) == expected, f"killed before call {number} of {count}"
        forget(small, name)


@pytest.mark.emulator
@EMULATOR
def test_a_lost_reply_of_any_call_ends_as_if_it_had_come(
    small: TableStore, story: tuple[Step, Step]
) -> None:
    before, step = story
    expected, count = without_faults(small, before, step)
    for number in range(count):
        name = f"LOST{number}"
        before(small, name)
        with calls(small.table, lose_reply_of=number):
            try:
                step(small, name)
            except UnavailableError:
                step(small, name)
        assert told(small, name) == expected, f"reply {number} of {count} was lost"
        forget(small, name)


def test_a_lost_reply_of_a_commit_is_found_out_at_once(small: TableStore) -> None:
    with_two(small, "A1")
    change = booked(small.accounts.load("A1"), [paid("P1", 100_00)])
    with calls(small.table, lose_reply_of=0) as seen:
        assert small.accounts.commit(change).version == 2
    assert seen.operations == ["TransactWriteItems", "GetItem"]


def test_a_large_change_that_was_stored_is_due_at_once(small: TableStore) -> None:
    with pytest.raises(Killed), calls(small.table, kill_before=6):
        take_in_many(small, "A1")
    due = [row.account_id for shard in range(SHARDS) for row in small.accounts.due(shard, FEB_1)]
    assert due == ["A1"]


def stored_only(small: TableStore) -> None:
    """An account whose large change was stored whole, and not one chunk of it written."""
    with_many(small, "A1")
    for number in range(100):
        with pytest.raises(Killed), calls(small.table, kill_before=number):
            decide_it(small, "A1")
        mark: Any = small.table.get(keys.live("A1"), keys.HEAD).unfinished
        if mark and mark["stored"] == mark["parts"]:
            return


def test_no_booking_enters_an_unfinished_change(small: TableStore) -> None:
    with_many(small, "A1")
    early = small.accounts.load("A1")
    stored_only(small)
    with pytest.raises(StaleVersionError):
        small.accounts.commit(booked(early, [issued("LATE")]))


def test_whoever_loads_the_account_finishes_the_change_first(small: TableStore) -> None:
    stored_only(small)
    assert small.another().load("A1").account.last_decided_on == FEB_15


def test_the_notice_and_its_outbox_row_come_last(small: TableStore) -> None:
    stored_only(small)
    seen: list[tuple[int, int]] = []
    for _ in range(100):
        # One chunk at a time: the head twice, the parts, a chunk.
        with suppress(Killed), calls(small.table, kill_before=4):
            small.another().load("A1")
        live = query_all(small.table, keys.live("A1"))
        staged = sum("applied" in item.value() for item in live if item.sk.startswith("INV#"))
        outbox = len(query_all(small.table, keys.outbox("A1")))
        seen.append((staged, outbox))
        if not any(item.sk.startswith(keys.DECISION) for item in live):
            break
    assert seen[-1] == (MANY, 1)
    assert all(staged == MANY for staged, outbox in seen if outbox)
    assert any(0 < staged < MANY for staged, _ in seen)
