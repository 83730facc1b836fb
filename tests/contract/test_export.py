"""The export feed: every line once under one number, in order, whoever numbers and whatever crashes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.core.effects import Entry
from chalicelib.core.errors import UnavailableError
from chalicelib.core.export_lines import ExportLine
from chalicelib.core.facts import ChargeWaived, InvoiceVoided, NoticeCounted
from chalicelib.flows.export_feed import LedgerExport
from chalicelib.flows.ports import Change
from chalicelib.flows.ports_export import ExportFeed
from chalicelib.store.export_feed import LINES_MAX, DynamoExportFeed, placed
from chalicelib.store.writes import Limits

from tests.contract.faults import Killed, calls
from tests.contract.store import SHARDS, MemoryStore, Store, TableStore, book, decided, issued, run
from tests.fakes_export import MemoryExportFeed

FEB_1, FEB_15 = date(2024, 2, 1), date(2024, 2, 15)
MAR_1 = date(2024, 3, 1)


def feed_of(store: Store) -> ExportFeed:
    if isinstance(store, MemoryStore):
        return MemoryExportFeed(store.accounts)
    assert isinstance(store, TableStore)
    return DynamoExportFeed(store.table, SHARDS)


def charge(store: Store, account_id: str = "A1", *invoices: str) -> None:
    """Let an account come to its first late fee on 1 March."""
    book(store.accounts, account_id, *(issued(name) for name in invoices or ("I1",)), wake_on=FEB_1)
    run(store.accounts, account_id, FEB_1, FEB_15)
    book(store.accounts, account_id, NoticeCounted(FEB_15, f"{account_id}:USD:{FEB_15}"))
    run(store.accounts, account_id, MAR_1)


def told(lines: Sequence[ExportLine]) -> list[tuple[int, str, str, int]]:
    return [(line.sequence, line.kind, line.charge_id, line.amount_minor) for line in lines]


def test_a_charge_its_waiver_and_what_a_void_cancels_come_in_their_order(store: Store) -> None:
    charge(store, "A1", "I1", "I2")
    first, second = (f"I{n}:late_fee_30:percent" for n in (1, 2))
    book(store.accounts, "A1", ChargeWaived(MAR_1, "I1", first, "goodwill"))
    book(store.accounts, "A1", InvoiceVoided(MAR_1, "I2"))

    page = LedgerExport(feed_of(store)).read(0, 50)

    assert told(page.lines) == [
        (1, "charge", first, 1_50),
        (2, "charge", second, 1_50),
        (3, "waiver", first, 1_50),
        (4, "charge_cancelled", second, 1_50),
    ]
    line = page.lines[0]
    assert (line.id, line.account_id, line.stage, line.charge, line.currency, line.on) == (
        first, "A1", "late_fee_30", "percent", "USD", MAR_1,
    )  # fmt: skip
    assert page.lines[2].reason == "goodwill"


def test_a_reader_goes_on_where_it_was_and_keeps_its_place_at_the_end(store: Store) -> None:
    for number in range(3):
        charge(store, f"A{number}")
    export = LedgerExport(feed_of(store))

    pages = [export.read(0, 2), export.read(2, 2), export.read(3, 2)]

    assert [len(page.lines) for page in pages] == [2, 1, 0]
    assert [page.next_after for page in pages] == [2, 3, 3]
    assert export.read(0, 50).lines == [*pages[0].lines, *pages[1].lines]


def test_what_comes_later_gets_later_numbers_and_old_ones_stay(store: Store) -> None:
    charge(store, "A2")
    export = LedgerExport(feed_of(store))
    before = export.read(0, 50).lines

    charge(store, "A1")
    after = export.read(0, 50).lines

    assert after[: len(before)] == list(before)
    assert [line.account_id for line in after] == ["A2", "A1"]


def test_a_change_without_charges_writes_no_line(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"), wake_on=FEB_1)

    assert feed_of(store).number(50) == 0


@pytest.mark.parametrize("tables", ["moto"], indirect=True)
def test_a_row_that_was_not_seen_yet_hides_what_stands_behind_it(tables: TableStore) -> None:
    for number in range(3):
        charge(tables, f"A{number}")
    feed = feed_of(tables)
    feed.number(50)
    tables.table.get("E#FEED", "LINE#000000000000002").delete()

    assert [line.sequence for line in feed.after(0, 50)] == [1]
    assert [line.sequence for line in feed.after(2, 50)] == [3]


def many_lines(store: Store, count: int) -> None:
    """One change with so many charges."""
    loaded = store.accounts.load("A1")
    entries = [
        Entry("charge", FEB_1, FEB_1, "USD", n, f"I{n}:fee", f"I{n}", f"I{n}:fee")
        for n in range(1, count + 1)
    ]
    store.accounts.commit(Change(loaded, loaded.account, FEB_1, entries))


def test_a_change_of_many_charges_is_read_page_by_page(store: Store) -> None:
    count = 2 * LINES_MAX + 7
    many_lines(store, count)
    export = LedgerExport(feed_of(store))

    seen: list[int] = []
    after = 0
    while page := export.read(after, 60).lines:
        seen.extend(line.amount_minor for line in page)
        after = page[-1].sequence

    assert seen == list(range(1, count + 1))
    assert after == count


def test_a_decision_that_is_only_stored_comes_to_the_feed_when_it_is_finished(
    tables: TableStore,
) -> None:
    table = TableStore(tables.table, Limits(actions=6, part_bytes=700, parts_per_write=2))
    book(table.accounts, "A1", *(issued(f"I{n}") for n in range(4)), wake_on=FEB_1)
    run(table.accounts, "A1", FEB_1, FEB_15)
    book(table.accounts, "A1", NoticeCounted(FEB_15, f"A1:USD:{FEB_15}"))
    change = decided(table.accounts.load("A1"), MAR_1)
    feed = feed_of(tables)

    table.accounts.commit(replace(change, finish_later=True))
    charge(table, "A2")
    feed.number(50)
    meanwhile = feed.after(0, 200)
    table.accounts.load("A1")
    feed.number(50)

    lines = feed.after(0, 200)
    assert [line.account_id for line in meanwhile] == ["A2"]
    assert [line.account_id for line in lines] == ["A2", *["A1"] * 4]
    assert [line.sequence for line in lines] == [1, 2, 3, 4, 5]


def test_two_that_number_at_once_give_each_line_one_number(store: Store) -> None:
    for number in range(8):
        charge(store, f"A{number}")
    feeds = [feed_of(store) for _ in range(2)]
    if isinstance(store, MemoryStore):
        feeds = feeds[:1] * 2
    stale = [
        [feed.sequencer.waiting(f"E#{n:02d}", 30) for n in range(SHARDS)] for feed in dynamo(feeds)
    ]

    for feed in feeds:
        while feed.number(3):
            pass
    for feed, shards in zip(dynamo(feeds), stale, strict=True):
        for number, rows in enumerate(shards):
            if rows:
                assert feed.sequencer.take(f"E#{number:02d}", rows, placed) == 0

    lines = feeds[0].after(0, 200)
    assert [line.sequence for line in lines] == list(range(1, 9))
    assert len({line.id + line.account_id for line in lines}) == 8


def dynamo(feeds: Sequence[ExportFeed]) -> list[DynamoExportFeed]:
    return [feed for feed in feeds if isinstance(feed, DynamoExportFeed)]


@pytest.mark.emulator
@pytest.mark.parametrize("tables", ["emulator"], indirect=True)
def test_threads_that_charge_and_number_lose_nothing_and_double_nothing(tables: TableStore) -> None:
    names = [f"A{number}" for number in range(8)]

    def charges(name: str) -> None:
        charge(TableStore(tables.table), name, "I1", "I2")

    def numbers(_: int) -> None:
        feed = DynamoExportFeed(tables.table, SHARDS)
        for _ in range(15):
            try:
                feed.number(7)
            except UnavailableError:
                continue

    with ThreadPoolExecutor(7) as pool:
        list(pool.map(lambda job: job(), [*tasks(charges, names), *tasks(numbers, range(3))]))
    feed = DynamoExportFeed(tables.table, SHARDS)
    while feed.number(50):
        pass

    lines = feed.after(0, 200)
    assert [line.sequence for line in lines] == list(range(1, 17))
    assert len({(line.account_id, line.id) for line in lines}) == 16


def tasks(work: Callable[[Any], None], over: Sequence[Any]) -> list[Callable[[], None]]:
    return [lambda one=one: work(one) for one in over]  # type: ignore[misc]  # a bound default


@pytest.mark.emulator
@pytest.mark.parametrize("tables", ["emulator"], indirect=True)
@pytest.mark.parametrize("wrong", ["kill_before", "lose_reply_of"])
def test_a_crash_or_a_lost_reply_at_any_call_loses_and_doubles_no_line(
    tables: TableStore, wrong: str
) -> None:
    for call in range(100):
        charge(tables, f"A{call}")
        with calls(tables.table, **{wrong: call}) as seen, suppress(Killed, UnavailableError):
            DynamoExportFeed(tables.table, SHARDS).number(50)
        if seen.count < call:
            break
    feed = DynamoExportFeed(tables.table, SHARDS)
    feed.number(50)

    lines = feed.after(0, 200)
    assert call > 8
    assert [line.sequence for line in lines] == list(range(1, call + 2))
    assert len({line.account_id for line in lines}) == call + 1
