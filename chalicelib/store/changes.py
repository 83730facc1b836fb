"""What a change of an account writes: before and after compared item by item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.effects import Effect, Entry
from chalicelib.core.head import head_of
from chalicelib.core.invoice import Invoice
from chalicelib.flows.ports import LARGE_ACCOUNT_INVOICES, REPLAYED_FOR, Change
from chalicelib.flows.ports_events import EventRow
from chalicelib.store import agency_rows, event_rows, keys, rows
from chalicelib.store.export_feed import waiting_rows
from chalicelib.store.places import is_live, money_of
from chalicelib.store.rows import LogPart, Row
from chalicelib.store.tables import Item, Table

LOG_LINES_MAX = 1_000  # of one item; packed, they stay far below DynamoDB's 400 KB

Key = tuple[str, str]  # partition key, sort key


@dataclass(frozen=True, slots=True)
class Op:
    """One write: an item to put, or, `is_delete`, to remove. `is_new`: it must not be there yet.

    `unless_at`: what is there must have expired by then, in seconds since 1970.
    """

    item: Item
    is_new: bool = False
    is_delete: bool = False
    unless_at: int | None = None


@dataclass(slots=True)
class Plan:
    """All writes of a change. `early` first, `late` (notices, holds, outbox) after, the head last.

    `absent`: keys under which nothing may lie, because what is new might lie there. `at_once`: what
    is there from the moment on which the change is certain, also when it is written in chunks.
    """

    head: Item
    at_once: list[Op] = field(default_factory=list)
    early: list[Op] = field(default_factory=list)
    late: list[Op] = field(default_factory=list)
    absent: list[Key] = field(default_factory=list)
    events: tuple[EventRow, ...] = ()  # that wait for the bus: they are among `late`

    @property
    def ops(self) -> list[Op]:
        """Every write but the head's, in order."""
        return [*self.early, *self.late]

    @property
    def must_be_absent(self) -> list[Key]:
        """Every key under which nothing may lie."""
        return [*self.absent, *((op.item.pk, op.item.sk) for op in self.ops if op.is_new)]

    @property
    def agencies(self) -> tuple[str, ...]:
        """The agencies that are told of the change."""
        return agency_rows.agencies_of([op.item.pk for op in self.late])


def is_empty(change: Change) -> bool:
    """Return whether a change says nothing new, so that there is nothing to write."""
    return (
        change.after == change.loaded.account
        and change.wake_on == change.loaded.wake_on
        and not (change.entries or change.effects or change.outbox or change.run_row)
        and not (change.events or change.replay)
    )


def plan_of(
    change: Change, table: Table, shards: int, told: event_rows.Moment | None = None
) -> Plan:
    """Return the writes of a change; the head has no version yet.

    `told`: the moment of the events that tell the outside of it; None: nobody is told.
    """
    before, after = change.loaded.account, change.after
    head = rows.head_row(
        after.id, head_of(after, change.wake_on), shards, LARGE_ACCOUNT_INVOICES
    ).item(table)
    plan = Plan(head)
    writer = _Differ(table, before, after, plan)
    writer.invoices()
    writer.money()
    writer.tables(rows.small_rows(before), rows.small_rows(after), plan.early)
    for row in _log_rows(change):
        plan.early.append(Op(row.item(table)))
    writer.tables(rows.last_rows(before, shards), rows.last_rows(after, shards), plan.late)
    writer.tables(_past_notices(before), _past_notices(after), plan.late)
    for outbox in change.outbox:
        plan.late.append(Op(rows.outbox_row(after.id, outbox, shards).item(table)))
    for row in (*waiting_rows(change, shards), *agency_rows.waiting_rows(change)):
        plan.late.append(Op(row.item(table)))
    if told is not None:
        plan.events = event_rows.event_rows(change, told)
        plan.late += [Op(event_rows.stored(one, shards).item(table)) for one in plan.events]
    if change.replay is not None:
        row = rows.replay_row(change.replay)
        now = int((change.replay.expires_at - REPLAYED_FOR).timestamp())
        plan.at_once.append(Op(row.item(table), unless_at=now))
    if change.run_row is not None:
        version = change.loaded.version
        row = rows.run_row(after.id, change.run_row, version, shards)
        plan.late.append(Op(row.item(table)))
    return plan


