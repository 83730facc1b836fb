"""Notices that are done, read for finance: right in every store, and counted over a table."""

from __future__ import annotations

from datetime import date

import pytest
from chalicelib.core.account import Account, AccountDetails, Notice
from chalicelib.flows.ports import Change
from chalicelib.flows.ports_notices import PastNotices
from chalicelib.store.meter import metered
from chalicelib.store.past_notices import DynamoPastNotices

from tests.contract.store import MemoryStore, Store, TableStore
from tests.fakes_notices import MemoryPastNotices

TODAY = date(2024, 3, 18)
both = pytest.mark.parametrize("store", ["memory", "moto"], indirect=True)


@pytest.fixture
def reads(store: Store) -> PastNotices:
    if isinstance(store, TableStore):
        return DynamoPastNotices(store.table)
    assert isinstance(store, MemoryStore)
    return MemoryPastNotices(store.accounts)


def notice(number: int, state: str = "counted") -> Notice:
    """A notice of the account A1."""
    name = f"A1:USD:2024-01-{number:02d}"
    return Notice(name, TODAY, "USD", "reminder", "reminder", ("I1",), (), state=state)


def keep(store: Store, past: list[Notice], live: list[Notice]) -> None:
    """Keep an account with notices that are done and some that are not."""
    loaded = store.accounts.load("A1")
    account = Account(
        "A1",
        AccountDetails(name="Customer"),
        notices={one.id: one for one in live},
        past_notices={one.id: one for one in past},
    )
    store.accounts.commit(Change(loaded, account, None))


@both
def test_what_is_done_is_found_and_what_is_under_way_is_not(
    store: Store, reads: PastNotices
) -> None:
    past = [notice(1), notice(2, "posted"), notice(3, "cancelled")]
    keep(store, past, [notice(4, "sent")])

    found = sorted(reads.all_of("A1"), key=lambda one: one.id)

    assert found == past
    assert reads.find("A1", past[1].id) == past[1]
    assert reads.find("A1", notice(4).id) is None
    assert (reads.all_of("A2"), reads.find("A2", past[0].id)) == ([], None)


@pytest.mark.parametrize("store", ["moto"], indirect=True)
def test_all_of_them_are_one_request(store: Store, reads: PastNotices) -> None:
    assert isinstance(store, TableStore)
    keep(store, [notice(number) for number in range(1, 31)], [])

    with metered(store.table) as usage:
        reads.all_of("A1")

    assert usage.requests == {"Query": 1}
