"""May this account be shipped to, and if not, why (R8.7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.errors import NotFoundError
from chalicelib.core.facts import Payment
from chalicelib.flows.hold_lookup import HoldLookup
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
