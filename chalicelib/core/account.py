"""The state of an account as values: all that a decision needs, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.core.policy import LATE_FEE_KINDS


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """Who the account is. Empty texts are unknown."""

    name: str = ""
    account_class: str = "standard"
    email: str = ""
    sales_owner: str = ""
    collector: str = ""  # a named collector wins over the tiers (R6.1)
    locale: str = "en"
    policy_id: str = ""  # the account's own policy, else its class's, else the default (R2.1)


@dataclass(frozen=True, slots=True)
class Reduction:
    """Open principal went down by an amount, with a value date (R4.9)."""

    value_on: date
    amount_minor: int
    by_payment: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """A late fee, interest or compensation: a receivable of its own (R4). Amounts in minor units."""

    id: str
    stage: str
    kind: str
    posted_on: date
    amount_minor: int
    open_minor: int
    capped_by: str | None = None
    reversed_minor: int = 0
    waived_minor: int = 0
    basis: str = ""  # the arithmetic in one readable line

    @property
    def is_late_fee(self) -> bool:
        """Whether this counts as a late fee for the waterfall and for R4.9."""
        return self.kind in LATE_FEE_KINDS

    @property
    def counts_for_caps_minor(self) -> int:
        """What the caps of R4.5 count: net of reversals, waived ones included."""
        if self.is_late_fee or self.kind == "interest":
            return self.amount_minor - self.reversed_minor
        return 0


@dataclass(frozen=True, slots=True)
class AppliedStage:
    """A stage that was applied, remembered with its days and date (R2.2)."""

    stage: str
    days: int
    on: date


@dataclass(frozen=True, slots=True)
class Owed:
    """A stage whose notice has not been created yet (R5.3)."""

    stage: str
    days: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """A notice that listed the invoice and announced charges (R4.8); `sent_on`: counts as sent."""

    notice_id: str
    created_on: date
    sent_on: date | None = None


@dataclass(frozen=True, slots=True)
class FinalDemand:
    """The notice that settled a `final` stage of the invoice (R8.1)."""

    noticed_on: date
    respond_within_days: int | None
    answered: bool = False


@dataclass(frozen=True)
class Invoice:
    """An invoice with its charges and its place on the dunning ladder. Amounts in minor units."""

    id: str
    currency: str
    amount_minor: int
    opened_minor: int  # open principal when it was taken in
    open_minor: int
    issued_on: date
    due_on: date
    seen_on: date
    effective_due_on: date
    delivered_on: date | None = None
    extended_due_on: date | None = None
    advanced_minor: int = 0  # of the open principal, the part already paid out by a financier
    disputed_minor: int = 0  # of the open principal
    dispute_won: bool = False
    was_disputed: bool = False  # and the customer did not lose (R8.1 leaves it out)
    po_number: str = ""
    reductions: tuple[Reduction, ...] = ()
    voided: bool = False
    charges: tuple[Charge, ...] = ()
    onboarded: bool = False
    seen_past_due: bool = False  # it was past due when it was first seen (R5.7)
    highest_days: int = 0  # of the stages applied or passed over
    applied: tuple[AppliedStage, ...] = ()
    owed: tuple[Owed, ...] = ()
    noticed_on: date | None = None
    final_noticed_on: date | None = None  # the last notice that listed it and bore a final stage
    announcements: tuple[Announcement, ...] = ()
    final_demand: FinalDemand | None = None
    skipped: frozenset[str] = frozenset()  # blocks whose skip has been written
    guard_skipped: bool = False

    def having(self, **changes: Any) -> Invoice:
        """Return the invoice with some fields changed, as `dataclasses.replace` does.

        Five times as fast, and it is most of what a decision does: 25,000 invoices over a year
        change 200,000 times.

        Raises:
            TypeError: there is no such field.
        """
        if not INVOICE_FIELDS.issuperset(changes):
            raise TypeError(f"an invoice has no {sorted(changes.keys() - INVOICE_FIELDS)}")
        new = object.__new__(Invoice)
        new.__dict__.update(self.__dict__)
        new.__dict__.update(changes)
        return new

    def days_past_due(self, today: date) -> int:
        """Return `today` minus the effective due date, in days (may be negative)."""
        return (today - self.effective_due_on).days

    def is_past_due(self, today: date) -> bool:
        """Whether open principal and days past due are both above 0."""
        return self.open_minor > 0 and today > self.effective_due_on

    @property
    def has_payment(self) -> bool:
        """Whether a payment that stayed took something off its principal (R8.1)."""
        return any(cut.by_payment for cut in self.reductions)

    @property
    def undisputed_minor(self) -> int:
        """The open principal that the customer does not object to."""
        return self.open_minor - self.disputed_minor

    @property
    def open_charges_minor(self) -> int:
        """What is open of the invoice's charges."""
        return sum(charge.open_minor for charge in self.charges)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is open any more, neither principal nor charges."""
        return self.open_minor == 0 and all(charge.open_minor == 0 for charge in self.charges)


INVOICE_FIELDS = frozenset(field.name for field in fields(Invoice))


@dataclass(frozen=True, slots=True)
class Allocated:
    """Where a part of a payment or credit went: an invoice's principal, or one of its charges."""

    invoice_id: str
    amount_minor: int
    charge_id: str | None = None
    advanced_minor: int = 0
    disputed_minor: int = 0


