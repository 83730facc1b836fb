"""The feed under 16 writers, two that number and one that reads: complete, in order, without a gap."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event

import pytest
from chalicelib.flows.ports_agency import FeedEvent
from chalicelib.store.ledger import DynamoAccounts
from chalicelib.store.tables import Table
from chalicelib.store.writes import Limits

from tests.contract.placed import ACME, AT, agencies_of, hand_over, number_all, suppressed, tell
from tests.contract.store import SHARDS, TableStore

WRITERS = 16
LINES = (2, 27, 1)  # of each change of an account; some are beyond what one row holds
IN_CHUNKS = Limits(actions=3, part_bytes=700, parts_per_write=2)
PAUSE_S = 0.05  # of who looks for work, so that writers come to theirs


class Race:
    """What goes on at once over one table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.written, self.numbered = Event(), Event()

    def write(self, number: int) -> None:
        """Change an account; every fourth in chunks, as one of 10,000 invoices would be."""
        limits = Limits() if number % 4 else IN_CHUNKS
        accounts = DynamoAccounts(self.table, SHARDS, sleep=lambda _: None, limits=limits)
        hand_over(accounts, f"A{number}", ACME)
        for change, lines in enumerate(LINES):
            tell(accounts, f"A{number}", *range(100 * change, 100 * change + lines))

    def number(self) -> None:
        """Number as the worker does: look, then number what was seen."""
        shelf = agencies_of(TableStore(self.table)).shelf(ACME)
        while not self.written.wait(PAUSE_S):
            with suppressed():
                shelf.number(AT, 60, {line.id for line in shelf.waiting(60)})
        number_all(shelf)

    def read(self) -> list[FeedEvent]:
        """Pull what is not acknowledged, and acknowledge two of three pages, until all is."""
        shelf = agencies_of(TableStore(self.table)).shelf(ACME)
        pulled: list[FeedEvent] = []
        pages = 0
        while True:
            is_last = self.numbered.wait(PAUSE_S)
            state = shelf.feed_state()
            if is_last and state.acknowledged == state.last:
                return pulled
            page = shelf.feed(state.acknowledged, 50)
            pulled.extend(page)
            pages += bool(page)
            if page and pages % 3:
                shelf.acknowledge(page[-1].sequence, AT)


def run(race: Race) -> list[FeedEvent]:
    """Return what the reader pulled while all wrote and numbered."""
    with ThreadPoolExecutor(WRITERS + 3) as pool:
        reading = pool.submit(race.read)
        numbering = [pool.submit(race.number) for _ in range(2)]
        writing = [pool.submit(race.write, number) for number in range(WRITERS)]
        wait(writing)
        race.written.set()
        wait(numbering)
        race.numbered.set()
        for one in (*writing, *numbering):
            one.result()
        return reading.result()


def by_account(events: Sequence[FeedEvent]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for event in events:
        found[event.line.account_id].append(event.line.ref)
    return dict(found)


@pytest.mark.emulator
@pytest.mark.parametrize("tables", ["emulator"], indirect=True)
def test_every_line_of_sixteen_writers_gets_one_number_in_its_accounts_order(
    tables: TableStore,
) -> None:
    pulled = run(Race(tables.table))

    events = agencies_of(tables).shelf(ACME).feed(0, 10_000)
    refs = [f"P{100 * change + n}" for change, lines in enumerate(LINES) for n in range(lines)]
    assert by_account(events) == {f"A{number}": refs for number in range(WRITERS)}
    assert [event.sequence for event in events] == list(range(1, WRITERS * len(refs) + 1))
    assert len({event.line.id for event in events}) == len(events)
    # At least once: some came again, none is missing, and under a number stands one event only.
    assert {(event.sequence, event.line) for event in pulled} == {
        (event.sequence, event.line) for event in events
    }
    assert len(pulled) > len(events)
