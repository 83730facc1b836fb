"""When a webhook is tried again: the waits of Standard Webhooks, spread out, and when it is given up."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from chalicelib.flows.ports_webhooks import Health

HOUR_S = 3_600
# After the first attempt, the second ...: ten attempts in about three days.
WAITS_S = (
    5,
    300,
    1_800,
    2 * HOUR_S,
    5 * HOUR_S,
    10 * HOUR_S,
    14 * HOUR_S,
    20 * HOUR_S,
    24 * HOUR_S,
)
ATTEMPTS_MAX = len(WAITS_S) + 1
JITTER_PERCENT = 10  # a wait is up to so much longer
RETRY_AFTER_MAX = timedelta(days=1)  # what a receiver may ask for
AGE_MAX = timedelta(days=5)  # then a delivery is given up, however few its attempts were
LEASE = timedelta(seconds=90)  # for one attempt; after that another may be made

REST_AFTER_FAILURES = 5  # one after the other
REST_FIRST, REST_MAX = timedelta(minutes=1), timedelta(minutes=30)
DISABLE_AFTER, DISABLE_AFTER_FAILURES = timedelta(days=5), 10


def next_attempt(
    event_id: str, shelf: str, attempts: int, at: datetime, retry_after: str = ""
) -> datetime | None:
    """Return when to try again after `attempts` that failed, the last one at `at`; None for never.

    The same delivery always waits as long; different ones do not come back all at once.
    `retry_after`: what the receiver asked for makes a wait longer, up to a day.
    """
    if attempts >= ATTEMPTS_MAX:
        return None
    base_s = WAITS_S[attempts - 1]
    made = hashlib.sha256(f"{shelf} {event_id} {attempts}".encode()).digest()
    jitter_s = base_s * JITTER_PERCENT * int.from_bytes(made[:2]) // (100 * 0xFFFF)
    wait = timedelta(seconds=base_s + jitter_s)
    return at + max(wait, asked_wait(retry_after, at))


def asked_wait(retry_after: str, at: datetime) -> timedelta:
    """Return how long a `Retry-After` asks to wait, at most a day: seconds or a date; else nothing."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), RETRY_AFTER_MAX)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError):
        return timedelta()
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - at, timedelta()), RETRY_AFTER_MAX)


def is_resting(health: Health, at: datetime) -> bool:
    """Return whether nothing is to be sent to an endpoint now."""
    return health.rests_until is not None and at < health.rests_until


def needs_a_trial(health: Health) -> bool:
    """Return whether an endpoint failed so often that one attempt at a time is made."""
    return health.failures >= REST_AFTER_FAILURES


def after_failure(health: Health, at: datetime) -> Health:
    """Return how an endpoint does after one more failed attempt; from the fifth on it rests.

    Each rest is twice as long as the one before, up to half an hour.
    """
    failures = health.failures + 1
    rests_until = None
    if failures >= REST_AFTER_FAILURES:
        doublings = min(failures - REST_AFTER_FAILURES, 10)
        rests_until = at + min(REST_FIRST * 2**doublings, REST_MAX)
    return Health(failures, health.failing_since or at, rests_until)


def is_hopeless(health: Health, at: datetime) -> bool:
    """Return whether an endpoint failed all of at least ten attempts for five days."""
    since = health.failing_since
    if since is None or health.failures < DISABLE_AFTER_FAILURES:
        return False
    return at - since >= DISABLE_AFTER
