"""The row of an account's next statement tells a large account: no more of it is read in a sweep."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from chalicelib.core.account import Account
from chalicelib.flows.ports import LARGE_ACCOUNT_INVOICES, Change, Loaded
from chalicelib.store import keys
from chalicelib.store.changes import plan_of
from chalicelib.store.tables import Table, bind

from tests.unit.accounts import account, invoice, policy

MONDAY = date(2024, 3, 25)


@pytest.fixture(scope="module")
def table() -> Table:
    return bind("rows")


def with_invoices(count: int) -> Account:
    made = account([invoice("I0", 100)], policy())
    one = made.invoices["I0"]
    invoices = {f"I{n}": one.having(id=f"I{n}") for n in range(count)}
    return replace(made, invoices=invoices, statement_on=MONDAY)


def written(table: Table, before: Account, after: Account) -> dict[str, str | None]:
    """The statement's rows that a change writes, with their day; None: it takes the row away."""
    plan = plan_of(Change(Loaded(before, 1), after, None), table, 4)
    return {
        op.item.sk: None if op.is_delete else op.item.due_on
        for op in plan.ops
        if op.item.sk.startswith(keys.STATEMENT)
    }


def test_an_account_over_a_thousand_invoices_has_a_key_of_its_own(table: Table) -> None:
    small, large = with_invoices(LARGE_ACCOUNT_INVOICES), with_invoices(LARGE_ACCOUNT_INVOICES + 1)
    asleep = replace(small, statement_on=None)

    assert written(table, asleep, small) == {"STMT": "2024-03-25"}
    assert written(table, asleep, large) == {"STMT#LARGE": "2024-03-25"}


def test_growing_over_it_moves_the_row_though_its_day_stays(table: Table) -> None:
    small, large = with_invoices(LARGE_ACCOUNT_INVOICES), with_invoices(LARGE_ACCOUNT_INVOICES + 1)

    assert written(table, small, large) == {"STMT": None, "STMT#LARGE": "2024-03-25"}
    assert written(table, large, small) == {"STMT#LARGE": None, "STMT": "2024-03-25"}


def test_a_change_that_leaves_the_day_writes_no_row(table: Table) -> None:
    before = with_invoices(1)

    assert written(table, before, replace(before, unreached_calls=1)) == {}


def test_a_later_day_is_a_write_in_the_same_change(table: Table) -> None:
    before = with_invoices(1)
    after = replace(before, statement_on=MONDAY + timedelta(days=7))

    assert written(table, before, after) == {"STMT": "2024-04-01"}
