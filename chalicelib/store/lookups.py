"""Reads for the API: one thing, or one page of things, without the rest of an account.

Each says how many requests it takes. What is read under a stored, unfinished change is finished
first, so that nobody sees half of it; only `heads`, for the order desk, shows what stood before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pynamodb.exceptions import PynamoDBException

from chalicelib.core.account import ContactPerson, Money
from chalicelib.core.head import Head
from chalicelib.core.invoice import Invoice
from chalicelib.flows.ports import LogLines, Page, Place, Replay
from chalicelib.store import keys
from chalicelib.store.codec import from_map
from chalicelib.store.errors import as_ours
from chalicelib.store.reads import read_keys
from chalicelib.store.rows import ChargeRow, ClosedInvoice, LogPart
from chalicelib.store.tables import Item, Table

T = TypeVar("T")
_LAST = "\U0010ffff"  # after every text of the same beginning


class Lookups:
    """Reads single items and pages of one table. `settle` finishes an account's stored change."""

    def __init__(self, table: Table, settle: Callable[[str], None]) -> None:
        self._table = table
        self._settle = settle

    def heads(self, account_ids: Sequence[str]) -> Mapping[str, Head]:
        """Return the heads that are there: one request for each 100 accounts."""
        wanted = [(keys.live(name), keys.HEAD) for name in account_ids]
        return {
            keys.account_of(item.pk): from_map(Head, item.value())
            for item in read_keys(self._table, wanted)
        }

    def replay(self, replay_id: str) -> Replay | None:
        """Return an answer that was kept, expired or not: one request."""
        found = list(read_keys(self._table, [(keys.replay(replay_id), keys.HEAD)]))
        return from_map(Replay, found[0].value()) if found else None

    def find_invoice(self, account_id: str, invoice_id: str) -> Invoice | None:
        """Return an invoice with its charges: three requests at most."""
        self._settle(account_id)
        sk = keys.invoice(invoice_id)
        places = [(keys.live(account_id), sk), (keys.history(account_id), sk)]
        for item in read_keys(self._table, places):
            if item.pk == keys.history(account_id):
                return from_map(ClosedInvoice, item.value()).invoice
            invoice = from_map(Invoice, item.value())
            return self._with_charges(account_id, [invoice])[0]
        return None

    def find_money(self, account_id: str, money_key: str) -> Money | None:
        """Return a payment or credit note: two requests."""
        self._settle(account_id)
        sk = keys.money(money_key)
        places = [(keys.live(account_id), sk), (keys.history(account_id), sk)]
        found = list(read_keys(self._table, places))
        return from_map(Money, found[0].value()) if found else None

    def invoices(self, account_id: str, place: Place, after: str, limit: int) -> Page[Invoice]:
        """Return a page of invoices by id: three requests at most for open ones, else two."""
        self._settle(account_id)
        if place == "history":
            page = self._page(keys.history(account_id), "INV#", after, limit)
            rows = [from_map(ClosedInvoice, item.value()).invoice for item in page.rows]
            return Page(rows, page.mark)
        page = self._page(keys.live(account_id), "INV#", after, limit)
        open_ones = [from_map(Invoice, item.value()) for item in page.rows]
        return Page(self._with_charges(account_id, open_ones), page.mark)

    def money(self, account_id: str, place: Place, after: str, limit: int) -> Page[Money]:
        """Return a page of payments and credit notes by kind and id: two requests."""
        self._settle(account_id)
        pk = keys.live(account_id) if place == "live" else keys.history(account_id)
        page = self._page(pk, "CASH#", after, limit)
        return Page([from_map(Money, item.value()) for item in page.rows], page.mark)

    def money_of_kind(self, account_id: str, kind: str, after: str, limit: int) -> Page[Money]:
        """Return a page of payments or credit notes by id, wherever they lie: three requests.

        One more for each further megabyte of them: what paid 3,000 invoices is large.
        """
        self._settle(account_id)
        prefix = keys.money(f"{kind}:")
        pages = [
            self._page(pk, prefix, after, limit)
            for pk in (keys.live(account_id), keys.history(account_id))
        ]
        items = {item.sk: item for page in pages for item in page.rows}
        marks = sorted(items)
        has_more = len(marks) > limit or any(page.mark is not None for page in pages)
        rows = [from_map(Money, items[mark].value()) for mark in marks[:limit]]
        return Page(rows, marks[:limit][-1] if has_more else None)

    def contact_people(self, account_id: str) -> Sequence[ContactPerson]:
        """Return the contacts of an account by id: two requests."""
        self._settle(account_id)
        span = self._table.sk.between(keys.CONTACT, keys.CONTACT + _LAST)
        items = self._query(keys.live(account_id), span)
        return [from_map(ContactPerson, item.value()) for item in items]

    def timeline(self, account_id: str, before: str, limit: int) -> Page[LogLines]:
        """Return what changes wrote into the log, newest first: two requests."""
        self._settle(account_id)
        page = self._page(keys.history(account_id), "LOG#", before, limit, newest_first=True)
        rows = []
        for item in page.rows:
            part = from_map(LogPart, item.value())
            rows.append(LogLines(item.sk, part.entries, part.effects, part.events, part.policy))
        return Page(rows, page.mark)

    def _with_charges(self, account_id: str, invoices: Sequence[Invoice]) -> list[Invoice]:
        """Return live invoices, in order of id, with their charges: one query over their span."""
        if not invoices:
            return []
        first = keys.charge(invoices[0].id, "")
        last = keys.charge(invoices[-1].id, _LAST)
        rows: dict[str, list[ChargeRow]] = {}
        for item in self._query(keys.live(account_id), self._table.sk.between(first, last)):
            row = from_map(ChargeRow, item.value())
            rows.setdefault(row.invoice_id, []).append(row)
        found = []
        for invoice in invoices:
            mine = sorted(rows.get(invoice.id, ()), key=lambda row: row.place)
            found.append(replace(invoice, charges=tuple(row.charge for row in mine)))
        return found

    def _page(
        self, pk: str, prefix: str, mark: str, limit: int, *, newest_first: bool = False
    ) -> Page[Item]:
        """Return at most `limit` items of a partition past a mark, and the mark of the next page."""
        low = prefix if newest_first else mark or prefix
        high = (mark if newest_first else "") or prefix + _LAST
        span = self._table.sk.between(low, high)
        # One more than asked for, to know whether there are more; the mark itself is passed over.
        found = self._query(
            pk, span, limit=limit + 2, page_size=limit + 2, scan_index_forward=not newest_first
        )
        items = [item for item in found if item.sk != mark]
        has_more = len(items) > limit
        items = items[:limit]
        return Page(items, items[-1].sk if has_more else None)

    def _query(self, pk: str, span: Any, **options: Any) -> list[Item]:
        try:
            return list(self._table.query(pk, span, consistent_read=True, **options))
        except PynamoDBException as error:
            raise as_ours(error) from error
