"""An explanation says what the run will do, what stands in the way, and why what happened did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from chalicelib.core.account import ContactPerson, digest_of
from chalicelib.core.agreements import PlanTerms
from chalicelib.core.effects import Effect, StatementCreated, TaskMade
from chalicelib.core.errors import NotFoundError
from chalicelib.core.facts import (
    BlockSet,
    DisputeOpened,
    Fact,
    Pause,
    Payment,
    PromiseMade,
    TaskOpened,
)
from chalicelib.core.facts_collections import PlanMade
from chalicelib.core.facts_details import ContactSaved, DetailsChanged
from chalicelib.core.facts_letters import LetterReported
from chalicelib.flows.effect_rules import RULES, rules_of
from chalicelib.flows.explain import Explain
from chalicelib.flows.explain_words import _WORDS, in_words
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
    effects = [effect for effect in run.effects if not isinstance(effect, StatementCreated)]
    done = sorted((effect.on.isoformat(), in_words(effect)) for effect in effects)
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
        "charges": [],
        "charges_left_out": [],
    }
    assert [(w["code"], w["until"]) for w in said["waits"]] == [("not_yet_reached", "2024-03-23")]


INTEREST = b"""
id = "own"
currencies = ["USD"]
[interest]
annual_rate = "0.12"
[[stages]]
id = "late"
days = 15
notice = "late_fee"
charges = [ { kind = "interest", debtor_kind = "company" }, { kind = "flat", amount = { USD = "5.00" } } ]
"""


@pytest.mark.parametrize(
    ("debtor_kind", "comes", "left_out"),
    [("company", ["interest", "flat"], []), ("natural_person", ["flat"], ["interest"])],
)
def test_an_invoice_says_which_charges_come_and_which_are_not_for_its_debtor(
    machine: Machine, debtor_kind: str, comes: list[str], left_out: list[str]
) -> None:
    """R4.1, R13.3."""
    machine.registry.put_policy("own", INTEREST)
    machine.take_in("A1", invoice("I1", 10), debtor_kind=debtor_kind, policy_id="own")

    said = explain(machine).invoice("A1", "I1", TODAY)

    stage = said["next_stage"]
    assert (stage["charges"], stage["charges_left_out"]) == (comes, left_out)
    told = [step["figures"]["charge"] for step in said["next_steps"] if step["kind"] == "charge"]
    assert sorted(told) == sorted(comes)


def test_interest_is_explained_with_its_arithmetic_and_its_rule(machine: Machine) -> None:
    """R4.3: 1,000.00 at 12% for 15 days is 4.93."""
    machine.registry.put_policy("own", INTEREST)
    machine.take_in("A1", invoice("I1", 15), policy_id="own")
    machine.decide("A1")

    said = explain(machine).invoice("A1", "I1", TODAY)

    [charge] = [s for s in said["past"] if s["figures"].get("charge") == "interest"]
    assert charge["sentence"] == (
        "A charge (interest) of USD 4.93 on invoice I1: USD 1,000.00 x 12% x 15/365 = 4.93."
    )
    assert charge["rules"] == ["R4.1", "R4.3", "R4.5"]


def test_a_change_of_the_kind_of_debtor_changes_nothing_that_was_posted(machine: Machine) -> None:
    """R4.1: what is charged from then on goes by the new kind."""
    machine.registry.put_policy("own", INTEREST)
    machine.take_in("A1", invoice("I1", 15), policy_id="own")
    machine.decide("A1")
    before = machine.account("A1").invoices["I1"].charges
    details = replace(machine.account("A1").details, debtor_kind="natural_person")

    machine.take_in("A1", DetailsChanged(TODAY, details), invoice("I2", 15))
    machine.decide("A1")

    invoices = machine.account("A1").invoices
    assert invoices["I1"].charges == before
    assert [charge.kind for charge in invoices["I2"].charges] == ["flat"]


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

    assert kinds == set(RULES) == set(_WORDS)


def told(said: dict[str, Any]) -> list[tuple[str, str]]:
    """Every step as its day and what it is: a task by what it asks, an agreement by its state."""
    steps = [*said["next_steps"], *said.get("later_steps", ())]
    names = ("task", "outcome", "state", "notice")
    return [
        (step["on"][5:], next((step["figures"][n] for n in names if n in step["figures"]), ""))
        for step in steps
    ]


def test_a_promise_says_when_its_money_is_looked_for_and_when_it_is_broken(
    machine: Machine,
) -> None:
    by = TODAY + timedelta(3)
    machine.take_in("A1", invoice("I1", 20), PromiseMade(TODAY, "USD", 5_000, by, ("I1",)))

    said = told(explain(machine).invoice("A1", "I1", TODAY))

    assert [step for step in said if step[1]][:3] == [
        ("03-21", "confirm_payment"),
        ("03-24", "broken"),  # two days of grace, then the day after
        ("03-24", "confirm_payment"),
    ]


def test_what_a_broken_promise_leads_to_is_a_call_and_the_next_stage(machine: Machine) -> None:
    by = TODAY + timedelta(3)
    machine.take_in("A1", invoice("I1", 20), PromiseMade(TODAY, "USD", 5_000, by, ("I1",)))

    said = explain(machine).account("A1", TODAY)

    [call] = [s for s in said["later_steps"] if s["figures"].get("id") == "A1:call"][:1]
    assert (call["on"], call["figures"]["due_on"], call["rules"]) == (
        "2024-03-24",
        date(2024, 3, 25),
        ["R6.2"],
    )
    [stage] = [s for s in said["later_steps"] if s["kind"] == "stage"][:1]
    assert (stage["on"], stage["figures"]["stage"]) == ("2024-03-25", "reminder")


def test_a_plan_says_which_letters_go_and_when_it_is_broken(machine: Machine) -> None:
    machine.take_in("A1", invoice("I1", 20), three_weeks())

    said = explain(machine).invoice("A1", "I1", TODAY)

    found = [
        (day, what) for day, what in told(said) if what.startswith("plan_") or what == "broken"
    ]
    assert found == [
        ("03-18", "plan_agreed"),
        ("03-29", "broken"),  # three days of grace, then the day after; one miss is too many
        ("03-29", "plan_broken"),
    ]
    assert {tuple(s["rules"]) for s in said["next_steps"] if s["kind"] == "notice"} >= {
        ("R9.4", "R11.1")
    }


def three_weeks() -> PlanMade:
    return PlanMade(TODAY, PlanTerms("USD", "weekly", TODAY + timedelta(7), 3, invoice_ids=("I1",)))


def test_a_dispute_names_its_owner_and_the_day_by_which_it_is_resolved(machine: Machine) -> None:
    machine.take_in("A1", invoice("I1", 20), DisputeOpened(TODAY, "I1", reason="pricing"))
    machine.decide("A1")

    said = explain(machine).invoice("A1", "I1", TODAY)

    [block] = said["blocks"]
    assert (block["code"], block["due_on"], block["reason"]) == (
        "disputed",
        "2024-04-01",
        "pricing",
    )
    [task] = said["open_tasks"]
    assert (task["id"], task["due_on"], task["assignee"]) == (
        "A1:review_account:dispute:I1",
        "2024-04-01",
        block["owner"],
    )


@pytest.mark.parametrize(
    ("fact", "code", "until"),
    [
        (Pause(TODAY, TODAY + timedelta(9)), "paused", "2024-03-28"),
        (Pause(TODAY, TODAY + timedelta(9), "I1"), "paused", "2024-03-28"),
        (PromiseMade(TODAY, "USD", 1, TODAY + timedelta(9), ("I1",)), "promised", "2024-03-30"),
        (three_weeks(), "in_plan", "2024-03-29"),
        (BlockSet(TODAY, "in_plan", until=TODAY + timedelta(1)), "in_plan", "2024-03-20"),
        (BlockSet(TODAY, "placed", ("I1",)), "placed", None),
        (BlockSet(TODAY, "legal_stop", reason="insolvency"), "legal_stop", None),
        (
            BlockSet(TODAY, "reply_waiting", currency="USD", until=TODAY + timedelta(1)),
            "reply_waiting",
            "2024-03-20",
        ),
        (DisputeOpened(TODAY, "I1"), "disputed", None),
        (Payment(TODAY, "P1", TODAY, "USD", 500_000, ("GHOST",)), "cash_covers", None),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_wait_says_from_when_its_block_may_be_gone_by_itself(
    machine: Machine, fact: Fact, code: str, until: str | None
) -> None:
    machine.take_in("A1", invoice("I1", 20), fact)

    waits = explain(machine).invoice("A1", "I1", TODAY)["waits"]

    assert [(w["rule"], w["until"]) for w in waits if w["code"] == code] == [("R5.5", until)]


@pytest.mark.parametrize(
    ("task", "about", "rules"),
    [
        ("call", "", ("R6.2",)),
        ("confirm_payment", "paid", ("R6.2",)),
        ("confirm_payment", "ptp_2024-03-18_01", ("R6.6",)),
        ("find_contact", "", ("R6.3",)),
        ("send_invoice", "", ("R5.5",)),
        ("review_account", "cash_covers:USD", ("R5.8",)),
        ("review_account", "dispute:I1", ("R5.5",)),
        ("review_account", "plan:pln_1", ("R9.2",)),
        ("review_account", "hold:oldest_days_past_due", ("R5.7",)),
    ],
)
def test_a_task_follows_the_rule_that_asks_for_it(
    task: str, about: str, rules: tuple[str, ...]
) -> None:
    name = f"A1:{task}:{about}".rstrip(":")

    assert rules_of(TaskMade(TODAY, "A1", name, task, TODAY)) == rules


def test_a_notice_about_one_invoice_says_one_invoice(machine: Machine) -> None:
    machine.take_in("A1", invoice("I1", 10))

    steps = explain(machine).account("A1", TODAY)["next_steps"]

    said = [step["sentence"] for step in steps if step["kind"] == "notice"]
    assert said == ["A notice (reminder) about 1 invoice asks for USD 1,000.00."]


def test_a_call_that_ends_by_itself_says_why_in_words(machine: Machine) -> None:
    machine.take_in("A1", invoice("I1", 10), TaskOpened(TODAY, "A1:call", "call", TODAY, "Why."))
    machine.take_in("A1", DisputeOpened(TODAY, "I1"))

    steps = explain(machine).account("A1", TODAY)["next_steps"]

    said = [step["sentence"] for step in steps if step["kind"] == "task_closed"]
    assert said == ["The task call is closed: all that is past due is blocked."]


def test_who_is_not_written_to_is_named_with_the_reason(machine: Machine) -> None:
    gone = ContactPerson("c1", email="jo@customer.example", roles=frozenset({"accounts"}))
    machine.take_in("A1", invoice("I1", 10), ContactSaved(TODAY, gone), email="")
    assert explain(machine).account("A1", TODAY)["letters"]["go_to"] == ["c1"]
    digest = digest_of("jo@customer.example")
    at = machine.clock.now()

    machine.take_in("A1", LetterReported(TODAY, "A1:USD:2024-01-01", 1, "bounced", at, (digest,)))

    assert explain(machine).account("A1", TODAY)["letters"] == {
        "way": "post",
        "go_to": [],
        "not_written_to": [
            {"contact_id": "c1", "why": "bounced", "since": "2024-03-18"},
            {"contact_id": None, "why": "no_address", "since": None},
        ],
    }
