"""Disputes: what a customer objects to, with a reason, an owner and a due date (R5.5, section 1)."""

from __future__ import annotations

from collections.abc import Mapping
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
COLLECTOR, SALES_OWNER = "collector", "sales_owner"  # words for whoever they are of the account
OWNERS_BY_REASON: Mapping[str, str] = {
    "returned_goods": SALES_OWNER,
    "awaiting_credit": SALES_OWNER,
}  # all others: the collector
CLOSED_KEPT = 50  # of an account: the latest
Outcome = Literal["", "won", "lost", "partly"]  # of the customer; "": it goes on
# "paid", "credited", "written_off", "voided": what took the last that was disputed.
Closing = Literal["", "lost", "paid", "credited", "written_off", "voided", "replaced"]


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute of an invoice, or of a part of it. Amounts in minor units.

    What of it is still open lies on the invoice (`disputed_minor`), for money changes it. `reference`
    is what the customer calls it, such as the number of a return. One that the customer won, wholly
    or partly, stands until the credit note comes (R5.5); what closed it is `closed_because`.
    """

    id: str
    invoice_id: str
    currency: str
    amount_minor: int
    opened_on: date
    reason_code: str = "other"
    owner: str = ""  # a person, once it was resolved who
    due_on: date | None = None
    reference: str = ""
    opened_by: str = ""
    outcome: Outcome = ""
    won_minor: int = 0
    resolved_on: date | None = None
    is_asked: bool = False  # its owner has, or had, a task
    closed_on: date | None = None
    closed_because: Closing = ""

    @property
    def stands(self) -> bool:
        """Whether something of the invoice is out of dunning for it."""
        return self.closed_on is None

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to say who is right."""
        return self.closed_on is None and not self.outcome

    @property
    def closed_order(self) -> tuple[date, date, str]:
        """The order in which those that are closed are forgotten, the oldest first."""
        return (self.closed_on or date.max, self.opened_on, self.id)


def task_of(account_id: str, invoice_id: str) -> str:
    """Return the id of the task that asks the owner of an invoice's dispute."""
    return f"{account_id}:review_account:dispute:{invoice_id}"


def free_id(taken: Mapping[str, Dispute], invoice_id: str, opened_on: date) -> str:
    """Return the id of one more dispute of an invoice; from the second of a day on, it is numbered."""
    first = found = f"dsp_{invoice_id}_{opened_on.isoformat()}"
    number = 1
    while found in taken:
        number += 1
        found = f"{first}_{number}"
    return found
