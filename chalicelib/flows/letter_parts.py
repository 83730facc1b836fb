"""The parts of a letter: who writes, what is owed, what is shown beside it, what comes next.

They are values without words of any language: those are in `chalicelib/mail/templates`.
Amounts are minor units of the letter's one currency; dates are calendar dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from chalicelib.core.workings import Arithmetic, Working

LATE_FEE = "late_fee"
CHARGE_NAMES = ("late_fee", "interest", "compensation", "collection_fee")
STAGE_NAMES = ("reminder", "final_demand", "late_fee", "interest", "charges", "notice")
UNAPPLIED_KINDS = ("payment", "credit_note")


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
    """Whom to contact; the letter's Reply-To (R6.1, R11.5). No name: the seller's receivables."""

    name: str
    email: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSource:
    """Where a rate of interest is from: a table's rate a year on a day, and the margin (R4.4).

    `told` is that as the store keeps it of charges of old, whose values are not known: then it is
    shown as it is, and the rest is empty.
    """

    rate: Decimal
    title: str = ""
    reference: Decimal = Decimal(0)
    on: date | None = None
    margin: Decimal = Decimal(0)
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLine:
    """One charge, with the values of its arithmetic.

    `kind` is that of its rule: `flat`, `percent`, `tiered`, `interest`, `compensation`, or
    `collection_fee`. `amount_minor` is without what was taken back or waived, `open_minor` what of
    it is asked for; `is_new` marks a charge that this notice tells of for the first time.
    `arithmetic` says how it was worked out, of interest with its `working`, and `capped_by` is the
    key of the cap that lowered it (R4.5). Where the arithmetic is not known, as of charges of old,
    `basis` is shown as it was kept. `rate_sources` are where its rates of interest are from.
    """

    charge_id: str
    kind: str
    posted_on: date
    amount_minor: int
    open_minor: int
    is_new: bool = False
    arithmetic: Arithmetic | None = None
    working: Working | None = None
    capped_by: str = ""
    basis: str = ""
    reversed_minor: int = 0
    waived_minor: int = 0
    rate_sources: tuple[RateSource, ...] = ()

    @property
    def name(self) -> str:
        """What a customer calls it: `interest`, `compensation`, `collection_fee` or `late_fee`."""
        return self.kind if self.kind in CHARGE_NAMES else LATE_FEE


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceStage:
    """An invoice's stage as its customer calls it: one of `STAGE_NAMES`, and its days past due.

    `days` is 0 where the stage is not told by them.
    """

    name: str
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One past-due invoice that the letter asks for.

    `due_on` is the effective due date. `open_minor` is all that is open of the principal,
    `asked_minor` the undisputed part of it; the difference is in dispute and shown apart.
    `stage` is the invoice's own, None before any. `bucket` is one of the letter's `buckets`.
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
    stage: InvoiceStage | None = None
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

    `kind` is `payment` or `credit_note`; `reference` may be empty when only a total is known.
    """

    kind: str
    amount_minor: int
    reference: str = ""
    dated_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingBand:
    """One band of a charge to come: `amount_minor` plus `percent` of the whole (R4.1).

    It is for what lies below `below_minor`; None: for all else.
    """

    below_minor: int | None
    amount_minor: int
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingRate:
    """The rate a year of interest to come (R4.4).

    By contract it is `figure`, and `title` is empty. By a table it is the table `title` plus
    `margin`: `figure` is then what that is for all invoices listed, `current` what it is now where
    it floats; None where it is not one and the same, or not known.
    """

    figure: Decimal | None
    title: str = ""
    margin: Decimal = Decimal(0)
    current: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingCharge:
    """One charge that a stage to come adds; amounts in minor units, None for no bound (R4.1).

    `flat` and `compensation` of one and the same sum have `amount_minor`, `percent` has `rate`,
    `interest` has `interest`. What goes by bands has them, or `is_banded` alone where they are too
    many to tell.
    """

    kind: str
    amount_minor: int | None = None
    rate: Decimal | None = None
    interest: ComingRate | None = None
    bands: tuple[ComingBand, ...] = ()
    is_banded: bool = False
    min_minor: int | None = None
    max_minor: int | None = None

    @property
    def name(self) -> str:
        """What a customer calls it: `interest`, `compensation` or `late_fee`."""
        return self.kind if self.kind in CHARGE_NAMES else LATE_FEE


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLimit:
    """What all late fees and interest of an invoice never exceed (R4.5).

    `percent` is of its amount, `annual_rate` of its amount a year; None for no such cap.
    """

    percent: Decimal | None = None
    annual_rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a later stage charges to each invoice that is still open then (R4.8).

    `first_on` is the first day on which it can happen to an invoice listed; it comes again after
    `every_days`, 0 for not. `runs_to_payment`: of some of them interest was charged before, and
    paying them brings what has accrued since (R4.3). `limit` is what caps leave of it, None for
    no cap (R4.5).
    """

    days_past_due: int
    charges: tuple[ComingCharge, ...]
    first_on: date
    every_days: int = 0
    runs_to_payment: bool = False
    limit: ChargeLimit | None = None


class ConsequenceKind(StrEnum):
    """What truly happens when a final demand is not answered (R5.1, R8.1, R10)."""

    HOLD = "hold"  # nothing is shipped until the past-due balance is settled
    AGENCY = "agency"  # a collection agency may take over, its fee is added where it has one
    INTEREST_RUNS = "interest_runs"  # until the day of payment
    DECISION = "decision"  # the credit department decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """One of them, with the agency's fee as a rate of the debt and the most of it, minor units."""

    kind: ConsequenceKind
    fee_percent: Decimal | None = None
    fee_max_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentInstruction:
    """One line of how to pay, such as "Account number" and its value."""

    label: str
    value: str
