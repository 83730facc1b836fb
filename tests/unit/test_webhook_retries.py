"""When a webhook is tried again, and when its endpoint is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from chalicelib.flows.ports_webhooks import Health
from chalicelib.flows.webhook_retries import (
    ATTEMPTS_MAX,
    WAITS_S,
    after_failure,
    asked_wait,
    is_hopeless,
    is_resting,
    next_attempt,
)
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2024, 3, 18, 5, tzinfo=UTC)


def test_a_delivery_is_tried_ten_times_in_about_three_days() -> None:
    assert ATTEMPTS_MAX == 10
    assert timedelta(days=3) < timedelta(seconds=sum(WAITS_S)) < timedelta(days=3, hours=8)
    assert next_attempt("evt_1", "orders", 10, NOW) is None


@given(st.text(max_size=20), st.integers(1, 9))
@settings(max_examples=30)
def test_a_wait_is_at_most_a_tenth_longer_and_the_same_each_time(event: str, attempts: int) -> None:
    when = next_attempt(event, "orders", attempts, NOW)

    assert when is not None
    assert 1 <= (when - NOW) / timedelta(seconds=WAITS_S[attempts - 1]) <= 1.1
    assert when == next_attempt(event, "orders", attempts, NOW)


def test_deliveries_that_failed_together_do_not_come_back_together() -> None:
    waits = {next_attempt(f"evt_{number}", "orders", 4, NOW) for number in range(50)}

    assert len(waits) > 40


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("999999999999", 86_400),
        ("Mon, 18 Mar 2024 05:10:00 GMT", 600),
        ("Mon, 18 Mar 2024 04:00:00 GMT", 0),
        ("Fri, 18 Mar 2044 04:00:00 GMT", 86_400),
        ("soon", 0),
        ("-5", 0),
        ("1.5", 0),
        ("", 0),
        ("²", 0),
        ("Mon, 99 Mar 99999 99:00:00 GMT", 0),
    ],
)
def test_what_a_receiver_asks_to_wait_is_a_day_at_most(said: str, wait_s: int) -> None:
    assert asked_wait(said, NOW) == timedelta(seconds=wait_s)


def test_a_receiver_may_ask_for_a_longer_wait_and_not_for_a_shorter_one() -> None:
    own = next_attempt("evt_1", "orders", 2, NOW)

    assert next_attempt("evt_1", "orders", 2, NOW, "3600") == NOW + timedelta(hours=1)
    assert next_attempt("evt_1", "orders", 2, NOW, "1") == own


def test_an_endpoint_rests_from_the_fifth_failure_on_longer_each_time() -> None:
    health, rests = Health(), []
    for _ in range(12):
        health = after_failure(health, NOW)
        rests.append((health.rests_until - NOW) / timedelta(minutes=1) if health.rests_until else 0)

    assert rests == [0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30]
    assert is_resting(health, NOW)
    assert not is_resting(health, NOW + timedelta(minutes=30))
    assert health.failing_since == NOW


def test_only_days_of_failures_and_many_of_them_are_hopeless() -> None:
    since = NOW - timedelta(days=5)

    assert is_hopeless(Health(10, since), NOW)
    assert not is_hopeless(Health(9, since), NOW)
    assert not is_hopeless(Health(500, since + timedelta(seconds=1)), NOW)
    assert not is_hopeless(Health(), NOW)
