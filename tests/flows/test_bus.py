"""What tells of changes: after them, patiently, and of nothing but them; and the page about it."""

from datetime import UTC, date, datetime
from pathlib import Path

import jsonschema_rs
import pytest
from chalicelib.core.bus_events_schema import events_schema
from chalicelib.core.bus_events_types import CATALOGUE
from chalicelib.flows.bus import REST_S, Teller
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
