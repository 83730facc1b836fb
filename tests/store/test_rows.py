"""Rows keep everything of an account, and refuse what they do not know."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from chalicelib.core.account import Account, Hold
from chalicelib.core.effects import Effect, Entry
from chalicelib.core.head import Head, head_of, ladder_of
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.flows.ports import Change, Loaded, OutboxRow, RunState
from chalicelib.store import keys, rows, rows_read
from chalicelib.store.changes import plan_of
from chalicelib.store.codec import codec_of, from_map, to_map
from chalicelib.store.errors import FormatError, NewerFormatError
from chalicelib.store.places import is_live
from chalicelib.store.rows import ChargeRow, ClosedInvoice, LogPart, Settlements
from chalicelib.store.tables import PACK_OVER_BYTES, Item, Table, bind
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.store.values import TEXTS, accounts, any_of

RELAXED = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink such values takes minutes
    max_examples=30, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
STORED = [
    ClosedInvoice, ChargeRow, LogPart, Settlements, Head, OutboxRow, RunState, Invoice, Entry,
]  # fmt: skip


@pytest.fixture(scope="module")
def table() -> Table:
    return bind("rows")


def through_the_wire(item: Item, table: Table) -> Item:
    """The item as it comes back from DynamoDB."""
    read: Item = table.from_raw_data(item.serialize())
    return read


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.__name__)
@RELAXED
@given(data=st.data())
def test_any_value_is_read_as_it_was_written(kind: type[Any], data: st.DataObject) -> None:
    annotation: Any = kind
    value = data.draw(any_of(annotation))
    assert from_map(kind, to_map(value)) == value


@RELAXED
@given(effect=any_of(Effect))
def test_any_effect_is_read_as_it_was_written(effect: Effect) -> None:
    assert from_map(LogPart, to_map(LogPart(effects=(effect,)))).effects == (effect,)


def reference(account: Account) -> Account:
    """The account without money that is not live, and with distinct ids of charges."""
    invoices = {
        name: replace(i, charges=tuple({c.id: c for c in i.charges}.values()))
        for name, i in account.invoices.items()
    }
    money = {key: m for key, m in account.money.items() if is_live(m, invoices)}
    return replace(account, invoices=invoices, money=money)


@settings(RELAXED, max_examples=20)
@given(account=accounts(), wake_on=st.none() | st.dates())
def test_any_account_survives_its_rows(
    account: Account, wake_on: date | None, table: Table
) -> None:
    account = reference(account)
    change = Change(Loaded(Account(account.id), 0), account, wake_on)
    plan = plan_of(change, table, 4)
    items = [through_the_wire(op.item, table) for op in plan.ops if not op.is_delete]
    live = [item for item in items if item.pk == keys.live(account.id)]
    head = from_map(Head, through_the_wire(plan.head, table).value())
    assert rows_read.account_of(account.id, head, live) == account
    assert head.wake_on == wake_on


def test_a_default_is_not_stored() -> None:
    charge = Charge("c", "s", "flat", date(2024, 1, 1), 5, 5)
    assert set(to_map(charge)) == {
        "id", "stage", "kind", "posted_on", "amount_minor", "open_minor",
    }  # fmt: skip


@pytest.mark.parametrize("annotation", [float, dict[int, str], list[str], str | int, object])
def test_a_type_without_an_exact_form_is_refused(annotation: Any) -> None:
    with pytest.raises(TypeError):
        codec_of(annotation)


def test_a_float_is_never_stored_as_an_amount() -> None:
    bad: Any = 5.0
    with pytest.raises(TypeError):
        to_map(Charge("c", "s", "flat", date(2024, 1, 1), bad, 5))


def test_a_field_of_a_newer_version_is_an_error_and_not_dropped() -> None:
    raw = to_map(Hold("late", date(2024, 1, 1))) | {"colour": {"S": "red"}}
    with pytest.raises(NewerFormatError, match="colour"):
        from_map(Hold, raw)


def test_a_missing_field_is_an_error() -> None:
    with pytest.raises(FormatError, match="since"):
        from_map(Hold, {"reason": {"S": "late"}})


@pytest.mark.parametrize("strange", [{"v": {"N": "2"}}, {"colour": {"S": "red"}}])
def test_an_item_of_a_newer_version_is_an_error(table: Table, strange: dict[str, Any]) -> None:
    row = rows.invoice_row("A1", Invoice("I", "USD", 1, 1, 1, *(date(2024, 1, 1),) * 4))
    raw = row.item(table).serialize() | strange
    with pytest.raises(NewerFormatError):
        table.from_raw_data(raw)


def test_a_long_list_of_ids_is_packed_small(table: Table) -> None:
    names = tuple(f"INV-{number:06}" for number in range(10_000))
    hold = Hold("late", date(2024, 1, 1), invoice_ids=names)
    item = rows.Row("A#A1", "HOLD#late", hold).item(table)
    assert item.serialize().keys() >= {"packed"}
    assert len(item.packed) < 100_000
    assert from_map(Hold, through_the_wire(item, table).value()) == hold
    assert PACK_OVER_BYTES < 400_000


@given(text=TEXTS)
def test_a_part_of_a_key_is_read_as_it_was_written(text: str) -> None:
    assert keys.unsafe(keys.safe(text)) == text
    assert "#" not in keys.safe(text)


DAY = date(2024, 1, 1)


def invoices(dates: list[date]) -> dict[str, Invoice]:
    return {
        f"I{n:05}": Invoice(f"I{n:05}", "USD", 100, 100, 100, DAY, on, DAY, on)
        for n, on in enumerate(dates)
    }


@settings(deadline=None)
@given(
    dates=st.lists(st.dates(DAY, DAY + timedelta(days=2_000)), max_size=300),
    decided_on=st.dates(DAY, DAY + timedelta(days=2_100)),
    later=st.integers(0, 60),
)
def test_a_later_day_follows_from_the_head_alone(
    dates: list[date], decided_on: date, later: int
) -> None:
    found = invoices(dates)
    head = head_of(Account("A1", invoices=found, last_decided_on=decided_on), None)
    today = decided_on + timedelta(days=later)
    late = [invoice for invoice in found.values() if invoice.is_past_due(today)]
    assert len(head.ladder.get("USD", ())) <= 100
    assert head.past_due(today).get("USD", 0) == sum(invoice.open_minor for invoice in late)
    oldest = max((invoice.days_past_due(today) for invoice in late), default=0)
    assert head.oldest_days_past_due(today) == oldest


def test_a_ladder_of_many_dates_is_short_and_holds_all_that_is_owed() -> None:
    found = invoices([DAY + timedelta(days=n) for n in range(2_000)])
    decided = Account("A1", invoices=found, last_decided_on=DAY + timedelta(days=700))
    rungs = ladder_of(decided)["USD"]
    assert len(rungs) == 100
    assert rungs[0] == (DAY, 700 * 100)
    assert rungs[1] == (DAY + timedelta(days=700), 100)
    assert sum(amount for _, amount in rungs) == 2_000 * 100
