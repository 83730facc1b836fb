"""May this account be shipped to, and if not, why (R8.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.errors import NotFoundError
from chalicelib.core.facts import Payment
from chalicelib.flows.hold_lookup import HoldLookup
from chalicelib.flows.policies import shipped_document
from tests.fakes_holds import MemoryHoldReads
from tests.flows.machine import TODAY, Machine, invoice


def look_up(machine: Machine, account_id: str = "A1", today: date = TODAY) -> dict[str, Any]:
    reads = MemoryHoldReads(machine.accounts, machine.registry)
    return HoldLookup(reads, machine.policies).look_up(account_id, today)


def held(**details: Any) -> Machine:
    """An account whose oldest invoice reached 45 days past due after it was first decided."""
    machine = Machine()
    machine.take_in("A1", invoice("I1", 45, 250_000), **details)
    machine.decide("A1", TODAY - timedelta(days=2))
    machine.take_in("A1", wake_on=TODAY)
    machine.decide("A1")
    return machine


def test_an_account_with_nothing_past_due_may_be_shipped_to() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", -5))
    machine.decide("A1")

    answer = look_up(machine)

    assert (answer["may_ship"], answer["credit_status"], answer["holds"]) == (True, "open", [])
    assert (answer["past_due"], answer["oldest_days_past_due"]) == ([], 0)


def test_a_held_account_may_not_and_the_answer_says_why_and_until_when() -> None:
    answer = look_up(held())

    assert (answer["may_ship"], answer["credit_status"]) == (False, "on_hold")
    [hold] = answer["holds"]
    assert (hold["reason"], hold["since"]) == ("oldest_days_past_due", "2024-03-18")
    assert hold["evidence"] == "Invoice I1 is 45 days past due."
    assert hold["invoice_ids"] == ["I1"]
    assert "by itself" in hold["released_when"]
    assert "USD 2,500.00" in hold["released_when"]
    assert answer["oldest_days_past_due"] == 45
    assert answer["past_due"][0]["currency"] == "USD"
    assert answer["collector"] == "senior"


def test_a_key_account_that_is_past_due_but_not_held_may_be_shipped_to() -> None:
    answer = look_up(held(account_class="key"))

    assert (answer["may_ship"], answer["credit_status"]) == (True, "open")
    assert answer["oldest_days_past_due"] == 45


def test_a_payment_frees_the_account_with_the_next_decision() -> None:
    machine = held()
    machine.take_in("A1", Payment(TODAY, "P1", TODAY, "USD", 260_000))
    machine.decide("A1")

    assert look_up(machine)["may_ship"] is True


def test_a_named_collector_is_who_to_call() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), collector="mo")

    assert look_up(machine)["collector"] == "mo"


def test_an_account_that_is_not_there_is_not_guessed_about() -> None:
    with pytest.raises(NotFoundError):
        look_up(Machine(), "A9")


def test_a_later_day_is_answered_without_another_decision() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 10, 100_000), invoice("I2", -3, 50_000))
    machine.decide("A1")

    answers = [look_up(machine, today=TODAY + timedelta(days=later)) for later in (0, 3, 4)]

    assert [answer["past_due"][0]["amount_minor"] for answer in answers] == [
        100_000, 100_000, 150_000,
    ]  # fmt: skip
    assert [answer["oldest_days_past_due"] for answer in answers] == [10, 13, 14]
    assert answers[2]["as_of"] == "2024-03-22"


def test_an_account_whose_policy_is_not_in_force_is_answered_all_the_same() -> None:
    machine = held()
    details = machine.account("A1").details
    kept = machine.accounts.kept["A1"]
    kept.account = replace(kept.account, details=replace(details, policy_id="gone", collector="mo"))

    answer = look_up(machine)

    assert (answer["may_ship"], answer["collector"]) == (False, "mo")
    assert answer["holds"][0]["released_when"] == (
        "Its rule's policy is not in force; a person releases it."
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            'release = "review"',
            "A person is asked to release it on the day on which nothing past due can be demanded "
            "any more (USD 2,500.00 of invoices past due now).",
        ),
        (
            'release_when = "condition_cleared"',
            "It ends by itself on the day on which the condition that placed it has cleared.",
        ),
    ],
)
def test_what_would_release_a_hold_follows_the_policy(change: str, said: str) -> None:
    machine = held()
    key = change.partition(" ")[0]
    lines = shipped_document("standard").decode().splitlines()
    document = [change if line.partition(" ")[0] == key else line for line in lines]
    machine.registry.put_policy("standard", "\n".join(document).encode())

    assert look_up(machine)["holds"][0]["released_when"] == said
