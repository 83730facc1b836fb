"""Disputes: what a customer objects to, with a reason, an owner and a due date (R5.5, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

DISPUTE_REASONS = (
    "returned_goods",
    "awaiting_credit",
    "pricing",
    "not_received",
    "quality",
    "duplicate",
    "other",
)
Outcome = Literal["", "won", "lost", "partly"]  # of the customer; "": it goes on


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute of an invoice, or of a part of it. Amounts in minor units.

    What of it is still open lies on the invoice (`disputed_minor`), for money changes it. `reference`
    is what the customer calls it, such as the number of a return.
    """

    id: str
    invoice_id: str
    currency: str
    amount_minor: int
    opened_on: date
    reason_code: str = "other"
    owner: str = ""
    due_on: date | None = None
    reference: str = ""
    opened_by: str = ""
    outcome: Outcome = ""
    won_minor: int = 0
    resolved_on: date | None = None
    is_asked: bool = False  # its owner has, or had, a task
