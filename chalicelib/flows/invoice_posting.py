"""What an ERP says of an invoice: checked as the import checks it, and compared with what is there.

A row that a ledger file brought in and a row that was sent here mean the same: the same id with the
same content changes nothing, whichever came first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from chalicelib.core.book import Book
from chalicelib.core.errors import Fault
from chalicelib.core.facts import Delivery, Fact, InvoiceIssued
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy
from chalicelib.core.terms import TermsError, due_date
from chalicelib.flows.currencies import CURRENCY_DIGITS
from chalicelib.flows.import_ids import is_id, unfit
from chalicelib.flows.import_known import Conflict, digest, known
from chalicelib.flows.import_update import says_something, updates
from chalicelib.flows.ledger_days import YEAR_MAX, YEAR_MIN

STAND_IN = date(2000, 1, 1)  # an issue date, so that terms are judged when that is wrong
Outcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an invoice's amount, in minor units, and the currency it was said in."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Posted:
    """An invoice as its source says it is. Amounts in minor units.

    `due_on` wins over `terms` (R3.5). `delivered_on` None: not delivered. `open` None: all of it.
    """

    invoice_id: str
    currency: str
    amount_minor: int
    issued_on: date
    due_on: date | None
    terms: str
    delivered_on: date | None
    open: Part | None = None
    advanced: Part | None = None
    po_number: str = ""
    extended_due_on: date | None = None

    @property
    def is_delivered_later(self) -> bool:
        """Whether it was delivered after the day of its issue."""
        return self.delivered_on is not None and self.delivered_on > self.issued_on


@dataclass(frozen=True, slots=True)
class Clash:
    """Why an invoice that is there cannot become what was said; each fault at its field."""

    detail: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What posting an invoice comes to, and the facts that book it."""

    outcome: Outcome
    facts: tuple[Fact, ...] = ()


def with_terms(book: Book, said: Posted, policy: Policy) -> Posted:
    """Return what was said, with the policy's terms where it names no due date and no terms (R3.5).

    An invoice that is there keeps its due date: that a policy has other terms by now says nothing.
    """
    if said.due_on is not None or said.terms or not policy.terms:
        return said
    there = book.find(said.invoice_id)
    if there is not None:
        return replace(said, due_on=there.due_on)
    return replace(said, terms=policy.terms)


def faults_of(said: Posted, today: date) -> list[Fault]:
    """Return everything that is wrong with an invoice by itself, with pointers into it."""
    found = [] if is_id(said.invoice_id) else [_fault("invoice_id", "bad_id", _unfit(said))]
    if said.currency not in CURRENCY_DIGITS:
        detail = f"{said.currency} is no ISO 4217 currency"
        found.append(_fault("amount/currency", "unknown_currency", detail))
    for name, part in (("open", said.open), ("advanced", said.advanced)):
        if part is not None and part.currency != said.currency:
            detail = f"is not {said.currency}, the invoice's currency"
            found.append(_fault(f"{name}/currency", "other_currency", detail))
        if part is not None and part.amount_minor > said.amount_minor:
            detail = "is more than the invoice's amount"
            found.append(_fault(f"{name}/amount_minor", "above_amount", detail))
    return [*found, *_faults_of_days(said, today)]


def facts_of(said: Posted, today: date) -> tuple[InvoiceIssued, Delivery | None]:
    """Return an invoice without faults as facts, booked and first seen today (R5.7).

    What was delivered after its issue is an invoice not delivered, and its delivery.
    """
    due_on = said.due_on or due_date(said.terms, said.issued_on)
    later = said.is_delivered_later
    issued = InvoiceIssued(
        on=said.issued_on,
        invoice_id=said.invoice_id,
        currency=said.currency,
        amount_minor=said.amount_minor,
        open_minor=said.amount_minor if said.open is None else said.open.amount_minor,
        issued_on=said.issued_on,
        due_on=due_on,
        seen_on=said.issued_on,
        delivered_on=None if later or said.delivered_on is None else said.issued_on,
        extended_due_on=said.extended_due_on,
        advanced_minor=0 if said.advanced is None else said.advanced.amount_minor,
        po_number=said.po_number,
    )
    # Its digest is that of a file's row, which is booked on its own day.
    booked = replace(issued, digest=digest(issued), on=today, seen_on=today)
    delivery = Delivery(said.delivered_on, said.invoice_id) if later and said.delivered_on else None
    return booked, delivery


