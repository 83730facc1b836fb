"""Statements in a run: handed out beside the wake list, created once, never part of the breaker."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from chalicelib.core.errors import StaleVersionError, UnavailableError
from chalicelib.core.facts import InvoiceIssued, Payment
from chalicelib.flows.dry_run_job import DryRun
from chalicelib.flows.jobs import Job, Task
from chalicelib.flows.ports import Change, Loaded, RunState
from chalicelib.flows.run_figures import run_figures
from tests.fakes_store import MemoryAccounts
from tests.flows.machine import FRIDAY, NOW, TODAY, Machine, invoice

STATEMENT = f"A1:USD:statement:{TODAY}"
TOMORROW = TODAY + timedelta(days=1)


def that_waits(
    machine: Machine, account_id: str = "A1", *facts: InvoiceIssued, on: date = TODAY
) -> None:
    """An account that sleeps for weeks but for a statement on a Monday: what it owes is late."""
    machine.take_in(account_id, *(facts or (invoice("I1", 12),)), wake_on=FRIDAY)
    machine.decide(account_id, FRIDAY)
    kept = machine.accounts.kept[account_id]
    assert kept.account.statement_on == TODAY
    kept.account = replace(kept.account, statement_on=on)
    kept.wake_on = TODAY + timedelta(days=20)
    machine.registry.runs.clear()
    machine.accounts.runs.clear()
    machine.queues.mail.clear()


def hand_out(machine: Machine, run_on: date = TODAY) -> dict[str, int]:
    counts: dict[str, int] = {}
    for shard in range(machine.accounts.shards()):
        for name, count in machine.sweep.hand_out(run_on, shard).items():
            counts[name] = counts.get(name, 0) + count
    return counts


def test_an_account_due_for_a_statement_is_handed_out_and_not_counted() -> None:
    machine = Machine()
    that_waits(machine)

    started = machine.sweep.start(TODAY)
    counts = hand_out(machine)

    assert started == {"run_started": 1, "accounts_due": 0, "shards": 4}
    assert counts == {"accounts_handed_out": 0, "statements_handed_out": 1}
    assert machine.queues.work == [(TODAY, "A1")]


def test_an_account_due_by_both_is_handed_out_once() -> None:
    machine = Machine()
    that_waits(machine)
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 100, ("I1",)))
    machine.let_run()

    assert hand_out(machine) == {"accounts_handed_out": 1}
    assert machine.queues.work == [(TODAY, "A1")]


def test_before_its_day_nobody_is_handed_out() -> None:
    machine = Machine()
    that_waits(machine, on=TOMORROW)
    machine.let_run()

    assert hand_out(machine) == {"accounts_handed_out": 0}
    assert machine.decide("A1") == {"work_not_due": 1}


def test_a_large_account_gets_its_statement_through_its_own_queue() -> None:
    machine = Machine()
    that_waits(machine, "big", *(invoice(f"I{number}", 12) for number in range(1_001)))
    machine.let_run()

    hand_out(machine)

    assert (machine.queues.work, machine.queues.large) == ([], [(TODAY, "big")])


def test_many_statements_never_stop_a_run() -> None:
    """One account is due, as on the days before; that fifty get a statement asks nobody (R13.1)."""
    machine = Machine()
    for number in range(50):
        that_waits(machine, f"A{number}")
    machine.take_in("due", invoice("I1", 15))
    for back in range(1, 4):
        day = TODAY - timedelta(days=back)
        machine.registry.put_run(RunState(day, "running", 1))

    assert machine.sweep.start(TODAY)["accounts_due"] == 1
    assert hand_out(machine) == {"accounts_handed_out": 1, "statements_handed_out": 50}


def test_a_run_that_waits_for_a_person_holds_statements_too() -> None:
    machine = Machine()
    that_waits(machine)
    machine.registry.put_run(RunState(TODAY, "waiting", 9))

    counts = hand_out(machine)
    decided = machine.work.decide_account(TODAY, "A1")

    assert machine.queues.work == []
    assert counts == {"shard_held_back": 4, "shard_held_back_run_not_started": 4}
    assert decided == {"work_held_back": 1, "work_held_back_run_not_started": 1}


def test_the_kill_switch_holds_statements_back_and_they_come_later() -> None:
    machine = Machine()
    that_waits(machine)
    machine.registry.pause_sending(paused=True)
    assert machine.decide("A1") == {"work_held_back": 1, "work_held_back_sending_paused": 1}

    machine.registry.pause_sending(paused=False)

    assert machine.decide("A1", TOMORROW)["statements"] == 1
    assert list(machine.account("A1").notices) == [f"A1:USD:statement:{TOMORROW}"]


def test_the_decision_creates_the_statement_and_hands_it_over_once() -> None:
    machine = Machine()
    that_waits(machine)

    first, again = machine.decide("A1"), machine.decide("A1")

    assert (first, again) == ({"accounts_decided": 1, "statements": 1}, {"work_not_due": 1})
    assert machine.queues.mail == [("A1", STATEMENT)]
    assert list(machine.accounts.outbox["A1"]) == [f"notice:{STATEMENT}"]
    assert machine.account("A1").notice_counts["statement"] == {"created": 1}
    assert machine.account("A1").statement_on == TODAY + timedelta(days=7)


class Losing(MemoryAccounts):
    """The first commit after `lose` is lost before it is written, or its answer after it."""

    lose = ""

    def commit(self, change: Change) -> Loaded:
        lose, self.lose = self.lose, ""
        if lose == "before":
            raise UnavailableError("the store does not answer")
        loaded = super().commit(change)
        if lose == "after":
            raise StaleVersionError("the answer was lost")
        return loaded


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_crash_around_the_commit_makes_neither_two_statements_nor_none(lost: str) -> None:
    accounts = Losing(shard_count=4)
    machine = Machine(accounts=accounts)
    that_waits(machine)
    accounts.lose = lost

    for _ in range(3):  # the queue brings the message again
        try:
            machine.decide("A1")
        except UnavailableError:
            continue

    assert machine.account("A1").notice_counts["statement"] == {"created": 1}
    assert list(machine.accounts.outbox["A1"]) == [f"notice:{STATEMENT}"]


def test_a_payment_that_comes_first_leaves_nothing_to_state() -> None:
    machine = Machine()
    that_waits(machine)
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 100_000, ("I1",)))

    counts = machine.decide("A1")

    assert "statements" not in counts
    assert machine.account("A1").notices == {}
    assert machine.account("A1").statement_on is None


def test_a_runs_figures_tell_statements_apart() -> None:
    machine = Machine()
    that_waits(machine)
    that_waits(machine, "A2")
    machine.decide("A1")

    figures = run_figures(machine.accounts, TODAY)

    assert figures["outcomes"] == {"accounts_decided": 1, "statements": 1}
    assert (figures["done"], figures["left"], figures["statements_left"]) == (1, 0, 1)


def test_a_run_that_is_only_tried_tells_the_statements_too() -> None:
    machine = Machine()
    that_waits(machine)
    job = Job("j1", "dry_run", "anna", "anna", NOW, {"as_of": f"{TODAY}"})
    dry_run = DryRun(machine.accounts, machine.registry, machine.policies)

    result = dry_run(Task(job, {}, lambda: False))

    assert result.kept["counts"] == {"accounts_decided": 1, "statements": 1}
    assert result.kept["accounts_due"] == 0
    assert machine.account("A1").notices == {}
