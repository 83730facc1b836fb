"""Letters leave no faster than the account may send, and leave some of the day's quota."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chalicelib.flows.pace import (
    QUOTA_REACHED,
    SERVICE_PAUSED,
    WAIT_MAX_S,
    WORKERS,
    Pace,
    Unpaced,
)
from chalicelib.flows.ports_quota import NO_LIMIT, UNKNOWN_QUOTA, SendingQuota
from tests.fakes_mail import FakeQuota
from tests.flows.clocks import SleepClock

FOURTEEN = SendingQuota(rate_per_s=14.0, per_day=50_000)


def pace(quota: SendingQuota = FOURTEEN) -> tuple[Pace, SleepClock, FakeQuota]:
    clock, told = SleepClock(), FakeQuota(quota)
    return Pace(told, clock.monotonic, clock.sleep), clock, told


def test_the_first_letter_leaves_at_once_and_the_next_ones_a_turn_apart() -> None:
    one, clock, _ = pace()

    for _ in range(4):
        assert one.wait(1) == 0

    assert clock.slept == pytest.approx([1 / 5.6] * 3)  # 14 x 0.8, shared by two workers


def test_a_letter_to_several_takes_as_many_turns() -> None:
    one, clock, _ = pace()

    one.wait(3)
    one.wait(1)

    assert clock.slept == pytest.approx([3 / 5.6])


def test_time_that_passed_by_itself_is_not_slept_and_saves_up_no_burst() -> None:
    one, clock, _ = pace()
    one.wait(1)
    clock.now += 3_600

    for _ in range(3):
        one.wait(1)

    assert clock.slept == pytest.approx([1 / 5.6] * 2)


def test_a_turn_that_is_far_off_is_the_queues_to_wait_for() -> None:
    one, clock, _ = pace(replace(FOURTEEN, rate_per_s=1.0))
    one.wait(10)  # 25 s at a worker's share of one a second

    assert one.wait(1) == pytest.approx(25.0)
    assert clock.slept == []
    clock.now += 25.0 - WAIT_MAX_S
    assert one.wait(1) == 0
    assert clock.slept == pytest.approx([WAIT_MAX_S])


def test_ten_thousand_notices_take_as_long_as_the_rate_says() -> None:
    """Two workers with 5,000 each, at 14 a second: 10,000 / (14 x 0.8), 14 min 53 s."""
    ends = []
    for _ in range(WORKERS):
        one, clock, _ = pace()
        for _ in range(10_000 // WORKERS):
            assert one.wait(1) == 0
        ends.append(clock.now)

    assert ends == pytest.approx([10_000 / (14 * 0.8)] * WORKERS, abs=0.5)


def test_in_no_second_more_is_sent_than_the_account_may() -> None:
    times = []
    for _ in range(WORKERS):
        one, clock, _ = pace()
        for _ in range(200):
            one.wait(1)
            times.append(clock.now)

    busiest = max(sum(begin <= at < begin + 1 for at in times) for begin in times)
    assert busiest <= 14


def test_a_tenth_of_the_days_quota_is_left_to_what_cannot_wait() -> None:
    one, _, told = pace(replace(FOURTEEN, sent_24h=44_999))
    assert one.why_held() == ""

    told.told = replace(FOURTEEN, sent_24h=45_000)

    assert one.why_held() == QUOTA_REACHED
    assert one.why_held(is_urgent=True) == ""
    told.told = replace(FOURTEEN, sent_24h=50_000)
    assert one.why_held(is_urgent=True) == QUOTA_REACHED


def test_what_both_workers_sent_since_the_quota_was_told_counts() -> None:
    one, _, told = pace(SendingQuota(rate_per_s=14.0, per_day=200, sent_24h=176))
    one.wait(1)
    assert one.why_held() == ""

    one.wait(1)

    assert one.why_held() == QUOTA_REACHED
    told.told = SendingQuota(rate_per_s=14.0, per_day=200, sent_24h=100)  # told anew
    assert one.why_held() == ""


def test_an_account_without_a_daily_limit_is_never_held_back() -> None:
    one, _, _ = pace(SendingQuota(rate_per_s=14.0, per_day=NO_LIMIT, sent_24h=10**9))

    assert one.why_held() == ""


def test_an_account_that_ses_stopped_sends_nothing_at_all() -> None:
    one, _, _ = pace(replace(FOURTEEN, is_enabled=False))

    assert one.why_held() == SERVICE_PAUSED
    assert one.why_held(is_urgent=True) == SERVICE_PAUSED


def test_without_a_known_quota_letters_leave_as_slowly_as_from_a_new_account() -> None:
    one, clock, _ = pace(UNKNOWN_QUOTA)

    one.wait(1)
    one.wait(1)

    assert clock.slept == pytest.approx([2.5])  # 1 x 0.8, shared by two workers
    assert one.why_held() == ""


def test_after_a_throttled_send_letters_leave_at_half_the_rate_for_a_minute() -> None:
    one, clock, _ = pace()
    one.throttled()

    one.wait(1)
    one.wait(1)
    clock.now += 60
    one.wait(1)
    one.wait(1)

    assert clock.slept == pytest.approx([2 / 5.6, 1 / 5.6])


def test_what_is_not_paced_waits_for_nothing() -> None:
    none = Unpaced()
    none.throttled()

    assert (none.why_held(), none.why_held(is_urgent=True), none.wait(50)) == ("", "", 0)
