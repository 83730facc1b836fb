"""What `explain` says of the next statement of an account, and a policy of its statements (R13.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.facts import BlockSet, Payment
from chalicelib.flows.explain import Explain
from chalicelib.flows.policies import load
from chalicelib.flows.policy_explain import explain
from tests.flows.machine import FRIDAY, TODAY, Machine, invoice

NEXT_MONDAY = str(TODAY + timedelta(days=7))


def told(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = Explain(machine.accounts, machine.policies).account("A1", TODAY)
    return found


def next_of(machine: Machine) -> tuple[str | None, list[tuple[str, str | None]]]:
    """The next statement's day, and the codes of what stands in its way with their ends."""
    statement = told(machine)["statement"]
    return statement["next_on"], [(wait["code"], wait["until"]) for wait in statement["waits"]]


def late(*facts: Any) -> Machine:
    """An account with an invoice 12 days past due, decided on Friday; today is Monday."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 12), wake_on=FRIDAY)
    machine.decide("A1", FRIDAY)
    if facts:
        machine.take_in("A1", *facts)
    return machine


def test_a_statement_that_is_due_today_is_told_and_then_the_next_one() -> None:
    machine = late()
    assert next_of(machine) == (str(TODAY), [])

    machine.decide("A1")

    assert next_of(machine) == (NEXT_MONDAY, [("not_left", None)])


def test_the_day_is_told_apart_from_the_steps() -> None:
    said = told(late())

    steps = [*said["next_steps"], *said["later_steps"]]
    assert steps
    assert all(step["kind"] != "statement" for step in steps)


@pytest.mark.parametrize(
    ("until", "next_on", "ends"),
    [(TODAY + timedelta(days=7), "2024-04-01", "2024-03-26"), (None, None, None)],
)
def test_a_legal_stop_stops_it_and_says_when_it_resumes(
    until: Any, next_on: str | None, ends: str | None
) -> None:
    machine = late(BlockSet(TODAY, "legal_stop", until=until))

    assert next_of(machine) == (next_on, [("legal_stop", ends)])
    [wait] = told(machine)["statement"]["waits"]
    assert wait["sentence"] == "A legal stop is in force. No statement goes while it lasts."


def test_invoices_that_are_left_out_are_counted_by_their_reason() -> None:
    machine = late(BlockSet(TODAY, "placed", ("I1",)), invoice("I2", 5, delivered_on=None))

    assert next_of(machine) == (None, [("placed", None), ("not_delivered", None)])
    assert told(machine)["statement"]["waits"][0]["sentence"] == (
        "It is with an external agency. A statement leaves out 1 open invoice for that."
    )


def test_with_nothing_open_there_is_nothing_to_state() -> None:
    machine = late(Payment(TODAY, "P1", TODAY, "USD", 100_000, ("I1",)))

    assert next_of(machine) == (None, [("nothing_open", None)])


def test_a_policy_tells_of_its_statements() -> None:
    [part] = [part for part in explain(load("standard")) if part.title == "Statements"]

    assert part.sentences[:3] == (
        "Each Monday a statement goes to every account with something past due.",
        "On the 1st of each month a statement goes to every account with an open balance.",
        "A day that is no processing day waits for the next one; two on one day are one.",
    )
    assert part.sentences[-1] == (
        "It goes to the contacts with the role accounts, else with the role admin, else to any "
        "other."
    )
    assert not any("does not act" in sentence for sentence in part.sentences)
