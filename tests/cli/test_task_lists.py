"""The lists of tasks that `pastdue run` and `pastdue serve` show (R6.1, R12.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.core.account import Account, Task
from chalicelib.flows.policies import load
from local.task_lists import task_lists

from tests.flows.machine import TODAY, Machine, invoice


def account(name: str, amount_minor: int, owner: str, days_ahead: int = 0) -> Account:
    """An account that owes an amount, 20 days past due, with a call."""
    machine = Machine()
    machine.take_in(name, invoice("I1", 20, amount_minor))
    due_on = TODAY + timedelta(days=days_ahead)
    call = Task(f"{name}:call", "call", due_on, "A letter went out.", owner)
    return replace(machine.account(name), tasks={call.id: call})


def test_each_owner_has_a_list_ranked_as_the_api_ranks_it_and_nobodys_is_last() -> None:
    accounts = [
        account("A1", 500_00, "junior"),
        account("A2", 900_00, "junior"),
        account("A3", 990_00, "junior", days_ahead=1),
        account("A4", 100_00, ""),
        account("A5", 5_000_00, "senior"),
    ]

    listed = task_lists(accounts, load("standard"), TODAY)

    assert [(one.owner, one.rank, one.account.id) for one in listed] == [
        ("junior", 1, "A2"),
        ("junior", 2, "A1"),
        ("junior", 3, "A3"),
        ("senior", 1, "A5"),
        ("nobody", 1, "A4"),
    ]
    assert (listed[0].past_due, listed[0].why) == ("USD 900.00", "A letter went out.")
