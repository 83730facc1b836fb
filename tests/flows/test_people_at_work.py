"""Who is away is passed over wherever somebody acts; nobody in raises a warning (R6.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.core.facts import NoticeCounted
from chalicelib.flows.letter import Letter
from chalicelib.flows.letters import write_letter
from chalicelib.flows.ports_registry import Put
from chalicelib.flows.staff import Away, Person, key_of
from chalicelib.flows.task_holders import TaskHolders
from tests.flows.machine import LETTERHEAD, TODAY, Machine, invoice

LADDER = ("junior", "senior", "manager", "controller")
FRIDAY_NEXT = date(2024, 3, 22)


def employ(machine: Machine, *people: Person) -> None:
    machine.records.write(*(Put(key_of(person.id), person) for person in people))


def away(name: str, *stand_ins: str, through_on: date = FRIDAY_NEXT) -> Person:
    span = Away(TODAY, through_on)
    return Person(name, name.title(), f"{name}@seller.example", "", stand_ins, (span,))


def call_task(machine: Machine, account_id: str = "A1") -> str:
    return machine.account(account_id).tasks[f"{account_id}:call"].assignee


def holder_of(machine: Machine, owner: str, account_id: str = "A1") -> str:
    """Who has the tasks of a person today."""
    holders = TaskHolders(machine.registry, machine.policies, TODAY)
    rules = holders.people_rules(machine.account(account_id).details)
    return holders.holder(owner, rules).person


def test_the_call_stays_the_collectors_and_a_stand_in_has_it_while_they_are_away() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 7, 50_000, seen_on=TODAY - timedelta(days=30)))
    machine.registry.set_default_policy_id("rapid")
    employ(machine, away("junior", "deputy", through_on=date(2024, 4, 30)))

    machine.decide("A1")
    [notice_id] = machine.account("A1").notices
    machine.take_in("A1", NoticeCounted(TODAY, notice_id))
    for number in range(1, 8):
        machine.decide("A1", TODAY + timedelta(days=number))

    assert call_task(machine) == "junior"
    assert holder_of(machine, "junior") == "deputy"


def test_a_letter_is_answered_by_who_is_in() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    machine.decide("A1")
    employ(machine, away("junior", "deputy"))
    account = machine.account("A1")
    [notice] = account.notices.values()
    people = {"deputy": LETTERHEAD.people["junior"]}
    head = replace(LETTERHEAD, people=people)

    policy = machine.policies.of(account.details, TODAY)
    letter = write_letter(account, notice, policy, head, TODAY)

    assert isinstance(letter, Letter)
    assert letter.collector.email == LETTERHEAD.people["junior"].email


def test_nobody_in_is_counted_and_the_last_of_the_list_has_the_account() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    employ(machine, *(away(name) for name in LADDER))

    counts = machine.decide("A1")

    assert counts["nobody_in"] == 1
    assert machine.accounts.runs[TODAY]["A1"]["nobody_in"] == 1


def test_somebody_in_raises_no_warning() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15))
    employ(machine, away("junior"))

    assert "nobody_in" not in machine.decide("A1")


def test_an_account_with_nothing_past_due_raises_no_warning() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", -15))
    employ(machine, *(away(name) for name in LADDER))

    assert "nobody_in" not in machine.decide("A1")
