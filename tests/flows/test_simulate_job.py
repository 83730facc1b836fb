"""A simulation over the live accounts changes nothing and says what would be (R13.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chalicelib.core.facts import Payment
from chalicelib.core.policy_load import policy_version
from chalicelib.flows.dry_run_job import DryRun
from chalicelib.flows.jobs import Job, Task
from chalicelib.flows.policies import load, shipped_document
from chalicelib.flows.policy_table import PolicyText, text_key
from chalicelib.flows.ports_registry import Put
from chalicelib.flows.simulate_job import SimulatePolicy, simulate_account
from tests.fakes_registry import MemoryAccountPages
from tests.flows.machine import NOW, TODAY, Machine, invoice

STANDARD = shipped_document("standard")
FREE = STANDARD.replace(b'rate = "0.015"', b'rate = "0.001"')
LAST = TODAY + timedelta(days=60)


class SmallPages(MemoryAccountPages):
    """Two accounts a page."""

    def account_page(self, after: str, most: int) -> tuple[Sequence[str], str]:
        return super().account_page(after, min(most, 2))


def simulate(machine: Machine, scope: str = "policy", over: bool = False) -> list[Any]:
    """Do the job step by step; return what each step came to."""
    version = policy_version(FREE)
    machine.records.write(Put(text_key("standard", version), PolicyText(FREE.decode())))
    handler = SimulatePolicy(
        machine.accounts,
        machine.registry,
        machine.policies,
        SmallPages(machine.accounts.kept),
    )
    said = {
        "policy_id": "standard", "version": version, "from": str(TODAY), "through": str(LAST),
        "scope": scope,
    }  # fmt: skip
    job = Job("job_1", "simulate_policy", "anna", "anna", NOW, said)
    steps = [handler(Task(job, {}, lambda: over))]
    while steps[-1].cursor:
        job = Job(
            "job_1", "simulate_policy", "anna", "anna", NOW, said,
            cursor=steps[-1].cursor, progress=dict(steps[-1].progress),
        )  # fmt: skip
        steps.append(handler(Task(job, steps[-1].kept, lambda: over)))
    return steps


def charged(result: Any, side: str) -> int:
    return sum(row["amount_minor"] for row in result[side]["counts"] if row["kind"] == "charge")


def test_two_versions_are_told_side_by_side_and_nothing_is_changed() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 1))
    machine.take_in("A2", invoice("I2", 1))
    before = {name: kept.account for name, kept in machine.accounts.kept.items()}

    [step] = simulate(machine)

    assert step.kept["accounts_simulated"] == 2
    assert charged(step.kept, "in_force") > charged(step.kept, "tried") > 0
    assert {name: kept.account for name, kept in machine.accounts.kept.items()} == before


def test_only_the_accounts_of_the_policy_are_simulated_unless_all_are_asked_for() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 1))
    machine.take_in("A2", invoice("I2", 1), policy_id="rapid")
    machine.take_in("A3")

    assert simulate(machine)[-1].kept["accounts_simulated"] == 1
    assert simulate(machine, "all")[-1].kept["accounts_simulated"] == 2


def test_a_simulation_that_goes_on_comes_to_the_same() -> None:
    machine = Machine()
    for number in range(5):
        machine.take_in(f"A{number}", invoice(f"I{number}", number))

    whole = simulate(machine)
    in_steps = simulate(machine, over=True)

    assert (len(whole), len(in_steps)) == (1, 6)
    assert in_steps[-1].kept == whole[-1].kept


def test_one_account_that_fails_stops_no_other() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 1))
    machine.take_in("A2", invoice("I2", 1))
    machine.decide("A2", TODAY + timedelta(days=30))  # a later day than the simulation's first

    [step] = simulate(machine)

    assert step.kept["tried"]["failed"] == 1
    assert step.kept["tried"]["failures"] == [{"account_id": "A2", "error": "ValueError"}]
    assert charged(step.kept, "tried") > 0


def test_a_letter_on_its_way_counts_as_sent() -> None:
    """Else its stage's warning would be given up, and later charges be missed (R4.8)."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    account = machine.account("A1")
    assert [notice.state for notice in account.notices.values()] == ["pending"]

    result = simulate_account(account, load("standard"), TODAY, LAST)

    assert any(effect.kind == "charge" for effect in result.effects)


def test_a_simulation_goes_on_from_what_has_been_paid() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 100_000, ("I1",)))

    result = simulate_account(machine.account("A1"), load("standard"), TODAY, LAST)

    assert result.effects == []


def test_a_dry_run_goes_on_where_it_stopped() -> None:
    machine = Machine()
    for number in range(3):
        machine.take_in(f"A{number}", invoice(f"I{number}", 15))
    handler = DryRun(machine.accounts, machine.registry, machine.policies)
    job = Job("job_1", "dry_run", "anna", "anna", NOW, {"as_of": str(TODAY)})

    first = handler(Task(job, {}, lambda: True))
    second = handler(
        Task(
            Job("job_1", "dry_run", "anna", "anna", NOW, dict(job.arguments), cursor=first.cursor),
            first.kept,
            lambda: False,
        )
    )

    assert (first.cursor, second.cursor) == ("1", "")
    assert second.progress == {"accounts_decided": 3}
    assert second.kept["counts"]["notices"] == 3


def test_a_dry_run_tells_the_gate_that_would_stop_the_run() -> None:
    machine = Machine()
    machine.registry.pause_sending(paused=True)
    handler = DryRun(machine.accounts, machine.registry, machine.policies)
    job = Job("job_1", "dry_run", "anna", "anna", NOW, {"as_of": str(TODAY)})

    done = handler(Task(job, {}, lambda: False))

    assert done.kept["would_be_refused_by"] == "sending_paused"


def test_in_a_dry_run_one_account_that_fails_stops_no_other() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), policy_id="rapid")
    machine.take_in("A2", invoice("I2", 15))
    machine.registry.drop_policy("rapid")
    handler = DryRun(machine.accounts, machine.registry, machine.policies)
    job = Job("job_1", "dry_run", "anna", "anna", NOW, {"as_of": str(TODAY)})

    done = handler(Task(job, {}, lambda: False))

    assert (done.kept["counts"]["failed_not_found"], done.kept["counts"]["notices"]) == (1, 1)
