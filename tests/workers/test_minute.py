"""What a minute's reconcile does first, and what may take it no time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from chalicelib import wiring_events
from chalicelib.flows.ports_events import BusEvent, EventRow
from chalicelib.flows.watch import EVENTS_LAG, PAUSED
from tests.fakes_events import MemoryBus
from tests.flows.machine import NOW, Machine, invoice
from tests.workers.deployment import SETTINGS, FakePorts

LATER = (NOW + timedelta(hours=1)).replace(minute=0)  # a minute in which it looks
WITH_BUS = replace(SETTINGS, event_bus_name="pastdue-test")


class KilledError(BaseException):
    """The invocation ran out of its time."""


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
