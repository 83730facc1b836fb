"""The functions standing still while a table is put back: nothing begins, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from chalicelib.core.errors import UnavailableError
from local.ops.standstill import KEY, Standstill, standing_still

from tests.fakes_registry import MemoryRecords


class FakeLambda:
    """Functions, what is reserved for them, and the states of what feeds `work`, by its id."""

    def __init__(self, **reserved: int) -> None:
        self.reserved = reserved
        self.feeds: dict[str, str] = {}
        self.stops_at_once = True

    def list_event_source_mappings(self, *, FunctionName: str, Marker: str = "") -> dict[str, Any]:
        names = sorted(self.feeds) if FunctionName == "work" else []
        here = [name for name in names if name > Marker][:1]  # a page has one
        found = [{"UUID": name, "State": self.feeds[name]} for name in here]
        answer: dict[str, Any] = {"EventSourceMappings": found}
        return answer | ({"NextMarker": here[0]} if here else {})

    def update_event_source_mapping(self, *, UUID: str, Enabled: bool) -> None:
        assert self.reserved.get("work") != 0, "what is received now counts as tried"
        stopped = "Disabled" if self.stops_at_once else "Disabling"
        self.feeds[UUID] = "Enabled" if Enabled else stopped

    def get_event_source_mapping(self, *, UUID: str) -> dict[str, str]:
        return {"State": self.feeds[UUID]}

    def get_function_configuration(self, *, FunctionName: str) -> dict[str, int]:
        return {"Timeout": 900 if FunctionName == "jobs" else 30}

    def get_function_concurrency(self, *, FunctionName: str) -> dict[str, int]:
        one = self.reserved.get(FunctionName)
        return {} if one is None else {"ReservedConcurrentExecutions": one}

    def put_function_concurrency(
        self, *, FunctionName: str, ReservedConcurrentExecutions: int
    ) -> None:
        self.reserved[FunctionName] = ReservedConcurrentExecutions

    def delete_function_concurrency(self, *, FunctionName: str) -> None:
        del self.reserved[FunctionName]


FUNCTIONS = {"Jobs": "jobs", "Work": "work"}


def test_no_function_begins_meanwhile_and_all_go_on_as_before() -> None:
    functions = FakeLambda(work=2)
    waited: list[float] = []

    with standing_still(functions, MemoryRecords(), FUNCTIONS, None, waited.append):
        meanwhile = dict(functions.reserved)

    assert meanwhile == {"jobs": 0, "work": 0}
    assert waited == [900]
    assert functions.reserved == {"work": 2}


def test_no_queue_feeds_them_meanwhile_and_those_that_did_go_on() -> None:
    functions = FakeLambda(work=2)
    functions.feeds = {"a": "Enabled", "b": "Disabled", "c": "Enabled"}

    with standing_still(functions, MemoryRecords(), FUNCTIONS, 0):
        meanwhile = dict(functions.feeds)

    assert meanwhile == {"a": "Disabled", "b": "Disabled", "c": "Disabled"}
    assert functions.feeds == {"a": "Enabled", "b": "Disabled", "c": "Enabled"}


def test_what_fed_them_before_a_failure_goes_on_after_the_next_time() -> None:
    functions, records = FakeLambda(work=2), MemoryRecords()
    functions.feeds = {"a": "Enabled"}
    with pytest.raises(RuntimeError), standing_still(functions, records, FUNCTIONS, 0):
        raise RuntimeError
    functions.reserved["work"] = 2  # somebody let it go by hand

    with standing_still(functions, records, FUNCTIONS, 0):
        pass

    assert functions.feeds == {"a": "Enabled"}


def test_a_queue_that_does_not_stop_keeps_the_table_from_being_changed() -> None:
    functions = FakeLambda(work=2)
    functions.feeds, functions.stops_at_once = {"a": "Enabled"}, False
    waited: list[float] = []

    with (
        pytest.raises(UnavailableError, match="still feeds"),
        standing_still(functions, MemoryRecords(), FUNCTIONS, 0, waited.append),
    ):
        pytest.fail("it began")

    assert functions.reserved == {"work": 2}
    assert sum(waited) == 300


def test_after_a_failure_they_stay_stopped_until_it_ends_well() -> None:
    functions, records = FakeLambda(work=2), MemoryRecords()
    with pytest.raises(RuntimeError), standing_still(functions, records, FUNCTIONS, 0):
        raise RuntimeError

    stopped = dict(functions.reserved)
    with standing_still(functions, records, FUNCTIONS, 0):
        pass

    assert stopped == {"jobs": 0, "work": 0}
    assert functions.reserved == {"work": 2}
    assert records.read(KEY, Standstill) is None
