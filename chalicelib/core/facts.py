"""Facts: what a person or a system says about an account. `apply` books them (R5.10, R7).

Each fact carries `on`, the day it is booked. Amounts are minor units; days are calendar dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from chalicelib.core.account import WentTo
from chalicelib.core.facts_collections import CollectionsFact
from chalicelib.core.facts_details import DetailsFact
from chalicelib.core.facts_holds import HoldFact
from chalicelib.core.facts_letters import LetterFact
from chalicelib.core.facts_placements import PlacementFact


@dataclass(frozen=True, slots=True)
class InvoiceIssued:
    """An invoice is taken in. `seen_on`: the later of its issue and the day it is taken in (R5.7).

    `open_minor` is the open principal at intake, `advanced_minor` what a financier has paid out
    against it. `delivered_on` None: not delivered (yet). `disputed_minor`: 0, or the disputed part.
    `digest` stands for all that its source said, "" where there is none to compare with.
    """

    on: date
    invoice_id: str
    currency: str
    amount_minor: int
    open_minor: int
    issued_on: date
    due_on: date
    seen_on: date
    delivered_on: date | None = None
    extended_due_on: date | None = None
    advanced_minor: int = 0
    disputed_minor: int = 0
    po_number: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An invoice was sent to the customer (`not_delivered` ends; R5.5)."""

    on: date
    invoice_id: str


@dataclass(frozen=True, slots=True)
class DisputeOpened:
    """The customer objects to an invoice, or to `amount_minor` of it (R5.5)."""

    on: date
    invoice_id: str
    amount_minor: int | None = None
    reason: str = "other"
    owner: str = ""  # "": as the policy says
    due_on: date | None = None  # None: as the policy says
    reference: str = ""
    opened_by: str = ""


@dataclass(frozen=True, slots=True)
class DisputeResolved:
    """A dispute ends: "lost" by the customer, or "won" (then a credit note is awaited).

    "partly": of what is disputed the customer won `won_minor`, and lost the rest.
    """

    on: date
    invoice_id: str
    outcome: Literal["won", "lost", "partly"]
    won_minor: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """Dunning rests through `until`, for one invoice or (None) the whole account."""

    on: date
    until: date
    invoice_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PromiseMade:
    """A promise to pay (R6.6). No `invoice_ids`: all that is past due in the currency."""

    on: date
    currency: str
    amount_minor: int
    by: date
    invoice_ids: tuple[str, ...] = ()
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """A term extension moves the effective due date (R5.9)."""

    on: date
    invoice_id: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact, in or out, on a channel (R6.2). Inbound ones answer a final demand (R8.1).

    `contact_id`: who at the customer, "" when nobody said.
    """

    on: date
    direction: Literal["in", "out"]
    channel: str
    outcome: str = ""
    contact_id: str = ""


@dataclass(frozen=True, slots=True)
class BlockSet:
    """A block of R5.5 is imported as a fact. No `invoice_ids`: the account.

    `block` is one of `in_plan`, `placed`, `reply_waiting`, `allocating`, `legal_stop`; `until` is
    the last day it holds, None for until it is ended. `reason` and `reference` tell of a legal stop
    what it is and what the court calls it.
    """

    on: date
    block: str
    invoice_ids: tuple[str, ...] = ()
    currency: str | None = None
    until: date | None = None
    reason: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class BlockEnded:
    """An imported block ends, for the named invoices or (none named) wholly.

    With a `reason` only what was set for that reason ends.
    """

    on: date
    block: str
    invoice_ids: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceCorrected:
    """The source says something else of an invoice that is there; None: as before (R7.6).

    An agreed due date stays; else the effective due date moves with `due_on`. What is open is not
    touched: that is `ExternalOpen`.
    """

    on: date
    invoice_id: str
    due_on: date | None = None
    po_number: str | None = None
    issued_on: date | None = None
    amount_minor: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ExternalOpen:
    """The ERP states what is open of an invoice, or of one of its charges, on a day (R7.6).

    The difference becomes an external entry with that day as its value date. `is_absent`: its
    statement did not list the item, so that nothing of it is open.
    """

    on: date
    invoice_id: str
    open_minor: int
    charge_id: str = ""
    is_absent: bool = False


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note reduces the invoice it names, or becomes unapplied credit (R7.4).

    It counts from its own date, `issued_on`; None: the day it is booked.
    """

    on: date
    credit_note_id: str
    currency: str
    amount_minor: int
    invoice_id: str | None = None
    reason: str = ""
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received on `received_on` and booked on `on` (R7.1).

    `placement_id`: an agency took it, for what was placed with it (R10.6).
    """

    on: date
    payment_id: str
    received_on: date
    currency: str
    amount_minor: int
    invoice_ids: tuple[str, ...] = ()
    reference: str = ""
    placement_id: str = ""


@dataclass(frozen=True, slots=True)
class CashApplied:
    """A person applies unapplied cash and credit of a currency (R7.2, R5.8).

    To the named invoices in that order, else down the waterfall. `money_key`: only that payment or
    credit note, by its key in `Account.money`; "": all, oldest value date first.
    """

    on: date
    currency: str
    money_key: str = ""
    invoice_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentReversed:
    """A payment bounced: its allocations are undone exactly, in reverse (R7.4)."""

    on: date
    payment_id: str


@dataclass(frozen=True, slots=True)
class InvoiceVoided:
    """An invoice is cancelled: what was paid on it returns to unapplied cash (R7.4)."""

    on: date
    invoice_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceWrittenOff:
    """The open principal of an invoice is given up, with a reason (R7.3)."""

    on: date
    invoice_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChargeWaived:
    """What is open of a charge is cancelled; the charge stays visible (R4.7)."""

    on: date
    invoice_id: str
    charge_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChargeReinstated:
    """What was waived of a charge is owed again, as the charge's next revision (R4.7, R4.2)."""

    on: date
    invoice_id: str
    charge_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoticeCounted:
    """A notice counts as sent from this day (R11.3)."""

    on: date
    notice_id: str


