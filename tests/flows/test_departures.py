"""Notices leave in the sending window, at their turn, and stop within a minute of the kill switch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from chalicelib.flows.deliver import ATTEMPTS_MAX
from chalicelib.flows.departures import HELD_FOR
from chalicelib.flows.pace import WAIT_MAX_S, Pace, Unpaced
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.ports import OutboxRow
from chalicelib.flows.ports_mail import Accepted, OutgoingMail, Refused, SendOutcome
from chalicelib.flows.ports_quota import SendingQuota
from chalicelib.flows.reconcile import AGAIN_AFTER, EACH_TIME_MAX
from chalicelib.flows.registry_cache import CACHED_S
from chalicelib.flows.sending_times import SendingTimes
from chalicelib.mail.ses import READ_TIMEOUT_S
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes_mail import FakeMailer, FakeQuota
from tests.fakes_store import MemoryAccounts, MemoryRegistry
from tests.flows.clocks import SleepClock
from tests.flows.machine import NOTICE, NOW, FixedClock, Machine, invoice, with_notice

BERLIN = ZoneInfo("Europe/Berlin")
WINDOW = b'\n[sending]\nfrom = "09:00"\nuntil = "17:00"\n'
OPENS, CLOSES = (datetime(2024, 3, 18, hour, tzinfo=BERLIN) for hour in (9, 17))
THROTTLED = Refused("TooManyRequestsException", retryable=True, is_throttled=True)
REFUSED = Refused("AccessDenied", retryable=True)


class Timed(FakeMailer):
    """Knows when each letter left."""

    def __init__(self, outcomes: Sequence[SendOutcome] = ()) -> None:
        super().__init__(outcomes)
        self.at: list[datetime] = []
        self.now: Callable[[], datetime] = lambda: NOW

    def send(self, message: OutgoingMail) -> SendOutcome:
        self.at.append(self.now())
        return super().send(message)


def in_a_window(count: int = 1, at: datetime = NOW, **given: Any) -> Machine:
    """So many accounts with a notice each, decided at six in Berlin; letters leave from nine."""
    values: dict[str, Any] = {"mailer": Timed(), "clock": FixedClock(at)} | given
    machine = Machine(times=SendingTimes(BERLIN), **values)
    machine.registry.put_policy("standard", shipped_document("standard") + WINDOW)
    assert isinstance(machine.mailer, Timed)
    machine.mailer.now = machine.clock.now
    for number in range(1, count + 1):
        machine.take_in(f"A{number}", invoice("I1", 15))
        machine.decide(f"A{number}")
    return machine


def row_of(machine: Machine) -> OutboxRow:
    return machine.accounts.outbox["A1"][f"notice:{NOTICE}"]


def live_through(machine: Machine, until: datetime) -> None:
    """Let minutes pass: the reconcile hands over, and each message is delivered at once."""
    while machine.clock.now() < until:
        machine.clock.pass_by(minutes=1)
        machine.reconcile.reconcile(machine.clock.now())
        while machine.queues.mail:
            machine.deliver.deliver(*machine.queues.mail.pop(0))


def test_a_notice_that_is_decided_before_the_window_waits_for_its_place_in_it() -> None:
    machine = in_a_window()

    assert machine.queues.mail == []
    assert OPENS <= row_of(machine).waits_until < CLOSES


def test_a_days_notices_leave_in_the_window_each_within_a_minute_of_its_place() -> None:
    machine = in_a_window(24)
    places = sorted(
        row.waits_until for rows in machine.accounts.outbox.values() for row in rows.values()
    )

    live_through(machine, CLOSES + timedelta(hours=1))

    assert isinstance(machine.mailer, Timed)
    assert len(machine.mailer.at) == 24
    for place, left_at in zip(places, machine.mailer.at, strict=True):
        assert OPENS <= left_at < CLOSES
        assert timedelta() <= left_at - place <= timedelta(minutes=1, seconds=1)


def test_a_place_within_a_quarter_of_an_hour_is_the_queues_to_wait_for() -> None:
    place = row_of(in_a_window()).waits_until

    machine = in_a_window(at=place - timedelta(minutes=10))

    assert (machine.queues.mail, machine.queues.delays) == ([("A1", NOTICE)], [600])
    # Should that message be lost, the reconcile makes up for it a minute after.
    assert row_of(machine).waits_until == place + timedelta(minutes=1)


@pytest.mark.parametrize(
    "clock", [OPENS - timedelta(seconds=1), CLOSES, CLOSES + timedelta(hours=9)]
)
def test_a_message_that_comes_outside_the_window_sends_nothing(clock: datetime) -> None:
    machine = in_a_window()
    machine.clock.at = clock.astimezone(UTC)

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_outside_window": 1}

    assert machine.mailer.tried == []
    assert machine.notice(NOTICE).state == "pending"
    there = row_of(machine).waits_until.astimezone(BERLIN)
    assert there > clock
    assert OPENS.time() <= there.time() < CLOSES.time()


def test_a_letter_that_was_paused_until_the_evening_leaves_on_the_next_day() -> None:
    machine = in_a_window()
    machine.registry.pause_sending(paused=True)
    live_through(machine, CLOSES)
    machine.registry.pause_sending(paused=False)
    live_through(machine, CLOSES + timedelta(hours=12))
    assert machine.mailer.tried == []

    live_through(machine, CLOSES + timedelta(hours=24))

    assert len(machine.mailer.tried) == 1


def test_another_try_waits_for_the_window_too() -> None:
    machine = in_a_window(mailer=Timed([REFUSED]))
    machine.clock.at = CLOSES.astimezone(UTC) - timedelta(seconds=30)
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_refused_for_now": 1}

    machine.clock.pass_by(seconds=60)

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_outside_window": 1}
    live_through(machine, CLOSES + timedelta(hours=24))
    assert isinstance(machine.mailer, Timed)
    assert [at.astimezone(BERLIN).day for at in machine.mailer.at] == [18, 19]


def test_what_was_handed_over_is_not_handed_over_again_every_minute() -> None:
    machine = with_notice()
    machine.queues.mail.clear()
    first = machine.clock.pass_by(minutes=2)

    for _ in range(14):
        machine.reconcile.reconcile(machine.clock.now())
        machine.clock.pass_by(minutes=1)

    assert machine.queues.mail == [("A1", NOTICE)]
    machine.reconcile.reconcile(first + AGAIN_AFTER + timedelta(seconds=1))
    assert machine.queues.mail == [("A1", NOTICE)] * 2


def test_more_than_a_minute_takes_is_handed_over_in_the_next_ones() -> None:
    machine = Machine()
    for number in range(EACH_TIME_MAX * 2 + 7):
        row = OutboxRow(f"notice:N{number}", "notice", f"N{number}", NOW)
        machine.accounts.outbox.setdefault(f"A{number}", {})[row.id] = row
    counts = []
    for _ in range(4):
        counts.append(machine.reconcile.reconcile(machine.clock.pass_by(minutes=1)))

    assert counts == [{"handed_over": 1_000}, {"handed_over": 1_000}, {"handed_over": 7}, {}]
    assert len(set(machine.queues.mail)) == EACH_TIME_MAX * 2 + 7


def test_a_notice_that_the_days_quota_has_no_room_for_is_held_back_and_sent_later() -> None:
    clock, quota = SleepClock(), FakeQuota(SendingQuota(per_day=200, sent_24h=180))
    machine = with_notice(Machine(pace=Pace(quota, clock.monotonic, clock.sleep)))

    for _ in range(ATTEMPTS_MAX + 2):
        assert machine.deliver.deliver("A1", NOTICE) == {"mail_quota_reached": 1}
        machine.clock.pass_by(minutes=30)

    notice = machine.notice(NOTICE)
    assert (notice.state, notice.attempt, machine.mailer.tried) == ("pending", 0, [])
    assert row_of(machine).waits_until == machine.clock.now() - timedelta(minutes=30) + HELD_FOR
    quota.told = SendingQuota(per_day=200, sent_24h=20)
    assert machine.deliver.deliver("A1", NOTICE) == {"mail_sent": 1}


def test_a_notice_whose_turn_is_far_off_goes_back_to_the_queue_until_then() -> None:
    clock, quota = SleepClock(), FakeQuota(SendingQuota(rate_per_s=1.0))
    machine = with_notice(Machine(pace=Pace(quota, clock.monotonic, clock.sleep)))
    machine.pace.wait(10)

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_waits_its_turn": 1}

    assert (machine.queues.mail[-1], machine.queues.delays[-1]) == (("A1", NOTICE), 25)
    assert machine.notice(NOTICE).state == "pending"


def test_throttled_sends_count_for_no_attempt_and_slow_the_worker_down() -> None:
    clock, quota = SleepClock(), FakeQuota()
    outcomes = [*[THROTTLED] * (ATTEMPTS_MAX * 3), *[REFUSED] * (ATTEMPTS_MAX - 1)]
    pace = Pace(quota, clock.monotonic, clock.sleep)
    machine = with_notice(Machine(mailer=FakeMailer(outcomes), pace=pace))

    answers = []
    for _ in range(len(outcomes) + 1):
        answers.append(machine.deliver.deliver("A1", NOTICE))
        machine.clock.pass_by(minutes=15)

    assert answers[: ATTEMPTS_MAX * 3] == [{"mail_throttled": 1}] * (ATTEMPTS_MAX * 3)
    assert answers[-2:] == [{"mail_refused_for_now": 1}, {"mail_sent": 1}]
    assert machine.mailer.tried[0].attempt == machine.mailer.tried[ATTEMPTS_MAX * 3].attempt == 1
    assert clock.slept[:3] == pytest.approx([1 / 5.6, 2 / 5.6, 2 / 5.6])


@dataclass
class Switched(MemoryRegistry):
    """The kill switch as a worker knows it: of 15 seconds ago at most."""

    clock: SleepClock = field(default_factory=SleepClock)

    def __post_init__(self) -> None:
        super().__init__()
        self._known = (float("-inf"), False)

    def sending_paused(self) -> bool:
        if self.clock.now - self._known[0] >= CACHED_S:
            self._known = (self.clock.now, self.paused)
        return self._known[1]


class Slow(FakeMailer):
    """SES takes as long to answer as it may. Somebody turns the switch during the third letter."""

    def __init__(self, clock: SleepClock, registry: MemoryRegistry) -> None:
        super().__init__()
        self.clock, self.registry, self.ended_at = clock, registry, list[float]()

    def send(self, message: OutgoingMail) -> SendOutcome:
        outcome = super().send(message)
        if len(self.tried) == 3:
            self.registry.pause_sending(paused=True)
        self.clock.now += READ_TIMEOUT_S
        self.ended_at.append(self.clock.now)
        return outcome


def test_from_turning_the_kill_switch_no_letter_leaves_after_a_minute() -> None:
    clock = SleepClock()
    registry = Switched(clock=clock)
    mailer = Slow(clock, registry)
    quota = FakeQuota(SendingQuota(rate_per_s=1.0))
    machine = Machine(
        registry=registry, mailer=mailer, pace=Pace(quota, clock.monotonic, clock.sleep)
    )
    for number in range(1, 9):
        machine.take_in(f"A{number}", invoice("I1", 15))
        machine.decide(f"A{number}")

    answers = [machine.deliver.deliver(*message) for message in machine.queues.mail]

    turned_at = mailer.ended_at[2] - READ_TIMEOUT_S
    assert mailer.ended_at[-1] - turned_at <= CACHED_S + WAIT_MAX_S + READ_TIMEOUT_S < 60
    assert answers[-1] == {"mail_held_back": 1}
    assert {notice.state for n in range(1, 9) for notice in machine.account(f"A{n}").notices.values()
            } == {"sent", "pending"}  # fmt: skip


class Turning(Unpaced):
    """Somebody turns the kill switch while a letter waits for its turn."""

    registry: MemoryRegistry

    def wait(self, recipients: int) -> float:
        self.registry.pause_sending(paused=True)
        return super().wait(recipients)


def test_the_kill_switch_is_looked_at_again_after_the_wait_right_before_the_claim() -> None:
    pace = Turning()
    machine = with_notice(Machine(pace=pace))
    pace.registry = machine.registry

    assert machine.deliver.deliver("A1", NOTICE) == {"mail_held_back": 1}

    assert machine.mailer.tried == []
    assert machine.notice(NOTICE).attempt == 0
    machine.registry.pause_sending(paused=False)
    assert machine.reconcile.reconcile(machine.clock.pass_by(seconds=1)) == {"handed_over": 1}


class Lost(MemoryAccounts):
    """Putting a row off fails."""

    def put_off(self, account_id: str, outbox_id: str, until: datetime) -> None:
        del account_id, outbox_id, until
        raise ConnectionError


def test_a_row_that_cannot_be_put_off_is_still_there() -> None:
    machine = in_a_window(accounts=Lost(shard_count=4))

    with pytest.raises(ConnectionError):
        machine.deliver.deliver("A1", NOTICE)

    assert list(machine.accounts.outbox["A1"]) == [f"notice:{NOTICE}"]
    assert machine.mailer.tried == []


@settings(max_examples=15, deadline=None)
@given(
    outcomes=st.lists(st.sampled_from([Accepted("m"), REFUSED, THROTTLED]), max_size=12),
    paused_hours=st.sets(st.integers(6, 40), max_size=20),
    lost=st.lists(st.booleans(), max_size=30),
)
def test_whatever_is_refused_paused_or_lost_each_letter_leaves_once_and_in_the_window(
    outcomes: list[SendOutcome], paused_hours: set[int], lost: list[bool]
) -> None:
    machine = in_a_window(4, mailer=Timed(outcomes))
    lost = list(lost)
    begins = machine.clock.now()
    while machine.clock.now() < begins + timedelta(days=4):
        hour = (machine.clock.pass_by(minutes=20) - begins) // timedelta(hours=1)
        machine.registry.pause_sending(paused=hour in paused_hours)
        machine.reconcile.reconcile(machine.clock.now())
        while machine.queues.mail:
            message = machine.queues.mail.pop(0)
            if not (lost and lost.pop()):
                machine.deliver.deliver(*message)

    assert isinstance(machine.mailer, Timed)
    for at in machine.mailer.at:
        assert OPENS.time() <= at.astimezone(BERLIN).time() < CLOSES.time()
    came = chain(outcomes, repeat(Accepted("m")))  # the fake accepts what it was not told of
    tried = zip(machine.mailer.tried, came, strict=False)
    accepted = [mail.notice_id for mail, outcome in tried if isinstance(outcome, Accepted)]
    assert len(accepted) == len(set(accepted))
    for number in range(1, 5):
        account = machine.account(f"A{number}")
        [notice] = [*account.notices.values(), *account.past_notices.values()]
        left_to_a_person = f"{account.id}:review_notice:{notice.id}" in account.tasks
        assert (notice.id in accepted) is not left_to_a_person
        assert machine.accounts.outbox[account.id] == {}
