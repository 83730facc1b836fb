"""A line of the facts file, checked against the ledger that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from chalicelib.core.facts import InvoiceIssued, Payment
from chalicelib.flows.ledger_cells import Cells
from chalicelib.flows.ledger_faults import shown


class KnownLedger(Protocol):
    """What the ledger holds by the time its facts are read."""

    def has_account(self, account_id: str) -> bool:
        """Whether an invoice, payment or credit note of the account was taken."""

    def invoice(self, invoice_id: str) -> tuple[str, InvoiceIssued] | None:
        """Return an invoice and whose it is."""

    def due_on(self, invoice_id: str, on: date) -> date | None:
        """Return an invoice's due date on a day, extensions counted."""

    def payment(self, payment_id: str) -> tuple[str, Payment] | None:
        """Return a payment and whose it is."""


@dataclass(frozen=True, slots=True)
class FactLine:
    """A line's cells with what every kind has in common, all of it sound."""

    cells: Cells
    known: KnownLedger
    on: date
    account_id: str

    def invoice(self, *, before_issue: bool = False) -> InvoiceIssued | None:
        """Return the invoice that the line names: one of this account and, as a rule, issued."""
        invoice_id = self.cells.id("invoice_id")
        found = self._of_account("invoice_id", invoice_id) if invoice_id else None
        if found and self.on < found.issued_on and not before_issue:
            detail = f"{self.on} is before the invoice was issued, {found.issued_on}"
            self.cells.refuse("on", "before_issue", detail)
        return found

    def optional_invoice_id(self) -> str | None:
        """Return the id of the invoice that the line names, if it names one."""
        invoice_id = self.cells.optional_id("invoice_id")
        if invoice_id:
            self._of_account("invoice_id", invoice_id)
        return invoice_id

    def invoice_ids(self) -> tuple[str, ...]:
        """Return the ids of the invoices that the line names: all of this account."""
        invoice_ids = self.cells.ids("invoice_ids")
        for invoice_id in invoice_ids:
            self._of_account("invoice_ids", invoice_id)
        return invoice_ids

    def _of_account(self, column: str, invoice_id: str) -> InvoiceIssued | None:
        found = self.known.invoice(invoice_id)
        if found is None:
            detail = f"invoice {shown(invoice_id)} is not in the ledger"
            self.cells.refuse(column, "unknown_invoice", detail)
            return None
        account_id, issued = found
        if account_id != self.account_id:
            detail = f"invoice {shown(invoice_id)} is of another account"
            self.cells.refuse(column, "other_account", detail)
            return None
        return issued

    def not_before(self, column: str, day: date | None) -> date | None:
        """Return a day; one before the fact's own is a fault."""
        if day is not None and day < self.on:
            self.cells.refuse(
                column, "before_fact", f"{day} is before the fact's own day, {self.on}"
            )
        return day
