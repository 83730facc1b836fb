"""An explanation says what the run will do, what stands in the way, and why what happened did."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest
from chalicelib.core.effects import Effect
from chalicelib.core.errors import NotFoundError
from chalicelib.core.facts import DisputeOpened, Pause
from chalicelib.flows.explain import Explain
from chalicelib.flows.explain_words import _RULES, _WORDS, in_words
from chalicelib.flows.simulate import simulate
from tests.flows.machine import TODAY, Machine, invoice


@pytest.fixture
def machine() -> Machine:
    return Machine()


def explain(machine: Machine) -> Explain:
    return Explain(machine.accounts, machine.policies)


def test_the_next_step_of_an_account_is_named_with_its_day(machine: Machine) -> None:
    machine.take_in("A1", invoice("I1", 10))

    said = explain(machine).account("A1", TODAY)

    assert said["next_on"] == "2024-03-25"  # 15 days on Saturday the 23rd, processed on Monday
    assert [(step["kind"], step["rules"]) for step in said["next_steps"]] == [
        ("stage", ["R5.2"]),
        ("notice", ["R5.3"]),
        ("case_opened", ["R6.5"]),
    ]
    assert said["policy"]["id"] == "standard"


def test_what_is_explained_is_what_the_simulation_does(machine: Machine) -> None:
    facts = [invoice("I1", 10), invoice("I2", -5), invoice("I3", 14)]
    machine.take_in("A1", *facts)
    account = machine.account("A1")
    policy = machine.policies.of(account.details)

    said = explain(machine).account("A1", TODAY)

    last = date.fromisoformat(said["looked_through"])
    run = simulate({"A1": (account.details, facts)}, policy, TODAY, last)
    steps = [*said["next_steps"], *said["later_steps"]]
    told = sorted((step["on"], step["sentence"]) for step in steps)
    done = sorted((effect.on.isoformat(), in_words(effect)) for effect in run.effects)
    assert told[:10] == done[:10]
    assert len(steps) >= 10


def test_every_block_is_listed_with_what_ends_it(machine: Machine) -> None:
    until = TODAY + timedelta(10)
    machine.take_in("A1", invoice("I1", 40), Pause(TODAY, until), DisputeOpened(TODAY, "I1"))

    said = explain(machine).account("A1", TODAY)

    assert {block["code"] for block in said["blocks"]} == {"paused", "disputed"}
    waits = said["past_due_invoices"][0]["waits"]
    assert {wait["code"] for wait in waits} >= {"paused", "disputed"}


def test_an_invoice_says_which_stage_comes_when(machine: Machine) -> None:
    machine.take_in("A1", invoice("I1", 10))

    said = explain(machine).invoice("A1", "I1", TODAY)

    assert said["next_stage"] == {
        "stage": "reminder",
        "days": 15,
        "reached_on": "2024-03-23",
        "processing_day": "2024-03-25",
    }
    assert [(w["code"], w["until"]) for w in said["waits"]] == [("not_yet_reached", "2024-03-23")]


def test_a_past_effect_has_its_rule_its_figures_and_its_policy_version(machine: Machine) -> None:
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")

    said = explain(machine).invoice("A1", "I1", TODAY)

    stage = next(step for step in said["past"] if step["kind"] == "stage")
    version = machine.policies.default().version
    assert stage["rules"] == ["R5.2"]
    assert stage["figures"]["days"] == 15
    assert stage["policy"] == f"standard@{version}"
    assert said["past_is_complete"]


def test_a_step_that_waits_for_a_notice_says_so(machine: Machine) -> None:
    machine.take_in("A1", invoice("I1", 29))
    machine.decide("A1")

    said = explain(machine).invoice("A1", "I1", TODAY + timedelta(1))

    assert [wait["code"] for wait in said["waits"]]


def test_nothing_is_changed_by_an_explanation(machine: Machine) -> None:
    machine.take_in("A1", invoice("I1", 40))
    before = machine.accounts.load("A1")

    explain(machine).account("A1", TODAY)

    assert machine.accounts.load("A1") == before


def test_what_is_not_there_cannot_be_explained(machine: Machine) -> None:
    machine.take_in("A1", invoice("I1", 40))

    with pytest.raises(NotFoundError):
        explain(machine).account("A9", TODAY)
    with pytest.raises(NotFoundError):
        explain(machine).invoice("A1", "I9", TODAY)


def test_every_kind_of_effect_has_its_rules_and_its_words() -> None:
    kinds = {kind.kind for kind in get_args(Effect)}

    assert kinds == set(_RULES) == set(_WORDS)
