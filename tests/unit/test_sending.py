"""When a letter leaves: each has a place of its own in the window, and many are spread evenly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from chalicelib.core.sending import send_at
from hypothesis import given, settings
from hypothesis import strategies as st

DAY = datetime(2024, 3, 18, tzinfo=UTC)
OPENS, CLOSES = DAY.replace(hour=9), DAY.replace(hour=17)
TOMORROW = (OPENS + timedelta(days=1), CLOSES + timedelta(days=1))
TODAY = (OPENS, CLOSES)
IDS = [f"A{number}:USD:2024-03-18" for number in range(10_000)]


def slot(identity: str, ready_at: datetime) -> datetime:
    found = send_at(identity, ready_at, [TODAY, TOMORROW])
    assert found is not None
    return found


def test_a_letter_has_the_same_place_every_time_it_is_asked_for() -> None:
    assert slot("A1:USD:2024-03-18", DAY) == slot("A1:USD:2024-03-18", OPENS)
    assert slot("A1:USD:2024-03-18", DAY) == datetime(2024, 3, 18, 14, 5, 4, 104024, tzinfo=UTC)


def test_a_letter_that_is_ready_after_the_window_waits_for_the_next() -> None:
    for ready_at in (CLOSES, CLOSES + timedelta(hours=5)):
        opens_at, closes_at = TOMORROW
        assert opens_at <= slot("A1", ready_at) < closes_at


def test_a_letter_that_came_too_late_for_its_place_has_another_one_on_the_next_day() -> None:
    def too_late(times: dict[str, datetime], closes_at: datetime) -> set[str]:
        return {name for name, at in times.items() if at > closes_at - timedelta(minutes=5)}

    today = too_late({name: slot(name, DAY) for name in IDS}, CLOSES)
    again = too_late({name: slot(name, CLOSES) for name in today}, TOMORROW[1])

    assert len(today) > 50
    assert len(again) < len(today) / 10


def test_when_no_window_is_left_there_is_no_time() -> None:
    assert send_at("A1", CLOSES, [TODAY]) is None
    assert send_at("A1", DAY, [(CLOSES, OPENS), (OPENS, OPENS)]) is None


def counts(times: list[datetime], begins: datetime, ends: datetime, parts: int) -> list[int]:
    found = [0] * parts
    for at in times:
        assert begins <= at < ends
        found[(at - begins) * parts // (ends - begins)] += 1
    return found


@pytest.mark.parametrize(
    "ready_at", [DAY, OPENS, OPENS + timedelta(hours=1), CLOSES - timedelta(minutes=3)]
)
def test_ten_thousand_letters_are_spread_evenly_over_what_is_left(ready_at: datetime) -> None:
    begins = max(ready_at, OPENS)
    parts = 48

    found = counts([slot(name, ready_at) for name in IDS], begins, CLOSES, parts)

    # Chi squared with 47 degrees of freedom: one even spread in a thousand is above 82.7.
    expected = len(IDS) / parts
    assert sum((count - expected) ** 2 / expected for count in found) < 82.7


def test_letters_whose_place_is_past_do_not_leave_all_at_once() -> None:
    late = OPENS + timedelta(hours=6)
    times = sorted(slot(name, late) for name in IDS if slot(name, DAY) < late)

    assert len(times) > 7_000
    assert max(later - one for one, later in pairwise(times)) < timedelta(seconds=20)
    assert sum(at < late + timedelta(minutes=1) for at in times) < 2 * len(times) / 120


@settings(max_examples=60)
@given(
    identity=st.text(max_size=40),
    ready_minutes=st.integers(-3_000, 3_000),
    length_s=st.integers(1, 86_400),
)
def test_every_letter_leaves_in_a_window_and_not_before_it_is_ready(
    identity: str, ready_minutes: int, length_s: int
) -> None:
    ready_at = OPENS + timedelta(minutes=ready_minutes, microseconds=1)
    windows = [
        (OPENS + timedelta(days=day), OPENS + timedelta(days=day, seconds=length_s))
        for day in range(5)
    ]

    at = send_at(identity, ready_at, windows)

    assert at is not None
    assert at >= ready_at
    assert sum(opens <= at < closes for opens, closes in windows) == 1
    # It waits for no later window than the first that is not over.
    first = next(closes for _, closes in windows if closes > ready_at)
    assert at < first
