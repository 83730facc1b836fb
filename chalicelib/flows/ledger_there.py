"""What was taken in before, for files that come alone and speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from chalicelib.core.account import money_key
from chalicelib.core.facts import InvoiceIssued, Payment
from chalicelib.core.invoice import Invoice
from chalicelib.flows.ledger_fact_line import KnownLedger
from chalicelib.flows.ports import Accounts


class TakenIn(Protocol):
    """Accounts, invoices and payments that are there already."""

    def has_account(self, account_id: str) -> bool:
        """Whether the account is there."""
        ...

    def invoice(self, account_id: str, invoice_id: str) -> Invoice | None:
        """Return an invoice of an account, open or closed."""
        ...

    def payment(self, account_id: str, payment_id: str) -> Payment | None:
        """Return a payment of an account, as the fact that booked it."""
        ...


@dataclass(frozen=True, slots=True)
class TakenInBefore:
    """`TakenIn` over the store: one to three requests for each thing that is asked for."""

    accounts: Accounts

    def has_account(self, account_id: str) -> bool:
        """Whether the account is there."""
        return bool(self.accounts.heads([account_id]))

    def invoice(self, account_id: str, invoice_id: str) -> Invoice | None:
        """Return an invoice of an account, open or closed."""
        return self.accounts.find_invoice(account_id, invoice_id)

    def payment(self, account_id: str, payment_id: str) -> Payment | None:
        """Return a payment of an account, as the fact that booked it."""
        money = self.accounts.find_money(account_id, money_key("payment", payment_id))
        if money is None:
            return None
        return Payment(
            money.booked_on,
            money.id,
            money.value_on,
            money.currency,
            money.amount_minor,
            money.invoice_ids,
        )


@dataclass(frozen=True, slots=True)
class WithTakenIn:
    """`KnownLedger` for one account's facts: what the files hold, then what was taken in before."""

    files: KnownLedger
    there: TakenIn
    account_id: str

    def has_account(self, account_id: str) -> bool:
        """Whether the account is in the files or was taken in before."""
        return self.files.has_account(account_id) or self.there.has_account(account_id)

    def invoice(self, invoice_id: str) -> tuple[str, InvoiceIssued] | None:
        """Return an invoice and whose it is."""
        found = self.files.invoice(invoice_id)
        if found is not None:
            return found
        invoice = self.there.invoice(self.account_id, invoice_id)
        return None if invoice is None else (self.account_id, _issued(invoice))

    def due_on(self, invoice_id: str, on: date) -> date | None:
        """Return an invoice's due date on a day, extensions counted."""
        if found := self.files.due_on(invoice_id, on):
            return found
        invoice = self.there.invoice(self.account_id, invoice_id)
        return None if invoice is None else invoice.effective_due_on

    def payment(self, payment_id: str) -> tuple[str, Payment] | None:
        """Return a payment and whose it is."""
        found = self.files.payment(payment_id)
        if found is not None:
            return found
        paid = self.there.payment(self.account_id, payment_id)
        return None if paid is None else (self.account_id, paid)


def with_taken_in(files: KnownLedger, there: TakenIn | None, account_id: str | None) -> KnownLedger:
    """Return what the facts of an account may speak of."""
    if there is None or account_id is None:
        return files
    return WithTakenIn(files, there, account_id)


def _issued(invoice: Invoice) -> InvoiceIssued:
    return InvoiceIssued(
        invoice.issued_on,
        invoice.id,
        invoice.currency,
        invoice.amount_minor,
        invoice.opened_minor,
        invoice.issued_on,
        invoice.due_on,
        invoice.seen_on,
    )
