"""The lines of the facts file about disputes: opened, and how they ended (R5.5)."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.disputes import DISPUTE_REASONS
from chalicelib.core.facts import DisputeOpened, DisputeResolved, Fact
from chalicelib.flows.ledger_columns import AMOUNT, DAY, NEEDED_TEXT, TEXT, Column
from chalicelib.flows.ledger_fact_line import FactLine

OUTCOMES = ("won", "lost", "partly")
DISPUTE_FIELDS: Mapping[str, Column] = {
    "invoice_id": NEEDED_TEXT,
    "amount": AMOUNT,
    "reason": TEXT,
    "owner": TEXT,
    "due_on": DAY,
    "reference": TEXT,
}
RESOLUTION_FIELDS: Mapping[str, Column] = {
    "invoice_id": NEEDED_TEXT,
    "outcome": NEEDED_TEXT,
    "amount": AMOUNT,
}


def read_dispute(line: FactLine) -> Fact | None:
    """Return the dispute of a line; without an amount, of all that is open."""
    invoice = line.invoice()
    currency = invoice.currency if invoice else None
    amount = line.cells.amount("amount", currency, above_zero=True)
    if invoice and amount and amount > invoice.amount_minor:
        detail = "is more than the invoice's amount; all that is open of it is disputed"
        line.cells.note("amount", "above_amount", detail)
    reason = line.cells.one_of("reason", DISPUTE_REASONS) if line.cells.has("reason") else "other"
    owner, reference = line.cells.optional_id("owner"), line.cells.text("reference")
    due_on = line.not_before("due_on", line.cells.day("due_on"))
    if invoice is None:
        return None
    return DisputeOpened(
        line.on, invoice.invoice_id, amount, reason or "other", owner or "", due_on, reference
    )


def read_resolution(line: FactLine) -> Fact | None:
    """Return how a dispute ended; `partly` says with its amount what the customer won."""
    invoice, outcome = line.invoice(), line.cells.one_of("outcome", OUTCOMES)
    currency = invoice.currency if invoice else None
    won = 0
    if outcome == "partly":
        won = line.cells.needed_amount("amount", currency, above_zero=True) or 0
    elif line.cells.has("amount"):
        line.cells.refuse("amount", "not_taken", "goes with the outcome partly only")
    if invoice is None:
        return None
    if outcome == "partly":
        return DisputeResolved(line.on, invoice.invoice_id, "partly", won)
    return DisputeResolved(line.on, invoice.invoice_id, "won" if outcome == "won" else "lost")
