"""Disputes of invoices, one at a time for each (R5.5, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from chalicelib.core.facts import DisputeOpened, DisputeResolved
from chalicelib.core.invoice import Invoice
from chalicelib.flows.desk import Caller, Desk, Reply
from chalicelib.flows.invoice_act import Decided, Why, event_with, on_invoice
from chalicelib.flows.invoice_posting import Part
from chalicelib.flows.invoice_rules import check_dispute, check_resolution

DISPUTE_REASONS = (
    "returned_goods",
    "awaiting_credit",
    "pricing",
    "not_received",
    "quality",
    "duplicate",
    "other",
)
Winner = Literal["customer_won", "seller_won"]


@dataclass(frozen=True, slots=True)
class DisputeDesk:
    """Books what customers object to, and how it ended."""

    desk: Desk

    def open(
        self, account_id: str, invoice_id: str, part: Part | None, why: Why, caller: Caller
    ) -> Reply:
        """Dispute an invoice (None) or a part of it; it takes the place of an open dispute.

        `why` has one of the seven reason codes. The rest of the invoice is dunned on (R5.5).

        Raises:
            InvalidInputError: the part is in another currency.
            BlockedError: nothing is open, or less than is disputed, or a credit note is awaited.
        """

        def decide(invoice: Invoice, today: date) -> Decided:
            amount = None if part is None else part.amount_minor
            check_dispute(invoice, amount, None if part is None else part.currency)
            disputed = invoice.open_minor if amount is None else amount
            figures = {"disputed_minor": str(disputed), "currency": invoice.currency}
            event = event_with(caller, today, "dispute_opened", invoice_id, why, **figures)
            return (DisputeOpened(today, invoice_id, amount, why.reason_code),), event

        return on_invoice(self.desk, account_id, invoice_id, caller, decide)

    def resolve(
        self, account_id: str, invoice_id: str, winner: Winner, why: Why, caller: Caller
    ) -> Reply:
        """End a dispute.

        `customer_won`: the part stays out of dunning until its credit note comes. `seller_won`: it
        is owed again, and dunned from its due date (R5.6).

        Raises:
            BlockedError: nothing of the invoice is disputed, or the customer has won already.
        """

        def decide(invoice: Invoice, today: date) -> Decided:
            check_resolution(invoice, customer_won=winner == "customer_won")
            figures = {
                "outcome": winner,
                "disputed_minor": str(invoice.disputed_minor),
                "currency": invoice.currency,
            }
            event = event_with(caller, today, "dispute_resolved", invoice_id, why, **figures)
            outcome: Literal["won", "lost"] = "won" if winner == "customer_won" else "lost"
            return (DisputeResolved(today, invoice_id, outcome),), event

        return on_invoice(self.desk, account_id, invoice_id, caller, decide)
