"""Agencies and their feeds: numbers without a gap, in order, and nothing of another agency."""

from dataclasses import replace
from datetime import timedelta

import pytest
from chalicelib.core.errors import InvalidInputError, LimitError, NotFoundError
from chalicelib.flows.ports import Change
from chalicelib.flows.ports_agency import AGENCIES_MAX, ROW_LINES_MAX, Agency, FeedState
from chalicelib.store.ledger import DynamoAccounts
from chalicelib.store.placement_reads import DynamoPlacementReads
from chalicelib.store.writes import Limits

from tests.contract.placed import (
    ACME,
    AT,
    OTHER,
    agencies_of,
    hand_over,
    number_all,
    placement,
    tell,
    telling,
    told,
)
from tests.contract.store import SHARDS, MemoryStore, Store, TableStore
from tests.fakes_agency import MemoryPlacementReads

LATER = AT + timedelta(hours=2)
both = pytest.mark.parametrize("store", ["memory", "moto"], indirect=True)


@both
def test_an_agency_is_kept_and_changed_and_says_how_it_remits(store: Store) -> None:
    agencies = agencies_of(store)
    acme = Agency(ACME, "Acme Collections", AT, "desk@acme.example")
    agencies.put(Agency(OTHER, "Other", AT, is_active=False))
    agencies.put(acme)
    unchanged = agencies.shelf(ACME).remit()

    agencies.put(replace(acme, remit="net"))

    assert agencies.get(ACME) == replace(acme, remit="net")
    assert [one.id for one in agencies.all()] == [ACME, OTHER]
    assert [unchanged, agencies.shelf(ACME).remit()] == ["gross", "net"]


@both
@pytest.mark.parametrize("name", ["", "Acme", "a#b", "acme/..", "a" * 21, "acme\n"])
def test_what_no_agency_can_be_called_opens_no_partition(store: Store, name: str) -> None:
    agencies = agencies_of(store)
    with pytest.raises(InvalidInputError):
        agencies.shelf(name)
    with pytest.raises(InvalidInputError):
        agencies.put(Agency(name, "Acme", AT))
    with pytest.raises(NotFoundError):
        agencies.get(name)


def test_there_are_at_most_a_hundred_agencies() -> None:
    agencies = agencies_of(MemoryStore())
    for number in range(AGENCIES_MAX):
        agencies.put(Agency(f"a{number}", "Acme", AT))
    agencies.put(Agency("a7", "Renamed", AT))
    with pytest.raises(LimitError):
        agencies.put(Agency("one-more", "Acme", AT))


def test_a_change_is_told_to_each_agency_that_it_concerns_and_numbered_once(store: Store) -> None:
    hand_over(store.accounts, "A1", ACME, OTHER)
    tell(store.accounts, "A1", 1, 2)
    tell(store.accounts, "A1", 3, agency=OTHER)
    tell(store.accounts, "A1", 4)
    acme, other = (agencies_of(store).shelf(name) for name in (ACME, OTHER))

    waits = [line.ref for line in acme.waiting(50)]
    numbered = [acme.number(AT, 50), acme.number(AT, 50), other.number(AT, 50)]

    assert waits == ["P1", "P2", "P4"]
    assert numbered == [3, 0, 1]
    assert told(acme.feed(0, 50)) == [(1, "A1", "P1"), (2, "A1", "P2"), (3, "A1", "P4")]
    assert told(other.feed(0, 50)) == [(1, "A1", "P3")]
    assert {event.at for event in acme.feed(0, 50)} == {AT}


def test_a_reader_goes_on_from_any_number(store: Store) -> None:
    hand_over(store.accounts, "A1", ACME)
    tell(store.accounts, "A1", *range(1, 6))
    shelf = agencies_of(store).shelf(ACME)
    shelf.number(AT, 50)
    tell(store.accounts, "A1", 6, 7)
    shelf.number(LATER, 50)

    pages = [[event.sequence for event in shelf.feed(after, 3)] for after in (0, 2, 4, 6, 7, 99)]

    assert pages == [[1, 2, 3], [3, 4, 5], [5, 6, 7], [7], [], []]


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
def test_a_row_that_was_not_seen_yet_hides_what_stands_behind_it(tables: TableStore) -> None:
    hand_over(tables.accounts, "A1", ACME)
    for number in range(3):
        tell(tables.accounts, "A1", number)
    shelf = agencies_of(tables).shelf(ACME)
    shelf.number(AT, 50)
    tables.table.get("G#acme", "FEED#000000000000002").delete()

    assert [event.sequence for event in shelf.feed(0, 50)] == [1]
    assert [event.sequence for event in shelf.feed(2, 50)] == [3]


@both
def test_what_came_after_a_look_waits_until_the_next(store: Store) -> None:
    hand_over(store.accounts, "A2", ACME)
    hand_over(store.accounts, "A1", ACME)
    tell(store.accounts, "A2", 1)
    shelf = agencies_of(store).shelf(ACME)
    seen = {line.id for line in shelf.waiting(50)}
    tell(store.accounts, "A1", 2)
    tell(store.accounts, "A2", 3)

    shelf.number(AT, 50, seen)
    first = told(shelf.feed(0, 50))
    number_all(shelf)

    assert first == [(1, "A2", "P1")]
    assert sorted(ref for _, _, ref in told(shelf.feed(1, 50))) == ["P2", "P3"]