def take(book: Book, said: Posted, today: date) -> Taken | Clash:
    """Return what posting an invoice comes to beside what a book holds, or why it clashes.

    What moves no money may change: due date, PO number, agreed due date, a first delivery.
    """
    issued, delivery = facts_of(said, today)
    there = book.find(said.invoice_id)
    if there is None:
        return Taken("created", (issued, delivery) if delivery else (issued,))
    faults = _fixed(there, issued, said)
    if faults:
        return _clash(there, faults)
    facts: tuple[Fact, ...] = ()
    if isinstance(known(book, issued, ()), Conflict):
        if there.voided:
            return _clash(there, [_fault("invoice_id", "voided", "is voided, so it stays")])
        answer = updates(there, issued, today)
        if isinstance(answer, Conflict):
            return Clash(answer.detail, (_fault("invoice_id", "conflict", answer.detail),))
        facts = answer
    if delivery is not None and there.delivered_on is None and not there.voided:
        facts = (*facts, delivery)
    # What says nothing new only remembers the row as it was said last.
    return Taken("updated" if says_something(facts) else "unchanged", facts)


def _fixed(there: Invoice, issued: InvoiceIssued, said: Posted) -> list[Fault]:
    """Return what was said otherwise of what never changes without an act of its own."""
    pairs = (
        ("amount/currency", there.currency, issued.currency),
        ("amount/amount_minor", there.amount_minor, issued.amount_minor),
        ("open/amount_minor", there.opened_minor, issued.open_minor),
        ("issued_on", there.issued_on, issued.issued_on),
    )
    faults = [
        _fault(name, "conflict", f"was {old} when it was taken in")
        for name, old, new in pairs
        if old != new
    ]
    if said.open is None and there.amount_minor != issued.amount_minor:
        faults = [fault for fault in faults if fault.where != "/open/amount_minor"]  # not said
    was_delivered = there.delivered_on is not None
    if was_delivered and said.is_delivered_later and said.delivered_on != there.delivered_on:
        detail = f"it was delivered on {there.delivered_on}; the first delivery counts"
        faults.append(_fault("delivered_on", "conflict", detail))
    return faults


def _clash(there: Invoice, faults: list[Fault]) -> Clash:
    names = " and ".join(fault.where.removeprefix("/") for fault in faults)
    detail = (
        f"invoice {there.id} is there already, with another {names}; it stays as it is. A credit "
        "note reduces it; a void, and an invoice with an id of its own, replaces it"
    )
    if there.voided:
        detail = f"invoice {there.id} was voided; an invoice with an id of its own replaces it"
    return Clash(detail, tuple(faults))


def _faults_of_days(said: Posted, today: date) -> list[Fault]:
    found = []
    days = {
        "issued_on": said.issued_on,
        "due_on": said.due_on,
        "delivered_on": said.delivered_on if said.is_delivered_later else None,
        "extended_due_on": said.extended_due_on,
    }
    for name, day in days.items():
        if day is not None and not YEAR_MIN <= day.year <= YEAR_MAX:
            detail = f"is outside the years {YEAR_MIN} to {YEAR_MAX}"
            found.append(_fault(name, "bad_date", detail))
        elif name in ("issued_on", "delivered_on") and day is not None and day > today:
            found.append(_fault(name, "in_the_future", f"is after {today}: it has not happened"))
    if said.due_on is None and not said.terms:
        detail = "is missing, and so are the terms; one of them is needed"
        found.append(_fault("due_on", "missing", detail))
    if said.terms:
        try:
            due_date(said.terms, STAND_IN if found else said.issued_on)
        except TermsError as error:
            found.append(_fault("terms", "bad_terms", str(error)))
    return found


def _unfit(said: Posted) -> str:
    return unfit(said.invoice_id)


def _fault(where: str, code: str, detail: str) -> Fault:
    return Fault(f"/{where}", code, detail)
