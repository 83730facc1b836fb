"""The parts of a letter: who writes, what is owed, what is shown beside it, what comes next.

Amounts are minor units of the letter's one currency; dates are calendar dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class NoticeKind(StrEnum):
    """Which of the letters it is; a stage's `notice` key names it."""

    REMINDER = "reminder"
    LATE_FEE = "late_fee"
    FINAL_DEMAND = "final_demand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Who is owed: shown at the head and the foot of the letter."""

    name: str
    address_lines: tuple[str, ...] = ()
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Whom to contact; the letter's Reply-To (R6.1, R11.5)."""

    name: str
    email: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLine:
    """One charge: `reason` is a sentence such as "1.5% of 10,000.00 = 150.00".

    `label` is what the customer calls it ("Late fee"). `amount_minor` is without what was taken
    back or waived, `open_minor` what of it is asked for; `is_new` marks a charge that this notice
    tells of for the first time. `rate_sources` say where its rates of interest are from.
    """

    charge_id: str
    kind: str
    label: str
    reason: str
    posted_on: date
    amount_minor: int
    open_minor: int
    is_new: bool = False
    rate_sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One past-due invoice that the letter asks for.

    `due_on` is the effective due date. `open_minor` is all that is open of the principal,
    `asked_minor` the undisputed part of it; the difference is in dispute and shown apart.
    `stage` is the invoice's own stage in words. `bucket` is one of the letter's `buckets`.
    """

    invoice_id: str
    issued_on: date
    due_on: date
    days_past_due: int
    original_minor: int
    open_minor: int
    asked_minor: int
    bucket: str
    po_number: str = ""
    stage: str = ""
    charges: tuple[ChargeLine, ...] = ()

    @property
    def disputed_minor(self) -> int:
        """The part of the open principal that is in dispute, minor units."""
        return self.open_minor - self.asked_minor

    @property
    def open_charges(self) -> tuple[ChargeLine, ...]:
        """The charges of which something is asked for."""
        return tuple(charge for charge in self.charges if charge.open_minor)

    @property
    def charges_minor(self) -> int:
        """What is open of the invoice's charges, minor units."""
        return sum(charge.open_minor for charge in self.charges)

    @property
    def due_minor(self) -> int:
        """What the letter asks for this invoice with its charges, minor units."""
        return self.asked_minor + self.charges_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCharge:
    """An open charge of an invoice that is not listed, mostly because it was paid since."""

    invoice_id: str
    charge: ChargeLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedPart:
    """What of an invoice is in dispute: not asked for now, shown apart (R5.5).

    `bears_interest`: if the customer loses, all its days count (R4.3).
    """

    invoice_id: str
    disputed_minor: int
    po_number: str = ""
    since_on: date | None = None
    bears_interest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnappliedItem:
    """Money or a credit that no invoice has taken yet; shown, not deducted (R3.2).

    `label` is "Payment" or "Credit note"; `reference` may be empty when only a total is known.
    """

    label: str
    amount_minor: int
    reference: str = ""
    dated_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a later stage charges (R4.8).

    `charge` begins a sentence that "to each invoice" goes on with: "A late fee of 1.5% of the
    amount then open is added". `first_on` is the first day on which it can happen to an invoice
    listed; it comes again after `every_days`, 0 for not. `runs_to_payment`: of some of them
    interest was charged before, and paying them brings what has accrued since (R4.3). `limit` is a
    sentence with what all late fees and interest of an invoice never exceed, "" for nothing (R4.5).
    """

    days_past_due: int
    charge: str
    first_on: date
    every_days: int = 0
    runs_to_payment: bool = False
    limit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentInstruction:
    """One line of how to pay, such as "Account number" and its value."""

    label: str
    value: str