@both
def test_a_change_of_many_lines_is_told_in_its_order_and_no_part_of_it_is_split(
    store: Store,
) -> None:
    count = 2 * ROW_LINES_MAX + 3
    hand_over(store.accounts, "A1", ACME)
    tell(store.accounts, "A1", *range(1, count + 1))
    shelf = agencies_of(store).shelf(ACME)

    assert len(shelf.waiting(1)) == ROW_LINES_MAX
    assert [shelf.number(AT, 10), shelf.number(AT, 30), shelf.number(AT, 30)] == [
        ROW_LINES_MAX, 28, 0
    ]  # fmt: skip
    assert [event.line.ref for event in shelf.feed(0, 100)] == [
        f"P{n}" for n in range(1, count + 1)
    ]


def test_an_acknowledgement_never_goes_back_and_never_beyond_the_last(store: Store) -> None:
    hand_over(store.accounts, "A1", ACME)
    tell(store.accounts, "A1", 1, 2)
    shelf = agencies_of(store).shelf(ACME)
    nothing = [shelf.feed_state(), shelf.acknowledge(5, AT)]
    shelf.number(AT, 50)
    tell(store.accounts, "A1", 3)
    shelf.number(LATER, 50)

    states = [
        shelf.feed_state(),
        shelf.acknowledge(1, LATER),
        shelf.acknowledge(0, LATER + timedelta(hours=1)),
        shelf.acknowledge(2, LATER),
        shelf.acknowledge(99, LATER),
        shelf.feed_state(),
    ]

    assert nothing == [FeedState(), FeedState()]
    assert states == [
        FeedState(3, 0, None, AT),
        FeedState(3, 1, LATER, AT),
        FeedState(3, 1, LATER, AT),
        FeedState(3, 2, LATER, LATER),
        FeedState(3, 3, LATER, None),
        FeedState(3, 3, LATER, None),
    ]


def test_two_that_number_at_once_give_each_line_one_number(store: Store) -> None:
    for name in ("A1", "A2"):
        hand_over(store.accounts, name, ACME)
        tell(store.accounts, name, 1)
        tell(store.accounts, name, 2)
    agencies = agencies_of(store)
    shelves = [agencies.shelf(ACME) for _ in range(2)]
    seen = [{line.id for line in shelf.waiting(50)} for shelf in shelves]

    numbered = [shelf.number(AT, 50, ids) for shelf, ids in zip(shelves, seen, strict=True)]

    assert numbered == [4, 0]
    assert [event.sequence for event in shelves[1].feed(0, 50)] == [1, 2, 3, 4]


def test_a_change_in_chunks_is_told_when_it_is_finished_and_hands_over_its_agency(
    tables: TableStore,
) -> None:
    handed: list[str] = []
    accounts = DynamoAccounts(
        tables.table, SHARDS, sleep=lambda _: None,
        limits=Limits(actions=4, part_bytes=700, parts_per_write=2), handed=handed.extend,
    )  # fmt: skip
    hand_over(accounts, "A1", ACME, OTHER)
    count = 4 * ROW_LINES_MAX
    change = telling(accounts.load("A1"), range(1, count + 1))
    shelf = agencies_of(tables).shelf(ACME)

    accounts.commit(replace(change, finish_later=True))
    before, waits = list(handed), shelf.waiting(50)
    loaded = accounts.load("A1")
    number_all(shelf)

    assert (before, list(waits)) == ([], [])
    assert handed == [ACME]
    assert [event.line.ref for event in shelf.feed(0, 200)] == [
        f"P{n}" for n in range(1, count + 1)
    ]
    assert [event.sequence for event in shelf.feed(0, 200)] == list(range(1, count + 1))
    accounts.commit(telling(loaded, [7]))
    assert handed == [ACME, ACME]


@both
def test_who_numbers_is_told_of_changes_with_lines_and_of_no_others(store: Store) -> None:
    handed: list[tuple[str, ...]] = []

    def note(agencies: object) -> None:
        handed.append(tuple(agencies))  # type: ignore[arg-type]  # a sequence

    accounts = store.accounts
    if isinstance(store, TableStore):
        accounts = DynamoAccounts(store.table, SHARDS, handed=note)
    elif isinstance(store, MemoryStore):
        store.accounts.handed = note
    hand_over(accounts, "A1", ACME, OTHER)
    loaded = accounts.load("A1")
    both_told = [*telling(loaded, [1]).effects, *telling(loaded, [2], OTHER).effects]

    accounts.commit(Change(loaded, loaded.account, None, effects=both_told))

    assert handed == [(ACME, OTHER)]


@both
def test_placements_are_found_by_their_state_page_by_page(store: Store) -> None:
    for name in ("A1", "A2", "A3"):
        hand_over(store.accounts, name, ACME)
    hand_over(store.accounts, "A4", ACME, state="offered")
    hand_over(store.accounts, "A5", ACME, state="closed")
    reads = (
        DynamoPlacementReads(store.table)
        if isinstance(store, TableStore)
        else MemoryPlacementReads(store.accounts)  # type: ignore[arg-type]  # the memory's
    )

    first = reads.in_state("active", "", 2)
    second = reads.in_state("active", first.mark or "", 2)

    assert [*first.rows, *second.rows] == [(n, placement(n)) for n in ("A1", "A2", "A3")]
    assert (len(first.rows), second.mark) == (2, None)
    assert [name for name, _ in reads.in_state("offered", "", 2).rows] == ["A4"]
    assert reads.in_state("closed", "", 2).rows == []