@dataclass(frozen=True, slots=True)
class NoticeMoved:
    """What is known of a notice's send changes (R11.3): claimed, accepted, refused, unknown, failed."""

    on: date
    notice_id: str
    state: Literal["pending", "sending", "sent", "unknown", "failed"]
    at: datetime
    attempt: int | None = None  # None: as before
    lease_until: datetime | None = None
    message_id: str = ""
    went_to: tuple[WentTo, ...] = ()  # of a claim: whom the attempt goes to


@dataclass(frozen=True, slots=True)
class NoticeCancelled:
    """A notice was cancelled before it was sent: what it settled and is open is owed again (R11.1)."""

    on: date
    notice_id: str


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """A person releases a hold (R8.3), or has decided on one that was only proposed (R5.7)."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class TaskOpened:
    """Something a person must do by a date, from outside a decision (R11.2, R11.3)."""

    on: date
    task_id: str
    kind: str
    due_on: date
    why: str
    assignee: str = ""
    invoice_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskClosed:
    """A person completed a task."""

    on: date
    task_id: str


Fact = (
    InvoiceIssued
    | Delivery
    | DisputeOpened
    | DisputeResolved
    | Pause
    | PromiseMade
    | Extension
    | InvoiceCorrected
    | ExternalOpen
    | Contact
    | BlockSet
    | BlockEnded
    | CreditNote
    | Payment
    | CashApplied
    | PaymentReversed
    | InvoiceVoided
    | InvoiceWrittenOff
    | ChargeWaived
    | ChargeReinstated
    | NoticeCounted
    | NoticeMoved
    | NoticeCancelled
    | HoldReleased
    | TaskOpened
    | TaskClosed
    | DetailsFact
    | HoldFact
    | CollectionsFact
    | LetterFact
    | PlacementFact
)


def day_order(fact: Fact) -> tuple[date, int, date, str]:  # noqa: PLR0911 - one flat table
    """Return the sort key of R5.10: day, then kind, then date and id; other facts keep file order.

    A payment may bounce on the day it is booked: reversals come after the payments.
    """
    match fact:
        case InvoiceIssued():
            return (fact.on, 0, fact.issued_on, fact.invoice_id)
        case Delivery():
            return (fact.on, 1, fact.on, fact.invoice_id)
        case CreditNote():
            return (fact.on, 3, fact.on, fact.credit_note_id)
        case Payment():
            return (fact.on, 4, fact.on, fact.payment_id)
        case PaymentReversed():
            return (fact.on, 5, fact.on, fact.payment_id)
        case CashApplied():
            return (fact.on, 6, fact.on, fact.money_key)
        case _:
            return (fact.on, 2, fact.on, "")
