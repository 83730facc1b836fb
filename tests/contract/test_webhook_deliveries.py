"""Deliveries of webhooks: kept once, found by id, by time, and when they are due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from chalicelib.flows.ports_webhooks import Deliveries, Delivery
from chalicelib.store.webhooks import KEPT_FOR, DynamoDeliveries, partition

from tests.contract.conftest import BOTH, on_emulator, on_moto
from tests.contract.store import NOON, TableStore
from tests.fakes_webhooks import MemoryDeliveries

ORDERS, CRM = "orders@1", "crm@1"


@pytest.fixture(params=["memory", *BOTH])
def deliveries(request: pytest.FixtureRequest) -> Iterator[Deliveries]:
    if request.param == "memory":
        yield MemoryDeliveries()
    elif request.param == "moto":
        for store in on_moto(request.getfixturevalue("moto_table")):
            yield DynamoDeliveries(store.table)
    else:
        for store in on_emulator(request.getfixturevalue("emulator")):
            yield DynamoDeliveries(store.table)


def delivery(number: int, next_at: datetime | None = None) -> Delivery:
    at = NOON + timedelta(minutes=number)
    return Delivery(f"evt_{number}", "hold.placed", "{}" * number, at, at, next_at=next_at)


def test_a_delivery_is_kept_once_and_read_as_it_was(deliveries: Deliveries) -> None:
    first = delivery(1, NOON)

    assert deliveries.keep(ORDERS, first)
    assert not deliveries.keep(ORDERS, replace(first, body="other"))
    assert deliveries.find(ORDERS, "evt_1") == replace(first, revision=1)
    assert deliveries.find(CRM, "evt_1") is None
    assert deliveries.find(ORDERS, "evt_2") is None


def test_of_two_that_take_a_delivery_at_once_one_gets_it(deliveries: Deliveries) -> None:
    deliveries.keep(ORDERS, delivery(1, NOON))
    read = deliveries.find(ORDERS, "evt_1")
    assert read is not None

    assert deliveries.keep(ORDERS, replace(read, attempts=1))
    assert not deliveries.keep(ORDERS, replace(read, attempts=1))
    after = deliveries.find(ORDERS, "evt_1")
    assert after is not None
    assert (after.attempts, after.revision) == (1, 2)


def test_what_is_due_is_told_of_its_endpoint_only_and_in_order(deliveries: Deliveries) -> None:
    deliveries.keep(ORDERS, delivery(1, NOON + timedelta(hours=2)))
    deliveries.keep(ORDERS, delivery(2, NOON + timedelta(hours=1)))
    deliveries.keep(ORDERS, delivery(3, NOON + timedelta(hours=3)))
    deliveries.keep(ORDERS, delivery(4))  # it is over
    deliveries.keep(CRM, delivery(5, NOON))

    by = NOON + timedelta(hours=2)
    assert list(deliveries.due(ORDERS, by, 10)) == ["evt_2", "evt_1"]
    assert list(deliveries.due(ORDERS, by, 1)) == ["evt_2"]
    done = deliveries.find(ORDERS, "evt_2")
    assert done is not None
    deliveries.keep(ORDERS, replace(done, next_at=None, state="delivered"))
    assert list(deliveries.due(ORDERS, by, 10)) == ["evt_1"]


def test_deliveries_are_listed_by_the_time_of_their_events(deliveries: Deliveries) -> None:
    for number in (3, 1, 4, 2):
        deliveries.keep(ORDERS, delivery(number, NOON))
    deliveries.keep(CRM, delivery(5, NOON))

    first = deliveries.newest(ORDERS, "", 3)
    assert first.mark is not None
    second = deliveries.newest(ORDERS, first.mark, 3)

    names = [one.event_id for page in (first, second) for one in page.rows]
    assert (names, second.mark) == (["evt_4", "evt_3", "evt_2", "evt_1"], None)
    since = deliveries.since(ORDERS, NOON + timedelta(minutes=2), "", 2)
    assert [one.event_id for one in since.rows] == ["evt_2", "evt_3"]
    assert since.mark is not None
    rest = deliveries.since(ORDERS, NOON, since.mark, 2)
    assert ([one.event_id for one in rest.rows], rest.mark) == (["evt_4"], None)


def test_a_delivery_is_forgotten_after_thirty_days(tables: TableStore) -> None:
    DynamoDeliveries(tables.table).keep(ORDERS, delivery(1, NOON))

    item = tables.table.get(partition(ORDERS), "EVT#evt_1")
    assert item.expires_at == int((delivery(1).began_at + KEPT_FOR).timestamp())
