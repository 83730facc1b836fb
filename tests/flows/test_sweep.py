"""The sweep's gates, its approval, and what it hands out."""

from datetime import date, timedelta

import pytest
from chalicelib.core.errors import ConflictError, NotFoundError
from chalicelib.flows.gates import previous_business_day
from chalicelib.flows.ports import RunState
from tests.flows.machine import FRIDAY, TODAY, Machine, invoice


def with_accounts(count: int) -> Machine:
    machine = Machine()
    for number in range(count):
        machine.take_in(f"A{number}", invoice(f"I{number}", 15))
    return machine


def with_history(machine: Machine, *counts: int) -> None:
    for back, count in enumerate(counts, start=1):
        day = TODAY - timedelta(days=back)
        machine.registry.put_run(RunState(day, "running", count))


def test_a_run_counts_what_is_due_and_sends_one_message_a_shard() -> None:
    machine = with_accounts(3)

    counts = machine.sweep.start(TODAY)

    assert counts == {"run_started": 1, "accounts_due": 3, "shards": 4}
    assert machine.queues.shards == [(TODAY, shard) for shard in range(4)]
    assert machine.registry.run_state(TODAY) == RunState(TODAY, "running", 3)


def test_every_due_account_is_handed_out_once() -> None:
    machine = with_accounts(250)
    machine.take_in("later", invoice("I1", 1), wake_on=TODAY + timedelta(days=1))
    machine.sweep.start(TODAY)

    for shard in range(4):
        machine.sweep.hand_out(TODAY, shard)

    assert sorted(machine.queues.work) == sorted((TODAY, f"A{number}") for number in range(250))


def test_a_large_account_goes_to_its_own_queue() -> None:
    machine = Machine()
    machine.take_in("big", *(invoice(f"I{number}", 1) for number in range(1_001)))
    machine.let_run()

    counts = machine.sweep.hand_out(TODAY, machine.shard_of("big"))

    assert counts == {"accounts_handed_out": 1}
    assert machine.queues.large == [(TODAY, "big")]
    assert machine.queues.work == []


def test_the_kill_switch_refuses_a_run() -> None:
    machine = with_accounts(1)
    machine.registry.pause_sending(paused=True)

    counts = machine.sweep.start(TODAY)

    assert counts == {"run_refused": 1, "run_refused_sending_paused": 1}
    assert machine.queues.shards == []


@pytest.mark.parametrize("through", [None, FRIDAY - timedelta(days=1)])
def test_a_stale_ledger_refuses_a_run_and_raises_an_alarm(through: date | None) -> None:
    machine = with_accounts(1)
    machine.registry.through = through

    counts = machine.sweep.start(TODAY)

    assert counts == {"run_refused": 1, "run_refused_ledger_not_fresh": 1}
    assert machine.registry.run_state(TODAY) == RunState(
        TODAY, "refused", reason="ledger_not_fresh"
    )


def test_a_refused_run_starts_once_the_ledger_is_fresh() -> None:
    machine = with_accounts(1)
    machine.registry.through = None
    machine.sweep.start(TODAY)
    machine.registry.beat(FRIDAY)

    assert machine.sweep.start(TODAY)["run_started"] == 1


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2024, 3, 18), date(2024, 3, 15)),  # Monday: Friday
        (date(2024, 3, 17), date(2024, 3, 15)),  # Sunday: Friday
        (date(2024, 3, 19), date(2024, 3, 18)),
        (date(2024, 7, 5), date(2024, 7, 3)),  # the Fourth is a holiday
    ],
)
def test_freshness_is_judged_by_business_days(day: date, before: date) -> None:
    assert previous_business_day(Machine().policies.default().calendar, day) == before


@pytest.mark.parametrize(
    ("history", "due", "started"),
    [
        ((), 999, True),
        ((), 1_000, False),  # the first runs stay under max_first_run
        ((2, 2), 999, True),
        ((2, 2, 2), 5, True),
        ((2, 2, 2), 6, False),  # three times the median is too much
        ((1, 1, 4, 4), 7, True),  # the median of an even number lies between
        ((1, 1, 4, 4), 8, False),
        ((10,) * 8 + (1,) * 20, 29, True),  # only the last eight count
        ((0, 0, 0), 0, True),  # a day on which nothing is due needs nobody
        ((0, 0, 0), 1, False),
    ],
)
def test_a_run_far_above_the_usual_waits_for_a_person(
    history: tuple[int, ...], due: int, started: bool
) -> None:
    machine = with_accounts(due)
    with_history(machine, *history)

    counts = machine.sweep.start(TODAY)

    assert ("run_started" in counts, "run_waiting" in counts) == (started, not started)
    assert bool(machine.queues.shards) is started


def waiting() -> Machine:
    machine = with_accounts(6)
    with_history(machine, 2, 2, 2)
    machine.sweep.start(TODAY)
    return machine


def test_an_approval_of_date_and_count_lets_the_run_go() -> None:
    machine = waiting()

    counts = machine.sweep.approve(TODAY, 6)

    assert counts["run_started"] == 1
    assert len(machine.queues.shards) == 4
    assert machine.registry.run_state(TODAY) == RunState(TODAY, "running", 6, approved_count=6)


def test_an_approval_of_another_count_is_refused() -> None:
    machine = waiting()

    with pytest.raises(ConflictError, match="6 accounts due, not 5"):
        machine.sweep.approve(TODAY, 5)

    assert machine.queues.shards == []


def test_a_run_that_grew_since_it_asked_waits_again() -> None:
    machine = waiting()
    machine.take_in("late", invoice("I1", 15))

    counts = machine.sweep.approve(TODAY, 6)

    assert counts == {"run_waiting": 1, "accounts_due": 7}
    assert machine.queues.shards == []


def test_only_a_waiting_run_can_be_approved() -> None:
    machine = with_accounts(1)
    with pytest.raises(NotFoundError):
        machine.sweep.approve(TODAY, 1)
    machine.sweep.start(TODAY)

    with pytest.raises(ConflictError, match="does not wait"):
        machine.sweep.approve(TODAY, 1)


def test_the_same_run_again_hands_out_only_what_is_left() -> None:
    machine = with_accounts(3)
    machine.sweep.start(TODAY)
    for number in range(3):
        machine.work.decide_account(TODAY, f"A{number}")
    machine.queues.shards.clear()

    counts = machine.sweep.start(TODAY)

    assert counts["accounts_due"] == 0
    assert machine.registry.run_state(TODAY) == RunState(TODAY, "running", 3)
    assert all(
        machine.sweep.hand_out(TODAY, shard) == {"accounts_handed_out": 0} for shard in range(4)
    )


def test_the_kill_switch_also_stops_a_run_under_way() -> None:
    machine = with_accounts(1)
    machine.sweep.start(TODAY)
    machine.registry.pause_sending(paused=True)

    assert machine.sweep.hand_out(TODAY, machine.shard_of("A0"))["shard_held_back"] == 1
    assert machine.queues.work == []

    machine.registry.pause_sending(paused=False)
    assert machine.sweep.hand_out(TODAY, machine.shard_of("A0")) == {"accounts_handed_out": 1}
