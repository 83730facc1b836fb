"""What facts need of an account's history: closed invoices and settled money, read by key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.core.account import Account, Money, Notice
from chalicelib.core.facts import Fact
from chalicelib.core.invoice import Invoice
from chalicelib.store import keys
from chalicelib.store.codec import from_map
from chalicelib.store.places import named_by, placed_with, touched_by
from chalicelib.store.reads import read_keys
from chalicelib.store.rows import ClosedInvoice
from chalicelib.store.tables import Table


@dataclass(frozen=True, slots=True)
class Past:
    """What is at hand of an account's history."""

    closed: dict[str, Invoice]
    money: dict[str, Money]
    notices: dict[str, Notice]


def past_of(table: Table, account: Account, facts: Sequence[Fact]) -> Past:
    """Return the closed invoices, settled money and past notices that the booking of facts needs.

    With a placement that is named come its invoices, with a reversed payment its invoices, with a
    notice its invoices, and with each closed invoice the money that touched it: if it opens again,
    that money lives again.
    """
    named = named_by(facts)
    money = _money(table, account, named.money_keys | named.reversed_keys)
    wanted = {*named.invoice_ids, *placed_with(account, named.invoice_ids)}
    for key in named.reversed_keys:
        found = account.money.get(key) or money.get(key)
        if found is not None:
            wanted.update(touched_by(found))
    notices = _notices(table, account, named.notice_ids)
    for notice in (account.notices | notices).values():
        if notice.id in named.notice_ids:
            wanted.update(notice.invoice_ids)
    closed = _closed(table, account, wanted)
    touched = {key for group in closed.values() for key in group.money_keys}
    money |= _money(table, account, touched - money.keys())
    return Past({name: group.invoice for name, group in closed.items()}, money, notices)


def _notices(table: Table, account: Account, names: Iterable[str]) -> dict[str, Notice]:
    pk = keys.history(account.id)
    wanted = [(pk, keys.notice(name)) for name in sorted(names) if name not in account.notices]
    found = [from_map(Notice, item.value()) for item in read_keys(table, wanted)]
    return {notice.id: notice for notice in found}


def _closed(table: Table, account: Account, names: Iterable[str]) -> dict[str, ClosedInvoice]:
    pk = keys.history(account.id)
    wanted = [(pk, keys.invoice(name)) for name in sorted(names) if name not in account.invoices]
    groups = [from_map(ClosedInvoice, item.value()) for item in read_keys(table, wanted)]
    return {group.invoice.id: group for group in groups}


def _money(table: Table, account: Account, money_keys: Iterable[str]) -> dict[str, Money]:
    pk = keys.history(account.id)
    wanted = [(pk, keys.money(key)) for key in sorted(money_keys) if key not in account.money]
    found = [from_map(Money, item.value()) for item in read_keys(table, wanted)]
    return {money.key: money for money in found}
