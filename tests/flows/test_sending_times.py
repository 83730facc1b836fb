"""Sending windows on the seller's clock: which days, and what clocks do on the days they change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from chalicelib.core.account import Notice
from chalicelib.core.calendar import Calendar
from chalicelib.core.policy import Policy
from chalicelib.core.policy_letters import SendingRules
from chalicelib.flows.policies import load
from chalicelib.flows.sending_times import SendingTimes
from hypothesis import given, settings
from hypothesis import strategies as st

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
STANDARD = load("standard")
MONDAY_TO_FRIDAY, MONDAY_TO_SATURDAY = frozenset(range(5)), frozenset(range(6))


def policy(opens_at: str, closes_at: str, holidays: frozenset[date] = frozenset()) -> Policy:
    rules = SendingRules(time.fromisoformat(opens_at), time.fromisoformat(closes_at))
    calendar = Calendar(MONDAY_TO_FRIDAY, MONDAY_TO_SATURDAY, holidays)
    return replace(STANDARD, sending=rules, calendar=calendar)


def notice(created_on: date, number: int = 1, stage: str = "d15") -> Notice:
    name = f"A{number}:USD:{created_on}"
    return Notice(name, created_on, "USD", "reminder", stage, ("I1",), ())


NINE_TO_FIVE = policy("09:00", "17:00")
FRIDAY = date(2024, 3, 15)


def at(zone: ZoneInfo, day: date, text: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(text), zone).astimezone(UTC)


def test_without_a_window_letters_leave_at_once() -> None:
    now = at(BERLIN, FRIDAY, "03:00")
    times = SendingTimes(BERLIN)

    assert times.send_at(notice(FRIDAY), STANDARD, now) == now
    assert times.is_open(notice(FRIDAY), STANDARD, now)


def test_without_a_zone_no_window_holds() -> None:
    now = at(BERLIN, FRIDAY, "03:00")

    assert SendingTimes().send_at(notice(FRIDAY), NINE_TO_FIVE, now) == now
    assert SendingTimes().is_open(notice(FRIDAY), NINE_TO_FIVE, now)


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("08:59", False), ("09:00", True), ("16:59", True), ("17:00", False), ("23:00", False)],
)
def test_a_window_holds_on_the_sellers_clock(clock: str, is_open: bool) -> None:
    for zone in (BERLIN, NEW_YORK):
        now = at(zone, FRIDAY, clock)
        assert SendingTimes(zone).is_open(notice(FRIDAY), NINE_TO_FIVE, now) is is_open


@pytest.mark.parametrize(
    ("stage", "day"),
    [("d15", date(2024, 3, 18)), ("", date(2024, 3, 16))],
    ids=["a stage notice waits for a processing day", "another letter for a business day"],
)
def test_what_was_delayed_past_its_day_waits_for_a_day_that_allows_it(
    stage: str, day: date
) -> None:
    late = at(BERLIN, FRIDAY, "17:00")

    slot = SendingTimes(BERLIN).send_at(notice(FRIDAY, stage=stage), NINE_TO_FIVE, late)

    assert slot.astimezone(BERLIN).date() == day


def test_a_public_holiday_is_no_day_for_letters() -> None:
    closed = policy("09:00", "17:00", frozenset({date(2024, 3, 18)}))

    slot = SendingTimes(BERLIN).send_at(notice(FRIDAY), closed, at(BERLIN, FRIDAY, "18:00"))

    assert slot.astimezone(BERLIN).date() == date(2024, 3, 19)


def test_the_day_that_a_letter_was_made_for_always_allows_it() -> None:
    sunday = date(2024, 3, 17)

    slot = SendingTimes(BERLIN).send_at(notice(sunday), NINE_TO_FIVE, at(BERLIN, sunday, "06:00"))

    assert slot.astimezone(BERLIN).date() == sunday


# Clocks in Berlin skip 02:00-03:00 on 31 March 2024 and repeat it on 27 October; those in New York
# skip it on 10 March and repeat 01:00-02:00 on 3 November. Hours that the window is really long:
CHANGES = [
    (BERLIN, date(2024, 3, 31), "01:00", "06:00", 4.0),
    (BERLIN, date(2024, 3, 31), "02:30", "06:00", 2.5),  # it opens late, at 03:30
    (BERLIN, date(2024, 3, 31), "01:00", "02:30", 0.5),  # and closes early, at 01:30
    (BERLIN, date(2024, 3, 31), "09:00", "17:00", 8.0),
    (BERLIN, date(2024, 10, 27), "01:00", "06:00", 6.0),
    (BERLIN, date(2024, 10, 27), "02:30", "06:00", 3.5),  # from the second 02:30
    (BERLIN, date(2024, 10, 27), "01:00", "02:30", 1.5),  # until the first
    (NEW_YORK, date(2024, 3, 10), "01:00", "06:00", 4.0),
    (NEW_YORK, date(2024, 11, 3), "00:30", "06:00", 6.5),
    (NEW_YORK, date(2024, 11, 3), "09:00", "17:00", 8.0),
]


@pytest.mark.parametrize(("zone", "day", "opens", "closes", "hours"), CHANGES)
def test_when_clocks_change_no_clock_shows_a_time_outside(
    zone: ZoneInfo, day: date, opens: str, closes: str, hours: float
) -> None:
    times, rules = SendingTimes(zone), policy(opens, closes)
    midnight = at(zone, day, "00:00")

    slots = sorted(times.send_at(notice(day, n), rules, midnight) for n in range(1_000))

    for slot in slots:
        there = slot.astimezone(zone)
        assert there.date() == day
        assert time.fromisoformat(opens) <= there.time() < time.fromisoformat(closes)
        assert times.is_open(notice(day), rules, slot)
    covered = (slots[-1] - slots[0]) / timedelta(hours=1)
    assert hours * 0.98 < covered <= hours


@pytest.mark.parametrize(
    ("zone", "day"), [(BERLIN, date(2024, 3, 31)), (BERLIN, date(2024, 10, 27))]
)
def test_a_window_that_lies_in_the_hour_of_the_change_is_not_there_that_day(
    zone: ZoneInfo, day: date
) -> None:
    slot = SendingTimes(zone).send_at(notice(day), policy("02:10", "02:50"), at(zone, day, "00:00"))

    assert slot.astimezone(zone).date() == day + timedelta(days=1)


@settings(max_examples=60)
@given(
    minutes=st.integers(0, 366 * 24 * 60),
    opens=st.integers(0, 1_438),
    length=st.integers(1, 1_439),
    number=st.integers(0, 999),
    zone=st.sampled_from([BERLIN, NEW_YORK]),
    stage=st.sampled_from(["d15", ""]),
)
def test_every_notice_leaves_in_its_window_and_is_let_through_then(
    minutes: int, opens: int, length: int, number: int, zone: ZoneInfo, stage: str
) -> None:
    closes = min(opens + length, 1_439)
    opens_at, closes_at = (f"{m // 60:02}:{m % 60:02}" for m in (opens, closes))
    rules = policy(opens_at, closes_at)
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    mail = notice(now.astimezone(zone).date(), number, stage)

    slot = SendingTimes(zone).send_at(mail, rules, now)

    there = slot.astimezone(zone)
    assert slot >= now
    assert rules.sending.opens_at is not None
    assert rules.sending.closes_at is not None
    assert rules.sending.opens_at <= there.time() < rules.sending.closes_at
    assert SendingTimes(zone).is_open(mail, rules, slot)
    assert slot - now < timedelta(days=5)
