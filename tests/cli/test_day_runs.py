"""Days run one after the other come out as the simulation says, and running one again as nothing."""

from datetime import date, timedelta

import pytest
from chalicelib.core.effects import Effect, NoticeCreated, TaskEnded, TaskMade
from chalicelib.flows.policies import load, shipped_document
from chalicelib.flows.simulate import simulate
from local.day_runs import RunError, run_again, run_days
from local.sample import DAYS, FIRST_DAY, sample_files

from tests.cli.memory_machine import MemoryMachine

POSTED = {"send_letter", "find_contact"}  # the tasks of a letter that nobody can be mailed
SPAN = [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]


def simulated(first_day: date, last_day: date) -> list[Effect]:
    accounts = {
        account_id: (account.details, account.facts)
        for account_id, account in sample_files().read().accounts.items()
    }
    return simulate(accounts, load("standard"), first_day, last_day).effects


def test_days_of_the_sample_bring_what_the_simulation_says() -> None:
    machine = MemoryMachine()

    done = run_days(machine, sample_files().read(), SPAN)

    # An account without an address gets its letter by post, which counts once it is posted.
    effects = [effect for day in done for effect in day.effects]
    assert [effect for effect in effects if not is_of_the_post(effect)] == simulated(
        SPAN[0], SPAN[-1]
    )
    assert any(is_of_the_post(effect) for effect in effects)


def is_of_the_post(effect: Effect) -> bool:
    return isinstance(effect, TaskMade | TaskEnded) and effect.task in POSTED


def test_the_same_day_again_brings_nothing_and_sends_nothing() -> None:
    machine = MemoryMachine()
    ledger = sample_files().read()
    run_days(machine, ledger, SPAN[:3])
    sent = machine.letters_sent()

    again = run_again(machine, SPAN[2])

    assert sent > 0
    assert (again.effects, again.letters, machine.letters_sent()) == ([], 0, sent)


def test_a_run_that_waits_for_a_person_is_approved_and_says_so() -> None:
    machine = MemoryMachine()
    cautious = shipped_document("standard").replace(b"= 1000", b"= 10")
    machine.inner.registry.put_policy("standard", cautious)

    [done] = run_days(machine, sample_files().read(), SPAN[:1])

    assert done.approved
    assert done.accounts_due == 27


def test_a_run_that_a_gate_refuses_is_an_error_that_names_the_gate() -> None:
    machine = MemoryMachine()
    machine.inner.registry.pause_sending(paused=True)

    with pytest.raises(RunError, match="sending_paused"):
        run_days(machine, sample_files().read(), SPAN[:1])


def test_the_sample_shows_what_the_product_does() -> None:
    effects = simulated(SPAN[0], SPAN[-1])

    assert {effect.kind for effect in effects} == {
        "stage", "charge", "charge_reversed", "notice", "hold_placed", "hold_released", "skip",
        "case_opened", "case_closed", "task", "task_closed", "promise", "plan", "instalment_missed",
        "statement",
    }  # fmt: skip
    letters = {effect.notice for effect in effects if isinstance(effect, NoticeCreated)}
    assert letters == {"reminder", "late_fee", "final_demand", "plan_agreed", "plan_broken"}
