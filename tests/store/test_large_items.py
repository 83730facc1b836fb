"""What is too large for one item is packed harder, and refused before any of it is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random
from string import ascii_letters

import pytest
from chalicelib.core.account import Account, Allocated, Money
from chalicelib.core.errors import LimitError
from chalicelib.flows.ports import Change, Loaded
from chalicelib.store import rows
from chalicelib.store.changes import plan_of
from chalicelib.store.chunks import ITEM_BYTES_MAX, check_sizes
from chalicelib.store.codec import from_map
from chalicelib.store.sizes import item_bytes
from chalicelib.store.tables import LZMA_MAGIC, Table, bind

DAY = date(2024, 1, 1)


@pytest.fixture(scope="module")
def table() -> Table:
    return bind("large-items")


def paid(invoices: int) -> Money:
    """A payment that named invoices of 64 random letters, and paid each one's two fees."""
    chance = Random(7)
    names = tuple("".join(chance.choices(ascii_letters, k=64)) for _ in range(invoices))
    parts = [Allocated(name, chance.randint(1, 10**6)) for name in names]
    for name in sorted(names):
        parts += [Allocated(name, 500, f"{name}:stage-{n}:percent") for n in range(2)]
    return Money("P1", "payment", DAY, DAY, "USD", 10**9, 0, names, tuple(parts))


def test_a_payment_of_3000_invoices_of_long_ids_fits_an_item(table: Table) -> None:
    money = paid(3_000)

    item = rows.money_row("A1", money, live=True).item(table)
    raw = item.serialize()
    read = table.from_raw_data(raw)

    assert item_bytes(raw) < ITEM_BYTES_MAX * 0.75
    assert item.packed.startswith(LZMA_MAGIC)
    assert from_map(Money, read.value()) == money


def test_a_change_with_an_item_that_cannot_be_stored_is_refused(table: Table) -> None:
    loaded = Loaded(Account("A1"), 0)
    after = replace(loaded.account, money={"payment:P1": paid(9_000)})
    plan = plan_of(Change(loaded, after, None), table, 4)

    with pytest.raises(LimitError, match="CASH#payment#P1"):
        check_sizes("A1", plan)
