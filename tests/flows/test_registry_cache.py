"""What workers remember of the registry, and for how long."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from chalicelib.flows.days import trial_day, zone_day
from chalicelib.flows.ports import Registry, RunState
from chalicelib.flows.registry_cache import CACHED_S, RegistryCache
from tests.fakes_store import MemoryRegistry
from tests.flows.machine import TODAY

BERLIN = ZoneInfo("Europe/Berlin")
LATE = datetime(2024, 3, 18, 23, 30, tzinfo=UTC)


class Seconds:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def cached() -> tuple[MemoryRegistry, RegistryCache, Seconds]:
    registry, seconds = MemoryRegistry(), Seconds()
    registry.put_run(RunState(TODAY, "running", 3))
    registry.put_policy("standard", b"one")
    return registry, RegistryCache(registry, seconds), seconds


def in_force(registry: Registry) -> bytes:
    version = registry.policy_table().version_on("standard", TODAY)
    return registry.policy_document("standard", version)


def test_a_run_state_and_a_policy_are_remembered_for_fifteen_seconds() -> None:
    registry, cache, seconds = cached()
    assert (cache.run_state(TODAY), in_force(cache)) == (RunState(TODAY, "running", 3), b"one")
    registry.put_run(RunState(TODAY, "waiting", 9))
    registry.put_policy("standard", b"two")
    seconds.at = CACHED_S - 1
    assert (cache.run_state(TODAY), in_force(cache)) == (RunState(TODAY, "running", 3), b"one")

    seconds.at = CACHED_S

    assert cache.run_state(TODAY) == RunState(TODAY, "waiting", 9)
    assert in_force(cache) == b"two"


def test_a_run_that_is_not_there_is_asked_for_again() -> None:
    registry, cache, _ = cached()
    tomorrow = date(2024, 3, 19)
    assert cache.run_state(tomorrow) is None

    registry.put_run(RunState(tomorrow, "running", 1))

    assert cache.run_state(tomorrow) is not None


@pytest.mark.parametrize("state", ["waiting", "refused"])
def test_a_run_that_is_held_is_asked_for_again(state: str) -> None:
    registry, cache, _ = cached()
    registry.put_run(RunState(TODAY, state, 3))
    assert cache.run_state(TODAY) == RunState(TODAY, state, 3)

    registry.put_run(RunState(TODAY, "running", 3))

    assert cache.run_state(TODAY) == RunState(TODAY, "running", 3)


def test_what_is_written_through_it_is_known_at_once() -> None:
    _, cache, _ = cached()
    cache.run_state(TODAY)

    cache.put_run(RunState(TODAY, "refused"))

    assert cache.run_state(TODAY) == RunState(TODAY, "refused")


def test_the_kill_switch_is_never_remembered_here() -> None:
    registry, cache, _ = cached()
    assert cache.sending_paused() is False

    registry.pause_sending(paused=True)

    assert cache.sending_paused() is True


def test_the_last_runs_are_never_remembered_here() -> None:
    registry, cache, _ = cached()
    tomorrow = date(2024, 3, 19)
    assert [run.run_on for run in cache.last_runs(date(2025, 1, 1), 1)] == [TODAY]

    registry.put_run(RunState(tomorrow, "running", 1))

    assert [run.run_on for run in cache.last_runs(date(2025, 1, 1), 1)] == [tomorrow]


def test_a_day_is_the_sellers() -> None:
    assert zone_day(BERLIN)(LATE) == date(2024, 3, 19)


def test_on_trial_stages_the_day_is_that_of_the_last_run() -> None:
    registry = MemoryRegistry()
    day_of = trial_day(BERLIN, registry)
    assert day_of(LATE) == date(2024, 3, 19)

    registry.put_run(RunState(date(2023, 1, 5), "running", 3))

    assert day_of(LATE) == date(2023, 1, 5)
