"""What tells of changes: after them, patiently, and of nothing but them; and the page about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import jsonschema_rs
import pytest
from chalicelib.core.bus_events_schema import events_schema
from chalicelib.core.bus_events_types import CATALOGUE
from chalicelib.flows.bus import FAILURES_MAX, REST_S, TIME_S, TellAgain, Teller
from chalicelib.flows.bus_reference import example, reference
from chalicelib.flows.ports_events import BusEvent, EventRow, event_from
from chalicelib.store.ledger import EventTelling
from tests.contract.store import issued, run
from tests.fakes_events import MemoryBus, MemoryEventRows
from tests.fakes_store import MemoryAccounts
from tests.property.desk_acts import World

ROOT = Path(__file__).parent.parent.parent
AT = datetime(2024, 2, 1, 12, 0, 0, 5000, UTC)
EVENT = BusEvent("evt_1", "case.opened", AT, "A1", AT.date(), {"case_id": "A1-1"}, 3, 2)


def row(name: str) -> EventRow:
    return EventRow(name, "EVT#1", AT, (EVENT,))


class Times:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def times() -> Times:
    return Times()


def test_after_a_failure_commits_do_not_wait_for_the_bus_for_a_while() -> None:
    bus, times, heard = MemoryBus(), Times(), []
    rows = MemoryEventRows(MemoryAccounts())
    teller = Teller(bus, rows, times, lambda row, code: heard.append((row.account_id, code)))
    bus.is_down = True

    teller.tell([row("A1"), row("A2")])
    teller.tell([row("A3")])
    asked = bus.calls
    bus.is_down, times.now = False, REST_S
    teller.tell([row("A4")])

    assert (asked, bus.calls) == (1, 2)
    assert heard == [("A1", "unavailable")]
    assert bus.events == [EVENT]


class BarredRows(MemoryEventRows):
    """Rows that may not be removed: a right is missing, or the key is not to be had."""

    def told(self, row: EventRow) -> None:
        raise PermissionError("AccessDeniedException")


def test_whatever_fails_after_a_commit_is_only_told(times: Times) -> None:
    heard: list[str] = []
    rows = BarredRows(MemoryAccounts())
    teller = Teller(MemoryBus(), rows, times, lambda row, code: heard.append(code))

    teller.tell([row("A1")])

    assert heard == ["PermissionError"]


def backlog(rows: int, events: int) -> tuple[MemoryAccounts, MemoryEventRows]:
    """Rows of accounts whose events nobody told."""
    accounts = MemoryAccounts()
    for number in range(rows):
        name = f"A{number}"
        told = tuple(replace(EVENT, id=f"evt_{name}_{index}") for index in range(events))
        accounts.event_rows[name, "EVT#1"] = EventRow(name, "EVT#1", AT, told)
    return accounts, MemoryEventRows(accounts)


@dataclass
class SlowBus(MemoryBus):
    """A bus that takes its time for each call."""

    times: Times
    takes_s: float

    def __post_init__(self) -> None:
        super().__init__()

    def put(self, events: Sequence[BusEvent]) -> None:
        self.times.now += self.takes_s
        super().put(events)


def test_a_backlog_is_told_for_a_quarter_of_a_minute_and_then_left(times: Times) -> None:
    bus = SlowBus(times, takes_s=0.5)
    accounts, rows = backlog(rows=40, events=10)

    counts = TellAgain(bus, rows, lambda *_: None, times).tell(AT + timedelta(hours=1))

    assert times.now <= TIME_S + 0.5
    assert counts == {"events_told": 300}
    assert len(accounts.event_rows) == 10


def test_a_large_row_is_left_in_its_middle_when_time_is_up(times: Times) -> None:
    bus = SlowBus(times, takes_s=4)
    accounts, rows = backlog(rows=1, events=500)

    assert TellAgain(bus, rows, lambda *_: None, times).tell(AT + timedelta(hours=1)) == {}

    assert times.now <= TIME_S + 4
    assert len(accounts.event_rows) == 1  # it is told from its beginning in the next minute


class FlappingBus(MemoryBus):
    """A bus that fails every other time."""

    def put(self, events: Sequence[BusEvent]) -> None:
        self.is_down = not self.is_down
        super().put(events)


def test_a_bus_that_takes_one_and_refuses_the_next_is_left_alone_soon(times: Times) -> None:
    bus = FlappingBus()
    _, rows = backlog(rows=40, events=1)

    counts = TellAgain(bus, rows, lambda *_: None, times).tell(AT + timedelta(hours=1))

    assert counts["events_failed"] == FAILURES_MAX


def test_an_event_reads_back_as_it_was_told() -> None:
    assert event_from(EVENT.values()) == EVENT
    assert EVENT.values()["timestamp"] == "2024-02-01T12:00:00.005Z"


def test_what_is_decided_and_booked_is_told_in_the_order_of_its_changes() -> None:
    bus, accounts = MemoryBus(), MemoryAccounts()
    teller = Teller(bus, MemoryEventRows(accounts), lambda: 0.0, lambda *_: None)
    accounts.telling = EventTelling(lambda: AT, teller.tell)
    world = World(accounts=accounts)

    world.book(issued("I3"))
    run(accounts, "A", date(2024, 2, 15))

    types = bus.types
    assert types[0] == "account.created"
    assert types.index("stage.applied") < types.index("notice.created")
    order = [(event.account_version, event.index) for event in bus.events]
    assert order == sorted(order)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_pages_examples_are_as_the_schema_says(name: str) -> None:
    schema = {"$ref": f"#/$defs/{name}", "$defs": events_schema()["$defs"]}
    check = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)

    for whole in (False, True):
        check.validate(example(CATALOGUE[name], whole=whole))


def test_an_event_fits_one_type_of_the_schema_and_no_other() -> None:
    check = jsonschema_rs.Draft202012Validator(events_schema())

    assert check.is_valid(example(CATALOGUE["hold.placed"]))
    assert not check.is_valid(example(CATALOGUE["hold.placed"]) | {"type": "hold.broken"})
    assert not check.is_valid(example(CATALOGUE["hold.placed"]) | {"data": {}})


def test_the_page_is_in_step_with_the_catalogue() -> None:
    page = ROOT / "docs" / "events.md"

    assert page.read_text(encoding="utf-8") == reference(), "run: python scripts/event_reference.py"
