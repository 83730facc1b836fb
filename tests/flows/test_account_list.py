"""The list of accounts: filtered, page by page, from one snapshot, with few reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chalicelib.core.errors import NotFoundError
from chalicelib.core.facts import Payment
from chalicelib.flows.account_list import AccountFilters, AccountList, FiltersError
from chalicelib.flows.snapshot_files import ACCOUNT_ROWS_MAX, PartsWriter
from chalicelib.flows.snapshots import PARTS_MAX, Place, Snapshots
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes_store import MemoryArchive, MemoryRegistry
from tests.flows.machine import TODAY, Machine, invoice
from tests.flows.snapshot_days import CountingArchive, listed, reported, snapshots


def a_ledger() -> Machine:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), account_class="key", collector="ben")
    machine.take_in("A2", invoice("I2", 45, 20_000), collector="ben")
    machine.take_in("A3", invoice("I3", -5, 3_000))
    machine.take_in("A4", invoice("I4", 45, 9_000_000, currency="EUR"), collector="ben")
    machine.decide("A1")
    machine.decide("A2")
    reported(machine)
    return machine


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["A1", "A2", "A3", "A4"]),
        ({"account_class": "key"}, ["A1"]),
        ({"collector": "ben"}, ["A1", "A2", "A4"]),
        ({"bucket": "31-60"}, ["A2", "A4"]),
        ({"bucket": "current"}, ["A3"]),
        ({"bucket": "31-60", "collector": "ben", "account_class": "key"}, []),
        ({"stage": "reminder"}, ["A1", "A2"]),
        ({"credit_status": "on_hold"}, ["A2"]),
        ({"credit_status": "prepaid"}, []),
        ({"past_due_over_minor": 20_000, "currency": "USD"}, ["A1"]),
        ({"past_due_over_minor": 19_999, "currency": "USD"}, ["A1", "A2"]),
        ({"past_due_over_minor": 0, "currency": "EUR"}, ["A4"]),
    ],
)
def test_filters_let_in_the_accounts_for_which_all_hold(
    filters: dict[str, Any], ids: list[str]
) -> None:
    assert listed(a_ledger(), **filters) == ids


@pytest.mark.parametrize(
    ("filters", "missing"),
    [({"past_due_over_minor": 1}, "currency"), ({"currency": "USD"}, "past_due_over_minor")],
)
def test_an_amount_and_its_currency_go_together(filters: dict[str, Any], missing: str) -> None:
    with pytest.raises(FiltersError) as refused:
        listed(a_ledger(), **filters)

    assert [fault.where for fault in refused.value.faults] == [missing]


def test_a_row_tells_what_the_run_saw() -> None:
    as_of, [row], mark = AccountList(snapshots(a_ledger())).page(
        AccountFilters(account_class="key"), "", 50
    )

    assert (as_of, mark) == ("2024-03-18", None)
    assert row == {
        "account_id": "A1", "name": "Customer A1", "account_class": "key", "debtor_kind": "company",
        "credit_status": "open", "collector": "ben", "policy_id": "standard",
        "past_due": [{"amount_minor": 100_000, "currency": "USD"}],
        "open": [{"amount_minor": 100_000, "currency": "USD"}], "unapplied": [],
        "oldest_days_past_due": 15, "bucket": "1-30", "stage": "reminder", "risk_score": None,
    }  # fmt: skip


def test_a_list_of_a_past_day_is_that_days() -> None:
    machine = a_ledger()
    tomorrow = TODAY + timedelta(days=1)
    machine.take_in("A2", Payment(tomorrow, "P1", TODAY, "USD", 20_000))
    machine.take_in("A0", invoice("I0", 45))
    reported(machine, tomorrow)

    assert listed(machine, as_of=TODAY, bucket="31-60") == ["A2", "A4"]
    assert listed(machine, as_of=tomorrow, bucket="31-60") == ["A0", "A4"]
    assert listed(machine, bucket="31-60") == ["A0", "A4"]


def test_a_list_that_has_begun_goes_on_in_its_own_snapshot() -> None:
    machine = a_ledger()
    accounts = AccountList(snapshots(machine))
    _, [first], mark = accounts.page(AccountFilters(), "", 1)
    assert mark is not None
    machine.take_in("A15", invoice("I15", 45))
    reported(machine, TODAY + timedelta(days=1))

    as_of, rows, _ = accounts.page(AccountFilters(), mark, 50)

    assert as_of == "2024-03-18"
    assert [first["account_id"], *(row["account_id"] for row in rows)] == ["A1", "A2", "A3", "A4"]


def test_without_a_snapshot_there_is_no_list() -> None:
    with pytest.raises(NotFoundError):
        listed(Machine())


def in_parts(ids: list[str], most: int) -> tuple[Snapshots, dict[str, Any], CountingArchive]:
    """Account rows in small parts, and the part of the summary that lists read."""
    archive = CountingArchive()
    writer = PartsWriter(archive, TODAY, "accounts", most)
    for account_id in ids:
        writer.add(account_id, {"id": account_id})
    writer.close()
    summary = {"run_on": TODAY.isoformat(), "account_parts": writer.parts}
    return Snapshots(MemoryRegistry(), archive), summary, archive


@settings(deadline=None)
@given(
    st.sets(st.text("ab~.19", min_size=1, max_size=3), max_size=30),
    st.integers(1, 4),
    st.integers(1, 7),
    st.dictionaries(st.text("ab~.19", min_size=1, max_size=3), st.integers(0, 3)),
)
def test_page_by_page_each_row_comes_once_in_order_with_at_most_4_parts_a_page(
    names: set[str], most: int, limit: int, copies: dict[str, int]
) -> None:
    """An account has as many rows as `copies` says, else one; a part has at most `most` accounts."""
    ids = sorted(names)
    reader, summary, archive = in_parts(ids, most)

    def rows_of(account: dict[str, Any]) -> list[tuple[str, tuple[str, str]]]:
        marks = ["EUR", "GBP", "USD"][: copies.get(account["id"], 1)]
        return [(what, (account["id"], what)) for what in marks]

    found: list[tuple[str, str]] = []
    after = None
    while True:
        archive.read.clear()
        rows, after = reader.part_of_list(summary, after, limit, rows_of)
        assert len(rows) <= limit
        assert len(archive.read) <= PARTS_MAX
        found += rows
        if after is None:
            break

    assert found == [row for name in ids for _, row in rows_of({"id": name})]


def test_a_filter_that_lets_nothing_in_gives_short_pages_until_the_end() -> None:
    ids = [f"A{number:02d}" for number in range(10)]
    reader, summary, archive = in_parts(ids, 1)

    pages = 0
    after: Place | None = None
    rows: list[str]
    while pages == 0 or after is not None:
        rows, after = reader.part_of_list(summary, after, 50, lambda _: [])
        assert rows == []
        pages += 1

    assert pages == 3
    assert set(archive.read) == set(archive.files)


def test_a_part_has_2000_accounts() -> None:
    writer = PartsWriter(MemoryArchive(), TODAY, "accounts", ACCOUNT_ROWS_MAX)
    for number in range(2_001):
        writer.add(f"{number:05d}", {})
    writer.close()

    assert [part["first"] for part in writer.parts] == ["00000", "02000"]