class _Differ:
    """Compares two values of an account and adds the writes between them to a plan."""

    def __init__(self, table: Table, before: Account, after: Account, plan: Plan) -> None:
        self._table, self._before, self._after, self._plan = table, before, after, plan
        self._id = after.id

    def invoices(self) -> None:
        """An invoice leaves live state, and comes back, together with its charges and stages."""
        before, after = self._before, self._after
        for name, invoice in after.invoices.items():
            old = before.invoices.get(name)
            if old is not invoice and old != invoice:
                self._live_invoice(name, old, invoice)
        closed = [
            invoice
            for name, invoice in after.closed.items()
            if before.closed.get(name) != invoice and name not in after.invoices
        ]
        touched = money_of(after, (invoice.id for invoice in closed))
        for invoice in closed:
            self._closed_invoice(invoice, touched[invoice.id])

    def _live_invoice(self, name: str, old: Invoice | None, invoice: Invoice) -> None:
        is_new = old is None and name not in self._before.closed
        if is_new:
            self._plan.absent.append((keys.history(self._id), keys.invoice(name)))
        if name in self._before.closed:
            self._remove(keys.history(self._id), keys.invoice(name))
        if old is None or replace(old, charges=()) != replace(invoice, charges=()):
            self._put(rows.invoice_row(self._id, invoice), is_new=is_new)
        had = rows.charge_rows(self._id, old) if old is not None else {}
        self.tables(had, rows.charge_rows(self._id, invoice), self._plan.early)

    def _closed_invoice(self, invoice: Invoice, money_keys: tuple[str, ...]) -> None:
        old = self._before.invoices.get(invoice.id)
        is_new = old is None and invoice.id not in self._before.closed
        if is_new:
            self._plan.absent.append((keys.live(self._id), keys.invoice(invoice.id)))
        if old is not None:
            self._remove(keys.live(self._id), keys.invoice(invoice.id))
            self.tables(rows.charge_rows(self._id, old), {}, self._plan.early)
        self._put(rows.closed_row(self._id, invoice, money_keys), is_new=is_new)

    def money(self) -> None:
        """Money moves between live state and history with the invoices that it touches."""
        before, after = self._before, self._after
        for key, money in after.money.items():
            old = before.money.get(key)
            live = is_live(money, after.invoices)
            was_live = old is not None and is_live(old, before.invoices)
            if old == money and live == was_live:
                continue
            place, other = keys.history(self._id), keys.live(self._id)
            if live:
                place, other = other, place
            if old is None:
                self._plan.absent.append((other, keys.money(key)))
            elif live != was_live:
                self._remove(other, keys.money(key))
            row = rows.money_row(self._id, money, live=live)
            self._put(row, is_new=old is None)

    def tables(self, had: dict[str, Row], has: dict[str, Row], ops: list[Op]) -> None:
        """Put what differs and remove what is gone."""
        for sk, row in has.items():
            if had.get(sk) != row:
                ops.append(Op(row.item(self._table)))
        for sk in had.keys() - has.keys():
            ops.append(Op(self._table(pk=had[sk].pk, sk=sk), is_delete=True))

    def _put(self, row: Row, *, is_new: bool) -> None:
        self._plan.early.append(Op(row.item(self._table), is_new=is_new))

    def _remove(self, pk: str, sk: str) -> None:
        self._plan.early.append(Op(self._table(pk=pk, sk=sk), is_delete=True))


def _past_notices(account: Account) -> dict[str, Row]:
    """Return the rows of the past notices that are at hand by sort key."""
    found = (rows.past_notice_row(account.id, notice) for notice in account.past_notices.values())
    return {row.sk: row for row in found}


def _log_rows(change: Change) -> Iterator[Row]:
    """Yield the items for the change's entries, effects and events, under keys in order of time."""
    lines = (*change.entries, *change.effects, *change.events)
    on = rows.on_of(lines)
    if on is None:
        return
    parts = [LogPart(entries=tuple(part)) for part in _slices(change.entries, LOG_LINES_MAX)]
    parts += [LogPart(effects=tuple(part)) for part in _slices(change.effects, LOG_LINES_MAX)]
    if change.events:
        parts.append(LogPart(events=tuple(change.events)))
    if len(lines) <= LOG_LINES_MAX:
        parts = [LogPart(tuple(change.entries), tuple(change.effects), tuple(change.events))]
    for number, part in enumerate(parts):
        sk = keys.log(on, change.loaded.version + 1, number)
        yield Row(keys.history(change.after.id), sk, replace(part, policy=change.policy))


def _slices(lines: Iterable[Entry | Effect], most: int) -> Iterator[list[Any]]:
    source = iter(lines)
    while part := list(islice(source, most)):
        yield part
