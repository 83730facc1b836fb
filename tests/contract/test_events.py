"""Events are written with the change that they tell of, and leave at least once, never for nothing."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest
from botocore.config import Config
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.errors import StaleVersionError
from chalicelib.core.facts import Fact
from chalicelib.flows.bus import AGAIN_AFTER, TellAgain, Teller
from chalicelib.flows.ports import Accounts, Change, Loaded
from chalicelib.flows.ports_events import BusEvent, EventRow, EventRows
from chalicelib.store.bus import BusError, EventBridgeBus
from chalicelib.store.event_rows import ROW_EVENTS_MAX, DynamoEventRows, Moment, event_rows
from chalicelib.store.ledger import DynamoAccounts, EventTelling, utc_day
from chalicelib.store.meter import metered
from chalicelib.store.writes import Limits
from local.cloud.emulator import REGION, Emulator

from tests.contract.faults import Killed, calls
from tests.contract.store import (
    SHARDS,
    MemoryStore,
    Store,
    TableStore,
    book,
    booked,
    issued,
    paid,
)
from tests.fakes_events import MemoryBus, MemoryEventRows

AT = datetime(2024, 2, 1, 12, tzinfo=UTC)
LATER = AT + AGAIN_AFTER + timedelta(seconds=1)


@dataclass
class Outlet:
    """A store whose changes are told on a bus in memory."""

    accounts: Accounts
    rows: EventRows
    bus: MemoryBus

    def waiting(self) -> list[EventRow]:
        return list(self.rows.waiting(datetime(2030, 1, 1, tzinfo=UTC)))

    def reconcile(self, now: datetime = LATER) -> dict[str, int]:
        return dict(TellAgain(self.bus, self.rows, lambda *_: None, lambda: 0.0).tell(now))


def outlet_of(
    store: Store,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    bus: MemoryBus | None = None,
    at: datetime = AT,
    day_of: Callable[[datetime], date] = utc_day,
) -> Outlet:
    bus = bus or MemoryBus()
    rows: EventRows
    if isinstance(store, TableStore):
        rows = DynamoEventRows(store.table, SHARDS)
        telling = EventTelling(lambda: at, teller_of(bus, rows).tell, day_of)
        table_accounts = DynamoAccounts(
            store.table, SHARDS, sleep=lambda _: None, limits=limits, telling=telling
        )
        return Outlet(table_accounts, rows, bus)
    assert isinstance(store, MemoryStore)
    rows = MemoryEventRows(store.accounts)
    store.accounts.telling = EventTelling(lambda: at, teller_of(bus, rows).tell, day_of)
    return Outlet(store.accounts, rows, bus)


def teller_of(bus: MemoryBus, rows: EventRows) -> Teller:
    return Teller(bus, rows, lambda: 0.0, lambda *_: None)


def test_a_change_is_told_at_once_and_nothing_waits(store: Store) -> None:
    outlet = outlet_of(store)

    book(outlet.accounts, "A1", issued("I1"), issued("I2"))

    assert outlet.bus.types == ["account.created", "invoice.opened", "invoice.opened"]
    assert [event.account_version for event in outlet.bus.events] == [1, 1, 1]
    assert outlet.waiting() == []


def test_what_the_bus_did_not_take_waits_a_minute_and_is_told_then_once(store: Store) -> None:
    outlet = outlet_of(store)
    outlet.bus.is_down = True
    book(outlet.accounts, "A1", issued("I1"))
    (row,) = outlet.waiting()
    outlet.bus.is_down = False

    early = outlet.reconcile(AT + timedelta(seconds=59))
    counts = [outlet.reconcile(), outlet.reconcile()]

    assert early == {}
    assert counts == [{"events_told": 2}, {}]
    assert outlet.bus.events == list(row.events)


def test_an_event_without_a_day_of_its_own_is_of_the_sellers_day(store: Store) -> None:
    late = datetime(2024, 2, 1, 23, 30, tzinfo=UTC)
    bus = MemoryBus()
    berlin = ZoneInfo("Europe/Berlin")
    outlet = outlet_of(store, bus=bus, at=late, day_of=lambda at: at.astimezone(berlin).date())
    loaded = outlet.accounts.load("A1")

    after = replace(loaded.account, details=AccountDetails(name="A1"))
    outlet.accounts.commit(Change(loaded, after, None))

    assert [(event.on, event.timestamp) for event in bus.events] == [(date(2024, 2, 2), late)]


def test_the_oldest_row_that_waits_says_since_when(store: Store) -> None:
    outlet = outlet_of(store)
    nobody = outlet.rows.oldest()
    outlet.bus.is_down = True
    for name in ("A1", "A2", "A3"):
        book(outlet.accounts, name, issued("I1"))

    assert (nobody, outlet.rows.oldest()) == (None, AT)


def test_while_the_bus_is_down_it_is_not_asked_for_every_row(store: Store) -> None:
    outlet = outlet_of(store)
    outlet.bus.is_down = True
    for number in range(6):
        book(outlet.accounts, f"A{number}", issued("I1"))
    asked = outlet.bus.calls

    counts = outlet.reconcile()

    assert asked == 1  # then committing rests
    assert outlet.bus.calls == asked + 3
    assert counts == {"events_failed": 6}
    assert len(outlet.waiting()) == 6


def test_a_change_that_was_refused_tells_nothing(store: Store) -> None:
    outlet = outlet_of(store)
    book(outlet.accounts, "A1", issued("I1"))
    loaded = outlet.accounts.load("A1")
    book(outlet.accounts, "A1", issued("I2"))
    before = list(outlet.bus.events)

    with pytest.raises(StaleVersionError):
        outlet.accounts.commit(booked(loaded, [issued("I3")]))

    assert outlet.bus.events == before
    assert outlet.waiting() == []


def test_where_events_are_off_none_are_written(store: Store) -> None:
    book(store.accounts, "A1", issued("I1"))

    if isinstance(store, TableStore):
        rows: EventRows = DynamoEventRows(store.table, SHARDS)
    else:
        assert isinstance(store, MemoryStore)
        rows = MemoryEventRows(store.accounts)
    assert list(rows.waiting(datetime(2030, 1, 1, tzinfo=UTC))) == []


def test_rows_that_wait_for_the_bus_are_no_letters_that_wait(store: Store) -> None:
    outlet = outlet_of(store)
    outlet.bus.is_down = True
    book(outlet.accounts, "A1", issued("I1"))

    assert list(outlet.accounts.outbox_before(LATER)) == []
    assert outlet.accounts.count_outbox(10) == 0


def test_many_events_lie_in_several_rows_in_order() -> None:
    many = [issued(f"I{number:04}") for number in range(ROW_EVENTS_MAX + 20)]

    rows = event_rows(booked(Loaded(Account("A1"), 0), many), Moment(AT, AT.date()))

    assert [len(row.events) for row in rows] == [ROW_EVENTS_MAX, 21]
    assert [event.index for row in rows for event in row.events] == list(range(len(many) + 1))


def test_a_change_in_chunks_is_told_by_the_reconcile_whole(tables: TableStore) -> None:
    outlet = outlet_of(tables, Limits(actions=8, part_bytes=600, parts_per_write=3))

    book(outlet.accounts, "A1", *(issued(f"I{number:02}") for number in range(12)))
    at_once = list(outlet.bus.types)
    outlet.reconcile()

    assert at_once == []
    assert outlet.bus.types == ["account.created", *["invoice.opened"] * 12]
    assert outlet.waiting() == []


def test_wherever_the_process_ends_each_event_is_told_and_keeps_its_id(tables: TableStore) -> None:
    def step(outlet: Outlet, name: str, facts: Sequence[Fact]) -> None:
        book(outlet.accounts, name, *facts)

    well = outlet_of(tables)
    book(tables.accounts, "WELL", issued("I1"))
    with calls(tables.table) as seen:
        step(well, "WELL", [paid("P1", 100_00)])
    expected = well.bus.types
    for number in range(seen.count):
        name = f"CRASH{number}"
        outlet = outlet_of(tables)
        book(tables.accounts, name, issued("I1"))
        with pytest.raises(Killed), calls(tables.table, kill_before=number):
            step(outlet, name, [paid("P1", 100_00)])
        step(outlet_of(tables, bus=outlet.bus), name, [paid("P1", 100_00)])
        outlet.reconcile()

        ids = dict.fromkeys(event.id for event in outlet.bus.events)
        types = {event.id: event.type for event in outlet.bus.events}
        assert [types[one] for one in ids] == expected, f"killed before call {number}"
        assert outlet.waiting() == []


def test_events_cost_a_change_one_small_item_twice(tables: TableStore) -> None:
    book(tables.accounts, "A1", issued("I1"))
    book(tables.accounts, "A2", issued("I1"))
    telling = outlet_of(tables).accounts

    with metered(tables.table) as plain:
        book(tables.accounts, "A1", paid("P1", 40_00))
    with metered(tables.table) as told:
        book(telling, "A2", paid("P1", 40_00))

    extra = told.total[2] - plain.total[2]
    assert extra == 5  # 2 in the transaction, 1 away, the index's entry twice
    assert told.total[0] - plain.total[0] == 1


class Refusing:
    """A client of EventBridge that refuses some entries a few times."""

    def __init__(self, *refusals: Sequence[int]) -> None:
        self.refusals = list(refusals)
        self.calls: list[list[str]] = []

    def put_events(self, **request: Any) -> dict[str, Any]:
        entries = request["Entries"]
        self.calls.append([entry["DetailType"] for entry in entries])
        refused = self.refusals.pop(0) if self.refusals else ()
        results = [
            {"ErrorCode": "ThrottlingException"} if place in refused else {"EventId": "x"}
            for place in range(len(entries))
        ]
        return {"FailedEntryCount": len(refused), "Entries": results}


def event(number: int, text: str = "") -> BusEvent:
    day = AT.date()
    return BusEvent(f"evt_{number}", f"type.{number}", AT, "A1", day, {"x": text}, 1, number)


def test_only_what_the_bus_refused_is_put_again() -> None:
    client = Refusing([1], [0])

    EventBridgeBus(client, "bus", "dev").put([event(0), event(1), event(2)])

    assert client.calls == [["type.0", "type.1", "type.2"], ["type.1"], ["type.1"]]


def test_what_the_bus_keeps_refusing_is_an_error_that_may_pass() -> None:
    client = Refusing([0], [0], [0])

    with pytest.raises(BusError, match="1 events were not taken: ThrottlingException"):
        EventBridgeBus(client, "bus", "dev").put([event(0)])


def test_a_call_has_ten_events_and_a_quarter_of_a_megabyte_at_most() -> None:
    client = Refusing()
    bus = EventBridgeBus(client, "bus", "dev")

    bus.put([event(number) for number in range(12)])
    bus.put([event(number, "x" * 100_000) for number in range(5)])

    assert [len(call) for call in client.calls] == [10, 2, 2, 2, 1]


@pytest.mark.emulator
def test_whoever_has_a_rule_on_the_bus_gets_the_event_as_it_is(emulator: Emulator) -> None:
    events, queues = emulator.client("events"), emulator.client("sqs")
    bus = "pastdue-dev"
    events.create_event_bus(Name=bus)
    url = queues.create_queue(QueueName="crm")["QueueUrl"]
    answer = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    pattern = json.dumps({"source": ["pastdue.dev"], "detail-type": ["type.0"]})
    events.put_rule(Name="crm", EventBusName=bus, EventPattern=pattern)
    target = {"Id": "crm", "Arn": answer["Attributes"]["QueueArn"], "InputPath": "$.detail"}
    events.put_targets(Rule="crm", EventBusName=bus, Targets=[target])

    EventBridgeBus(events, "pastdue-dev", "dev").put([event(0), event(1)])

    got = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)
    assert [json.loads(one["Body"]) for one in got["Messages"]] == [event(0).values()]


def test_a_bus_that_does_not_answer_is_an_error_that_may_pass() -> None:
    nowhere = boto3.client(
        "events",
        region_name=REGION,
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(connect_timeout=1, retries={"total_max_attempts": 1}),
    )

    with pytest.raises(BusError, match="the bus does not answer now"):
        EventBridgeBus(nowhere, "pastdue-dev", "dev").put([event(0)])
