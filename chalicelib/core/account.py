"""The state of an account as values: all that a decision needs, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

from chalicelib.core.agreements import Plan, Promise
from chalicelib.core.disputes import Dispute
from chalicelib.core.invoice import Invoice, Owed
from chalicelib.core.placements import Placement
from chalicelib.core.releases import CreditNews, HeldInvoice, ReleaseRequest, TemporaryRelease

ADDRESS_LINES_MAX, ADDRESS_CHARS_MAX = 6, 100  # of a postal address, and of a line of it
REGISTRATION_CHARS_MAX = 40
BOUNCED, COMPLAINED, SUPPRESSED = MARKS = ("bounced", "complained", "suppressed")


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
    debtor_kind: str = "company"  # or "natural_person": charges may be for one kind only (R4.1)
    email_mark: str = ""  # why nothing more is written to `email`: one of MARKS (R11.4)
    email_marked_on: date | None = None
    country: str = ""  # ISO 3166-1 alpha-2, such as "DE": agencies are chosen by it (R10.2)
    registration_no: str = ""  # in the register of companies
    address: tuple[str, ...] = ()  # postal, line by line


@dataclass(frozen=True, slots=True)
class ContactPerson:
    """Someone at the customer, with what they are there for, such as `accounts` or `admin` (R11.2).

    Empty texts are unknown. All else refers to contacts by their id only.
    """

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    roles: frozenset[str] = frozenset()
    locale: str = ""
    opted_out: bool = False
    mark: str = ""  # why nothing more is written to `email`: one of MARKS (R11.4)
    marked_on: date | None = None


@dataclass(frozen=True, slots=True)
class Allocated:
    """Where a part of a payment or credit went: an invoice's principal, or one of its charges."""

    invoice_id: str
    amount_minor: int
    charge_id: str | None = None
    advanced_minor: int = 0
    disputed_minor: int = 0  # of a dispute that goes on: 0 once it is over
    dispute_won: bool = False  # and that the customer had won


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
    reference: str = ""  # the payer's own words
    reason: str = ""  # of a credit note
    placement_id: str = ""  # of money that an agency took: for what (R10.6)

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
    since: date | None = None
    reason: str = ""


OTHER = "other"


@dataclass(frozen=True, slots=True)
class Mark:
    """A block that was said from outside: `in_plan`, `placed`, `reply_waiting`, ... (R5.5)."""

    block: str
    invoice_ids: frozenset[str] = frozenset()  # empty: the account
    currency: str | None = None
    until: date | None = None
    since: date | None = None
    reason: str = ""  # of a legal stop: what it is, such as `insolvency`; "" is OTHER
    reference: str = ""  # of a legal stop: the court's or the administrator's


@dataclass(frozen=True, slots=True)
class InterestRest:
    """Days, both included, on which no interest counted, under a block that has ended (R4.3).

    The block was set from outside: a legal stop, or a plan in another system; or it was a promise
    or plan that is no longer kept here. No ids: the account, or what of it is in the currency.
    """

    since: date
    through: date
    invoice_ids: frozenset[str] = frozenset()
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason why the account may not be shipped to (R8). `by` is "rule" or a person.

    `invoice_ids` are what it rests on, 20 at most, `more_invoices` how many others there are, and
    `invoices` what was known of them when it was placed. `held_as` is "on_hold" or "prepaid".
    """

    reason: str
    since: date
    by: str = "rule"
    invoice_ids: tuple[str, ...] = ()
    evidence: str = ""
    review_asked: bool = False
    held_as: str = "on_hold"
    invoices: tuple[HeldInvoice, ...] = ()
    more_invoices: int = 0
    release: TemporaryRelease | None = None

    @property
    def id(self) -> str:
        """The id, made from its meaning; one that is placed again on another day has another."""
        return f"hld_{self.reason}_{self.since.isoformat()}"

    def stops(self, today: date) -> bool:
        """Return whether it stops shipping today: it does unless it is released for the day (R8.4)."""
        return self.release is None or not self.release.is_in_force(today)


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
class SentTo:
    """Whom an attempt went to: a contact's id ("" is the account's own address), not the address.

    `digest` is `digest_of` the address, by which the mail service's events are told apart.
    """

    contact_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class WentTo:
    """One addressee of one attempt, and all that the mail service said of it, each with its day.

    `said` is sorted: of what is said more than once, the first day stays. So it is the same
    whatever order the events came in (R11.3). `is_copy`: the sales owner's, which proves nothing.
    """

    attempt: int
    contact_id: str
    digest: str
    is_copy: bool = False
    said: tuple[tuple[str, date], ...] = ()


def digest_of(address: str) -> str:
    """Return what stands for an address: the first 16 hex digits of its SHA-256, in lower case."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:16]


ERASED = "erased"  # the mark of a contact that is gone
STAND_IN = f"{ERASED}:"  # begins what stands for an erased address, where a digest of it was