@dataclass(frozen=True, slots=True)
class Money:
    """A payment or credit note with what it was allocated to; the rest is unapplied (R7.1, R7.2)."""

    id: str
    kind: str  # "payment" | "credit_note"
    booked_on: date
    value_on: date
    currency: str
    amount_minor: int
    unapplied_minor: int
    invoice_ids: tuple[str, ...] = ()
    allocations: tuple[Allocated, ...] = ()
    waits_for: frozenset[str] = frozenset()  # named invoices that are not there yet
    written_off: tuple[Allocated, ...] = ()  # short payments it led to (R7.3)
    reversals: tuple[Allocated, ...] = ()  # charges it took back by value date (R4.9)
    bounced: bool = False

    @property
    def key(self) -> str:
        """The key in `Account.money`: payments and credit notes may carry the same id."""
        return money_key(self.kind, self.id)


def money_key(kind: str, money_id: str) -> str:
    """Return the key of a payment or credit note in `Account.money`."""
    return f"{kind}:{money_id}"


@dataclass(frozen=True, slots=True)
class PausedSpan:
    """A pause: its last day, and the invoice, or None for the account."""

    until: date
    invoice_id: str | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise to pay in force or past (R6.6)."""

    made_on: date
    currency: str
    amount_minor: int
    by: date
    invoice_ids: frozenset[str]
    received_minor: int = 0
    kept_on: date | None = None
    needs_approval: bool = False  # too many were broken before; until approved it blocks nothing

    def is_in_force(self, today: date, grace_days: int) -> bool:
        """Whether the promise blocks its invoices today: not kept, not broken, not unapproved."""
        return (
            self.kept_on is None and not self.needs_approval and today <= self.ends_on(grace_days)
        )

    def broken_on(self, grace_days: int) -> date | None:
        """Return the day on which an unkept promise is broken: the one after its last (R6.6)."""
        if self.kept_on is not None or self.needs_approval:
            return None
        return self.ends_on(grace_days) + timedelta(days=1)

    def ends_on(self, grace_days: int) -> date:
        """Return the last day on which the promise blocks, unless it is kept before."""
        return self.by + timedelta(days=grace_days)


@dataclass(frozen=True, slots=True)
class Mark:
    """A block that was said from outside: `in_plan`, `placed`, `reply_waiting`, ... (R5.5)."""

    block: str
    invoice_ids: frozenset[str] = frozenset()  # empty: the account
    currency: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason why the account may not be shipped to (R8). `by` is "rule" or a person."""

    reason: str
    since: date
    by: str = "rule"
    invoice_ids: tuple[str, ...] = ()
    evidence: str = ""
    review_asked: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an invoice was closed (R8.1 `late_of_last`)."""

    value_on: date
    due_on: date
    invoice_id: str

    @property
    def late(self) -> bool:
        """Whether it was settled after the effective due date (R8.1)."""
        return self.value_on > self.due_on


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that exists and is not yet known to count as sent (R11).

    `state` is one of `pending`, `sending`, `sent`, `unknown`, `failed`: what is known of its send
    (R11.3). It leaves the account's live state when it counts as sent or is cancelled.
    """

    id: str
    created_on: date
    currency: str
    notice: str
    stage: str
    invoice_ids: tuple[str, ...]
    settled: tuple[tuple[str, tuple[Owed, ...]], ...]  # what it settled, per invoice
    past_due_minor: int = 0
    respond_by: date | None = None
    state: str = "pending"
    attempt: int = 0
    lease_until: datetime | None = None  # of a send under way, UTC
    state_at: datetime | None = None  # when the state was reached, UTC
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class NoticeDates:
    """The last notice of a currency, and the last that bore a `final` stage (R5.3)."""

    last_on: date | None = None
    last_final_on: date | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person must do by a date. The id is made from its meaning."""

    id: str
    kind: str
    due_on: date
    why: str
    assignee: str = ""
    invoice_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """An account with all that is open, and what its next decision must remember.

    `closed` holds settled invoices that are at hand: a simulation keeps them all, the store loads
    those that a fact needs. The tables are never changed in place: `Book` copies what it writes.
    """

    id: str
    details: AccountDetails = field(default_factory=AccountDetails)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    closed: dict[str, Invoice] = field(default_factory=dict)
    money: dict[str, Money] = field(default_factory=dict)
    unapplied: dict[str, int] = field(default_factory=dict)
    pauses: tuple[PausedSpan, ...] = ()
    promises: tuple[Promise, ...] = ()
    marks: tuple[Mark, ...] = ()
    holds: dict[str, Hold] = field(default_factory=dict)
    hold_reviews: frozenset[str] = (
        frozenset()
    )  # rules that wait for their condition to be false once
    settlements: tuple[Settlement, ...] = ()
    notices: dict[str, Notice] = field(default_factory=dict)
    notice_dates: dict[str, NoticeDates] = field(default_factory=dict)
    contacts: tuple[date, ...] = ()  # stage notices and calls, for the contact guard
    tasks: dict[str, Task] = field(default_factory=dict)
    policy_version: str = ""  # of the last decision (R2.2)
    first_decided_on: date | None = None
    last_decided_on: date | None = None
    totals: dict[str, dict[str, int]] = field(default_factory=dict)  # R7.5, per currency
