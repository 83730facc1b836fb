"""What a minute's reconcile does first, and what may take it no time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from chalicelib import wiring_events
from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.errors import UnavailableError
from chalicelib.flows.ports import Change, Loaded
from chalicelib.flows.ports_events import BusEvent, EventRow
from chalicelib.flows.watch import EVENTS_LAG, PAUSED
from chalicelib.store.create import create_table
from chalicelib.store.tables import bind
from chalicelib.wiring_ports import Ports
from moto import mock_aws
from tests.fakes_events import MemoryBus
from tests.flows.machine import NOW, Machine, invoice
from tests.workers.deployment import SETTINGS, FakePorts

LATER = (NOW + timedelta(hours=1)).replace(minute=0)  # a minute in which it looks
WITH_BUS = replace(SETTINGS, event_bus_name="pastdue-test")


class KilledError(BaseException):
    """The invocation ran out of its time."""


class DownBus(MemoryBus):
    """A bus that takes nothing."""

    def put(self, events: Sequence[BusEvent]) -> None:
        raise UnavailableError("the bus is down")


class DeadlyBus(MemoryBus):
    """A bus that takes more time than there is."""

    def put(self, events: Sequence[BusEvent]) -> None:
        raise KilledError


def late(machine: Machine) -> Machine:
    """A machine with a letter that was not handed over and an event that nobody told."""
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    machine.queues.mail.clear()
    event = BusEvent("evt_1", "case.opened", NOW, "A1", NOW.date(), {"case_id": "A1-1"}, 1, 0)
    row = EventRow("A1", "EVT#1", LATER - timedelta(minutes=20), (event,))
    machine.accounts.event_rows["A1", "EVT#1"] = row
    return machine


def ports_of(machine: Machine, bus: MemoryBus) -> FakePorts:
    ports = FakePorts(machine, WITH_BUS)
    ports.bus = bus
    return ports


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in capsys.readouterr().out.splitlines():
        found |= json.loads(line)
    return found


def test_letters_leave_before_listeners_are_told() -> None:
    machine = late(Machine())

    with pytest.raises(KilledError):
        wiring_events.reconcile(ports_of(machine, DeadlyBus()), LATER)

    assert len(machine.queues.mail) == 1


def test_what_is_behind_is_written_though_the_invocation_dies(
    capsys: pytest.CaptureFixture[str],
) -> None:
    machine = late(Machine())
    machine.registry.pause_sending(paused=True)

    with pytest.raises(KilledError):
        wiring_events.reconcile(ports_of(machine, DeadlyBus()), LATER)

    written = metrics(capsys)
    assert (written[PAUSED], written[EVENTS_LAG]) == ([1.0], [20.0])


def test_where_events_are_off_nothing_of_them_is_late(capsys: pytest.CaptureFixture[str]) -> None:
    wiring_events.reconcile(FakePorts(late(Machine())), LATER)

    assert EVENTS_LAG not in metrics(capsys)


def test_what_is_told_of_a_change_has_the_sellers_day() -> None:
    late = datetime(2024, 3, 18, 23, 30, tzinfo=UTC)  # in Berlin it is the 19th
    values = replace(WITH_BUS, stage="prod", production_account_id=SETTINGS.account_id)
    with mock_aws():
        create_table(bind(values.table_name))
        ports = Ports(values, lambda: late, lambda: 0.0)
        ports.bus = DownBus()
        after = Account("A1", AccountDetails(name="A1"))

        ports.accounts.commit(Change(Loaded(Account("A1"), 0), after, None))

        [row] = ports.event_rows.waiting(late + timedelta(minutes=1))
    assert {event.on for event in row.events} == {date(2024, 3, 19)}