def is_stand_in(digest: str) -> bool:
    """Return whether this stands for an erased address instead of being `digest_of` one."""
    return digest.startswith(STAND_IN)


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that exists and is not yet known to count as sent (R11).

    `state` is one of `pending`, `sending`, `sent`, `unknown`, `failed`: what is known of its send
    (R11.3). It leaves the account's live state when it counts as sent or is cancelled; then its
    state is one of `counted`, `posted` (by a person) and `cancelled`. `to`, `returns` and
    `soft_returns` follow from `went_to`.
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
    plan_id: str = ""  # of a letter about a payment plan: it bears no stage (R9.4)
    subject: str = ""  # the promise, hold or case that another letter is about
    to: tuple[SentTo, ...] = ()  # whom the last attempt went to, less those whose address bounced
    returns: int = 0  # how often everybody it went to had bounced (R11.4)
    soft_returns: int = 0  # and how often the mail service gave up for now
    went_to: tuple[WentTo, ...] = ()  # everybody whom its attempts went to
    hand_overs: int = 0  # how often it waited to be sent anew: each has an outbox row of its own


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
    part: str = ""  # of a call: the half of the day, "am" or "pm" (R6.2)
    at_time: str = ""  # of a call: the time that the customer asked for, such as "14:30"
    subject: str = ""  # the id of the promise, plan or dispute that it is about
    opened_on: date | None = None


@dataclass(frozen=True, slots=True)
class CaseMoney:
    """What thanks for a case go by: `before` is what had come in until it opened, per currency.

    `reminded`: a stage notice of it counts as sent; `given_up`: something of it was written off.
    """

    before: dict[str, int] = field(default_factory=dict)
    reminded: bool = False
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class Thanks:
    """The last case that was paid: what came in while it was open, in minor units per currency."""

    case: str
    since: date
    paid: dict[str, int]
    letters: tuple[str, ...] = ()  # message ids of the case's last letters, for the thread (R11.5)
    is_owed: bool = True  # its letter waits to be written


@dataclass(frozen=True, slots=True)
class CreditTold:
    """The credit status that a customer was told last, the one told before it, and on which day."""

    status: str = "open"
    before: str = "open"
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """Who was tried in a case, before others are asked to collect (R10.1).

    `attempts`: contacts that left, by channel (`email`, `letter`, `phone` ...). `people`: contacts
    of the customer that they went to, by id ("" is the account's own address).
    """

    attempts: dict[str, int] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    sales_owner: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What happens to an account from its first stage until nothing is past due (R6.5).

    `number` is what letters quote, made from the account's id and how many cases it has had.
    """

    number: str
    opened_on: date
    letters: tuple[str, ...] = ()  # message ids of its last letters, for threads (R11.5)
    money: CaseMoney | None = None  # None: it is not thanked for
    tried: Tried = Tried()


@dataclass(frozen=True, slots=True)
class Account:
    """An account with all that is open, and what its next decision must remember.

    `closed` holds settled invoices that are at hand: a simulation keeps them all, the store loads
    those that a fact needs. So does `past_notices` with those that count or were cancelled. The
    tables are never changed in place: `Book` copies what it writes.
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
    overruled_holds: frozenset[str] = frozenset()  # the same, after a person released their hold
    settlements: tuple[Settlement, ...] = ()
    notices: dict[str, Notice] = field(default_factory=dict)
    past_notices: dict[str, Notice] = field(default_factory=dict)
    notice_dates: dict[str, NoticeDates] = field(default_factory=dict)
    contacts: tuple[date, ...] = ()  # stage notices and calls, for the contact guard
    tasks: dict[str, Task] = field(default_factory=dict)
    policy_version: str = ""  # of the last decision (R2.2)
    first_decided_on: date | None = None
    last_decided_on: date | None = None
    totals: dict[str, dict[str, int]] = field(default_factory=dict)  # R7.5, per currency
    voided_charges: dict[str, int] = field(default_factory=dict)  # of "void", per currency
    # By kind of notice, how many were "created", "counted" as sent and "cancelled" since ever.
    notice_counts: dict[str, dict[str, int]] = field(default_factory=dict)
    dispute_outcomes: dict[str, int] = field(default_factory=dict)  # by outcome (R12.1)
    # Per currency, how many promises that are no longer kept here were "kept" and "broken".
    past_promises: dict[str, dict[str, int]] = field(default_factory=dict)
    contact_people: dict[str, ContactPerson] = field(default_factory=dict)
    release_requests: dict[str, ReleaseRequest] = field(default_factory=dict)
    credit_news: dict[str, CreditNews] = field(default_factory=dict)  # that nobody was told yet
    plans: dict[str, Plan] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    case: Case | None = None
    cases_opened: int = 0
    case_opened_on: date | None = None  # of the last case, open or closed (R6.4)
    unreached_calls: int = 0  # since the case opened, or since somebody was reached (R6.3)
    risk_score: int | None = None  # as of the last decision (R12.1)
    interest_rests: tuple[InterestRest, ...] = ()
    statement_on: date | None = None  # the next day on which a statement is due (R5.1)
    credit_told: CreditTold | None = None  # None: nothing, or that it is open (R8.6)
    thanks: Thanks | None = None  # until the next case opens (R6.5)
    placements: dict[str, Placement] = field(default_factory=dict)
