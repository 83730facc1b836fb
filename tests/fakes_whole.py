"""An account as the store in memory keeps it: whole, of which a loader gets what is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from chalicelib.core.account import Account, Money
from chalicelib.core.errors import ConflictError
from chalicelib.core.facts import Fact
from chalicelib.core.invoice import Invoice
from chalicelib.flows.ports import Change, Page
from chalicelib.store.places import named_by, placed_with, touched_by

T = TypeVar("T")


def page(found: dict[str, T], after: str, limit: int) -> Page[T]:
    """Return a page of what is there, by mark."""
    marks = [mark for mark in sorted(found) if mark > after]
    rows = [found[mark] for mark in marks[:limit]]
    return Page(rows, marks[limit - 1] if len(marks) > limit else None)


def at_hand(whole: Account, facts: Sequence[Fact]) -> tuple[dict[str, Invoice], set[str]]:
    """Return the closed invoices and the keys of archived money that facts need (see places)."""
    named = named_by(facts)
    ids = {*named.invoice_ids, *placed_with(whole, named.invoice_ids)}
    keys = named.money_keys | named.reversed_keys
    for key in named.reversed_keys & whole.money.keys():
        ids.update(touched_by(whole.money[key]))
    for notice in (whole.past_notices | whole.notices).values():
        if notice.id in named.notice_ids:
            ids.update(notice.invoice_ids)
    closed = {name: whole.closed[name] for name in sorted(ids) if name in whole.closed}
    for key, money in whole.money.items():
        if any(name in closed for name in touched_by(money)):
            keys.add(key)
    return closed, keys


def is_empty(change: Change) -> bool:
    """Return whether a change says nothing new."""
    same = change.after == change.loaded.account and change.wake_on == change.loaded.wake_on
    said = change.entries or change.effects or change.outbox or change.run_row
    return same and not (said or change.events or change.replay)


def refuse_doubles(whole: Account, change: Change) -> None:
    """What is new to the change must be new to the account, in history too ("once, ever")."""
    before, after = change.loaded.account, change.after
    invoices = (after.invoices.keys() | after.closed.keys()) - before.invoices.keys()
    for name in invoices - before.closed.keys():
        if name in whole.invoices or name in whole.closed:
            raise ConflictError(f"invoice {name} is there already")
    for key in after.money.keys() - before.money.keys():
        if key in whole.money:
            raise ConflictError(f"{key} is there already")


def merged(whole: Account, after: Account) -> Account:
    """Return the whole of an account after a change of what was at hand."""
    closed = {k: v for k, v in whole.closed.items() if k not in after.invoices} | after.closed
    money: dict[str, Money] = whole.money | after.money
    past = {k: v for k, v in whole.past_notices.items() if k not in after.notices}
    return replace(after, closed=closed, money=money, past_notices=past | after.past_notices)
