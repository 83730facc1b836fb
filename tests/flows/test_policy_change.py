"""A change of policy reaches the accounts concerned, on its day and not before (R2.1, R2.2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from chalicelib.core.account import AccountDetails
from chalicelib.core.errors import NotFoundError
from chalicelib.core.policy import Policy
from chalicelib.core.policy_load import policy_version
from chalicelib.flows.explain import Explain
from chalicelib.flows.explain_words import in_words
from chalicelib.flows.jobs import Jobs
from chalicelib.flows.jobs_worker import JobsWorker
from chalicelib.flows.policies import load, shipped_document, shipped_ids
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.policy_table import (
    TABLE_KEY,
    PolicyCard,
    PolicyTable,
    PolicyText,
    Scheduled,
    read_table,
    text_key,
)
from chalicelib.flows.ports_registry import Put
from chalicelib.flows.principal import ADMIN, Principal
from chalicelib.flows.wake_job import WAKE_KIND, WakeAccounts
from tests.fakes_registry import MemoryAccountPages
from tests.flows.machine import NOW, TODAY, Machine, invoice

ANNA = Principal("anna", frozenset({ADMIN}))
STANDARD = shipped_document("standard")
STRICTER = STANDARD.replace(b"days   = 15", b"days   = 5", 1)
TOMORROW = TODAY + timedelta(days=1)


def schedule(machine: Machine, document: bytes, on: date, policy_id: str = "standard") -> str:
    """Publish a version for a day; return it."""
    version = policy_version(document)
    table = read_table(machine.records)
    card = table.value.policies.get(policy_id, PolicyCard()).with_scheduled(version, on)
    machine.records.write(
        Put(text_key(policy_id, version), PolicyText(document.decode())),
        Put(TABLE_KEY, table.value.with_card(policy_id, card), table.revision),
    )
    return version


def assign(machine: Machine, **classes: str) -> None:
    table = read_table(machine.records)
    after = PolicyTable(table.value.default, classes, table.value.policies)
    machine.records.write(Put(TABLE_KEY, after, table.revision))


def wake(machine: Machine, on: date, page: int | None = None) -> dict[str, int]:
    """Do the job to its end; return what it counted."""
    jobs = Jobs(machine.records, machine.job_queue, machine.archive)
    pages = MemoryAccountPages(machine.accounts.kept)
    handler = WakeAccounts(machine.accounts, machine.registry, pages)
    worker = JobsWorker(jobs, {WAKE_KIND: handler}, machine.clock, lambda: 0.0)
    job = jobs.submit(WAKE_KIND, {"on": on.isoformat()}, ANNA, f"{on}", NOW)
    for job_id, step in machine.job_queue.sent:
        worker.work(job_id, step)
    done = jobs.get(job.id)
    assert done.state == "done"
    return dict(done.progress)


def wake_of(machine: Machine, account_id: str) -> date | None:
    return machine.accounts.kept[account_id].wake_on


def test_a_version_is_in_force_from_its_day() -> None:
    machine = Machine()
    version = schedule(machine, STRICTER, TOMORROW)
    shelf = PolicyShelf(machine.registry)

    assert shelf.of(AccountDetails(), TODAY).version == policy_version(STANDARD)
    assert shelf.of(AccountDetails(), TOMORROW).version == version
    assert shelf.of(AccountDetails(), TOMORROW + timedelta(days=400)).version == version


def test_of_two_versions_for_one_day_the_later_approved_is_in_force() -> None:
    card = PolicyCard((Scheduled(TODAY, "a"),)).with_scheduled("c", TOMORROW)

    card = card.with_scheduled("b", TOMORROW)

    assert [card.in_force(day) for day in (TODAY, TOMORROW)] == ["a", "b"]


def test_a_policy_that_is_not_in_force_yet_is_nobodys() -> None:
    machine = Machine()
    schedule(machine, STANDARD.replace(b'"standard"', b'"mine"', 1), TOMORROW, "mine")

    with pytest.raises(NotFoundError, match="in force on 2024-03-18"):
        machine.policies.of(AccountDetails(policy_id="mine"), TODAY)


def test_the_policy_is_the_accounts_own_else_its_classes_else_the_default() -> None:
    table = PolicyTable("standard", {"key": "rapid"})

    assert table.policy_id_of(AccountDetails()) == "standard"
    assert table.policy_id_of(AccountDetails(account_class="key")) == "rapid"
    assert table.policy_id_of(AccountDetails(account_class="key", policy_id="own")) == "own"


def test_an_account_is_decided_again_on_the_day_its_policy_changes() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", -20))
    schedule(machine, STRICTER, TODAY + timedelta(days=4))

    machine.decide("A1")

    assert wake_of(machine, "A1") == TODAY + timedelta(days=4)


def test_the_accounts_concerned_are_woken_and_no_others() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", -20))
    machine.take_in("A2", invoice("I2", -20), policy_id="rapid")
    for name in ("A1", "A2"):
        machine.decide(name)
    asleep_until = wake_of(machine, "A2")
    assert asleep_until is not None
    assert asleep_until > TOMORROW
    schedule(machine, STRICTER, TOMORROW)

    counts = wake(machine, TOMORROW)

    assert counts == {"accounts_looked_at": 2, "accounts_woken": 1}
    assert (wake_of(machine, "A1"), wake_of(machine, "A2")) == (TOMORROW, asleep_until)


def test_an_account_whose_class_gets_another_policy_is_woken() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", -20), account_class="key")
    machine.take_in("A2", invoice("I2", -20))
    for name in ("A1", "A2"):
        machine.decide(name)
    assign(machine, key="rapid")

    wake(machine, TODAY)

    assert wake_of(machine, "A1") == TODAY
    assert wake_of(machine, "A2") != TODAY


def test_waking_again_changes_nothing() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", -20))
    machine.decide("A1")
    schedule(machine, STRICTER, TOMORROW)
    wake(machine, TOMORROW)
    version = machine.accounts.kept["A1"].version

    wake(machine, TOMORROW + timedelta(days=1))

    assert machine.accounts.kept["A1"].version == version


def test_what_sleeps_with_nothing_open_stays_asleep() -> None:
    machine = Machine()
    machine.take_in("A1")
    machine.decide("A1")
    assert wake_of(machine, "A1") is None
    schedule(machine, STRICTER, TOMORROW)

    assert wake(machine, TOMORROW)["accounts_woken"] == 0
    assert wake_of(machine, "A1") is None


def test_under_another_policy_what_was_passed_is_not_dunned_and_the_next_stage_is() -> None:
    """R2.2: 10 days past due under a policy whose first stage is 15, then under one of 3, 7, 14."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 10), account_class="key")
    assert machine.decide("A1") == {"accounts_decided": 1}
    assign(machine, key="rapid")
    wake(machine, TODAY)

    done = [machine.decide("A1", TODAY + timedelta(days=n)) for n in range(5)]

    # On day 14 the next stage is reached, and its warning goes out first (R4.8).
    assert [counts.get("notices", 0) for counts in done] == [0, 0, 0, 0, 1]
    invoice_now = machine.account("A1").invoices["I1"]
    assert (invoice_now.applied, invoice_now.highest_days) == ((), 7)


def test_two_policies_never_have_the_same_version() -> None:
    """A version is a document's digest, and the document names its policy."""
    policies: list[Policy] = [load(name) for name in shipped_ids()]

    assert len({policy.version for policy in policies}) == len(policies)


def test_an_explanation_looks_at_the_day_of_a_coming_version_as_the_run_will() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 1))
    schedule(machine, STRICTER, TOMORROW)
    explain = Explain(machine.accounts, machine.policies)
    told = explain.account("A1", TODAY)

    for day in (TODAY + timedelta(days=n) for n in range(10)):
        machine.decide("A1", day)

    done = [
        (effect.on.isoformat(), in_words(effect))
        for line in machine.accounts.kept["A1"].log
        for effect in line.effects
    ]
    assert told["next_on"] == "2024-03-22"  # at 5 days, by the coming version
    assert [(step["on"], step["sentence"]) for step in told["next_steps"]] == done[:3]
