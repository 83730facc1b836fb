"""How far behind the machine is, before somebody misses a letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from chalicelib.flows.ports_events import EventRow
from chalicelib.flows.watch import EVENTS_LAG, LEDGER_AGE, OUTBOX_LAG, PAUSED, SWEEP_LAG, Watch
from tests.fakes_events import MemoryEventRows
from tests.flows.machine import NOW, TODAY, Machine, invoice

MONDAY, TUESDAY, WEDNESDAY = TODAY, TODAY + timedelta(1), TODAY + timedelta(2)


def look(machine: Machine, on: date = TODAY, minute: int = 0) -> Mapping[str, int]:
    """The figures of a day at ten, for whom a day begins at midnight UTC."""
    rows = MemoryEventRows(machine.accounts)
    watch = Watch(machine.accounts, machine.registry, machine.policies, rows, lambda at: at.date())
    return watch.look(datetime(on.year, on.month, on.day, 10, minute, tzinfo=NOW.tzinfo))


def test_accounts_of_today_are_not_late() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), wake_on=MONDAY)

    assert look(machine, MONDAY) == {}


def test_the_oldest_account_that_no_run_worked_says_how_late_the_run_is() -> None:
    machine = Machine()
    machine.registry.beat(WEDNESDAY)
    machine.take_in("A1", invoice("I1", 15), wake_on=TUESDAY)
    machine.take_in("A2", invoice("I2", 15), wake_on=MONDAY)

    assert look(machine, TUESDAY) == {SWEEP_LAG: 1}
    assert look(machine, WEDNESDAY) == {SWEEP_LAG: 2}


def test_a_run_that_was_worked_leaves_nothing_late() -> None:
    machine = Machine()
    machine.registry.beat(WEDNESDAY)
    machine.take_in("A1", invoice("I1", 15), wake_on=MONDAY)
    machine.decide("A1")
    machine.accounts.outbox.clear()

    assert look(machine, TUESDAY) == {}


@pytest.mark.parametrize(
    ("covered", "on", "age"),
    [
        (date(2024, 3, 15), date(2024, 3, 16), 0),  # a Friday is covered: so is the weekend
        (date(2024, 3, 15), date(2024, 3, 18), 0),
        (date(2024, 3, 15), date(2024, 3, 19), 1),  # Monday is not: Tuesday's run is refused
        (date(2024, 3, 17), date(2024, 3, 19), 1),
        (date(2024, 3, 15), date(2024, 3, 22), 4),
        (date(2024, 3, 18), date(2024, 3, 18), 0),
        (date(2020, 1, 1), date(2024, 3, 18), 30),  # as far as it counts
    ],
)
def test_the_ledgers_age_is_the_business_days_that_nobody_covered(
    covered: date, on: date, age: int
) -> None:
    machine = Machine()
    machine.registry.through = covered

    assert look(machine, on) == ({LEDGER_AGE: age} if age else {})


@pytest.mark.parametrize("covered", [date(2024, 3, 14), date(2024, 3, 15), date(2024, 3, 18)])
def test_the_ledger_is_old_exactly_when_the_run_is_refused(covered: date) -> None:
    machine = Machine()
    machine.registry.through = covered

    refused = "run_refused" in machine.sweep.start(MONDAY)

    assert (LEDGER_AGE in look(machine, MONDAY)) == refused


def test_before_the_first_import_and_the_first_policy_nothing_is_old() -> None:
    machine = Machine()
    machine.registry.through = None
    assert look(machine, WEDNESDAY) == {}

    machine.registry.beat(MONDAY)
    machine.registry.drop_policy("standard")
    assert look(machine, WEDNESDAY + timedelta(7)) == {}


def test_a_letter_that_nobody_hands_over_is_late_after_a_quarter_of_an_hour() -> None:
    machine = Machine()
    machine.registry.beat(WEDNESDAY)
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    [row] = machine.accounts.outbox["A1"].values()
    ten = NOW.replace(hour=10, minute=0, second=0)

    machine.accounts.put_off("A1", row.id, ten - timedelta(minutes=15))
    assert look(machine, MONDAY) == {}
    machine.accounts.put_off("A1", row.id, ten - timedelta(minutes=16))
    assert look(machine, MONDAY) == {OUTBOX_LAG: 16}


@pytest.mark.parametrize("paused", [False, True])
def test_events_that_nobody_tells_are_late_after_a_quarter_of_an_hour(paused: bool) -> None:
    machine = Machine()
    machine.registry.pause_sending(paused=paused)
    ten = NOW.replace(hour=10, minute=0, second=0)

    def oldest(minutes: int) -> None:
        written_at = ten - timedelta(minutes=minutes)
        machine.accounts.event_rows["A1", "EVT#1"] = EventRow("A1", "EVT#1", written_at, ())

    oldest(15)
    assert EVENTS_LAG not in look(machine, MONDAY)
    oldest(16)
    assert look(machine, MONDAY)[EVENTS_LAG] == 16


def test_while_sending_is_paused_letters_wait_rightly() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    machine.registry.pause_sending(paused=True)

    assert look(machine, MONDAY) == {PAUSED: 1}


def test_it_looks_every_five_minutes() -> None:
    machine = Machine()
    machine.registry.pause_sending(paused=True)

    assert [minute for minute in range(12) if look(machine, MONDAY, minute)] == [0, 5, 10]
