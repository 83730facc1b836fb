"""Single reads and lists of invoices and charges, without the rest of an account."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from chalicelib.core.apply_charges import charge_of
from chalicelib.core.errors import NotFoundError
from chalicelib.core.head import Head
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.flows.charge_desk import find_charge, invoice_of, is_fee
from chalicelib.flows.interest_view import SEGMENTS_IN_LISTS, charge_answer
from chalicelib.flows.invoice_act import at_hand
from chalicelib.flows.invoice_view import invoice_body
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Accounts, Place

InvoiceStatus = Literal["open", "closed", "all"]
ChargeStatus = Literal["open", "all"]
Passed = tuple[str, str]  # the ids of an invoice and of its charge
Rows = tuple[list[dict[str, Any]], str | None]

INVOICES_LOOKED_AT = 200  # in one page, while charges are listed
PAGES_MAX = 5  # of invoices, for one answer about charges

_PLACES: dict[str, tuple[Place, ...]] = {
    "open": ("live",),
    "closed": ("history",),
    "all": ("live", "history"),
}


@dataclass(frozen=True, slots=True)
class InvoiceLists:
    """Reads invoices and charges. Each read says how many requests it makes of the store."""

    accounts: Accounts
    policies: PolicyShelf

    def invoice(self, account_id: str, invoice_id: str, today: date) -> dict[str, Any]:
        """Return one invoice as it is answered: four requests at most.

        Raises:
            NotFoundError: there is no such account or invoice.
        """
        head = self._head(account_id)
        invoice = self.accounts.find_invoice(account_id, invoice_id)
        if invoice is None:
            raise NotFoundError(f"account {account_id} has no invoice {invoice_id}")
        rules = self.policies.of(head.details, today).aging
        return invoice_body(account_id, invoice, rules, today)

    def charge(self, account_id: str, charge_id: str) -> dict[str, Any]:
        """Return one charge as it is answered: four requests at most.

        For a collection fee the whole account is read: its id does not say where it hangs (R4.2).

        Raises:
            NotFoundError: there is no such account or charge.
        """
        self._head(account_id)
        if is_fee(charge_id):
            there = self.accounts.load(account_id, at_hand(invoice_of(charge_id))).account
            return charge_answer(*find_charge(there, charge_id))
        invoice = self.accounts.find_invoice(account_id, invoice_of(charge_id))
        charge = charge_of(invoice, charge_id)
        if invoice is None or charge is None:
            raise NotFoundError(f"account {account_id} has no charge {charge_id}")
        return charge_answer(invoice, charge)

    def invoices(
        self, account_id: str, status: InvoiceStatus, mark: str, limit: int, today: date
    ) -> Rows:
        """Return invoices by id, open ones first, from a mark: six requests at most.

        Raises:
            NotFoundError: there is no such account.
        """
        head = self._head(account_id)
        rules = self.policies.of(head.details, today).aging
        places = _PLACES[status]
        place, after = _read_mark(mark) if mark else (places[0], "")
        found: list[dict[str, Any]] = []
        for name in places[places.index(place) :]:
            if len(found) == limit:
                return found, json.dumps([name, ""])
            page = self.accounts.invoices(account_id, name, after, limit - len(found))
            found += [invoice_body(account_id, row, rules, today) for row in page.rows]
            if page.mark is not None:
                return found, json.dumps([name, page.mark])
            after = ""
        return found, None

    def charges(self, account_id: str, status: ChargeStatus, mark: str, limit: int) -> Rows:
        """Return charges by invoice, those of open invoices first, from a mark.

        Looks at 1,000 invoices at most, in 16 requests at most: an answer may have fewer charges
        than `limit`, and the list still goes on.

        Raises:
            NotFoundError: there is no such account.
        """
        self._head(account_id)
        places = _PLACES[status]
        place, after, passed = _read_charge_mark(mark) if mark else (places[0], "", None)
        found: list[dict[str, Any]] = []
        for _ in range(PAGES_MAX):
            page = self.accounts.invoices(account_id, place, after, INVOICES_LOOKED_AT)
            for invoice, charge in _charges_after(page.rows, passed):
                if status == "open" and charge.open_minor == 0:
                    continue
                if len(found) == limit:
                    return found, json.dumps([place, after, passed])
                found.append(charge_answer(invoice, charge, SEGMENTS_IN_LISTS))
                passed = (invoice.id, charge.id)
            passed = None
            if page.mark is not None:
                after = page.mark
            elif place != places[-1]:
                place, after = places[-1], ""
            else:
                return found, None
        return found, json.dumps([place, after, passed])

    def _head(self, account_id: str) -> Head:
        head = self.accounts.heads([account_id]).get(account_id)
        if head is None:
            raise NotFoundError(f"there is no account {account_id[:64]!r}")
        return head


def _charges_after(
    invoices: Sequence[Invoice], passed: Passed | None
) -> Iterator[tuple[Invoice, Charge]]:
    """Yield the charges of invoices in order, from after the one that was passed."""
    for invoice in invoices:
        charges = invoice.charges
        if passed is not None and invoice.id <= passed[0]:
            ids = [charge.id for charge in charges]
            at_it = invoice.id == passed[0] and passed[1] in ids
            charges = charges[ids.index(passed[1]) + 1 :] if at_it else ()
        for charge in charges:
            yield invoice, charge


def _read_mark(mark: str) -> tuple[Place, str]:
    place, after = json.loads(mark)
    return place, after


def _read_charge_mark(mark: str) -> tuple[Place, str, Passed | None]:
    place, after, passed = json.loads(mark)
    return place, after, None if passed is None else (passed[0], passed[1])
