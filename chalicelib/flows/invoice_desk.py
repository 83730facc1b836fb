"""Invoices as the API takes, tells and changes them (R3.5, R5.5, R5.7, R5.9, R7.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking
from chalicelib.core.book import Book
from chalicelib.core.effects import Event
from chalicelib.core.errors import ConflictError, InvalidInputError
from chalicelib.core.facts import Delivery, Extension, InvoiceVoided, InvoiceWrittenOff
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.invoice_act import Decided, Why, at_hand, event_with, find, on_invoice
from chalicelib.flows.invoice_posting import Clash, Posted, Taken, faults_of, take, with_terms
from chalicelib.flows.invoice_rules import (
    check_delivery,
    check_extension,
    check_void,
    check_write_off,
)
from chalicelib.flows.invoice_view import guarded, invoice_body
from chalicelib.flows.ledger_kind import OWN, refuse_in_mirror


@dataclass(frozen=True, slots=True)
class InvoiceDesk:
    """Books what is said of one invoice. In a mirror, what moves principal is refused (R7.6)."""

    desk: Desk
    ledger_kind: str = OWN

    def put(self, account_id: str, posted: Posted, caller: Caller) -> Reply:
        """Take an invoice in (201), change what may change of it, or leave it as it is (200).

        Raises:
            InvalidInputError: what was said is wrong by itself; every fault is named.
            NotFoundError: there is no such account.
            ConflictError: the invoice is there, with other content that does not change.
            PreconditionRequiredError, PreconditionFailedError: it would change, and `If-Match` is
                missing or names another state.
        """

        def act(account: Account, policy: Policy, today: date) -> Ruling:
            book = Book(account)
            said = with_terms(book, posted, policy)
            faults = faults_of(said, today)
            if faults:
                raise InvalidInputError("the invoice cannot be taken in", faults)
            taken = take(book, said, today)
            if isinstance(taken, Clash):
                raise ConflictError(taken.detail)
            there = book.find(said.invoice_id)
            if taken.outcome != "unchanged":
                seen = None if there is None else _seen(account, there, policy, today)
                check_match(caller, seen)
            return _posted(account, said, taken, policy, today, _told(caller, today, taken, said))

        return self.desk.book(account_id, caller, act, needs=at_hand(posted.invoice_id))

    def deliver(
        self, account_id: str, invoice_id: str, delivered_on: date, caller: Caller
    ) -> Reply:
        """Say when an invoice was sent to the customer; the first delivery counts (R5.5).

        Raises:
            InvalidInputError: the day is to come, or before the invoice's issue.
            BlockedError: it was delivered already, or is voided.
        """

        def decide(invoice: Invoice, today: date) -> Decided:
            check_delivery(invoice, delivered_on, today)
            figures = {"delivered_on": delivered_on.isoformat()}
            event = event_of(caller, today, "invoice_delivered", invoice_id, **figures)
            return (Delivery(delivered_on, invoice_id),), event

        return on_invoice(self.desk, account_id, invoice_id, caller, decide)

    def extend(
        self, account_id: str, invoice_id: str, due_on: date, why: Why, caller: Caller
    ) -> Reply:
        """Move an invoice's effective due date to a later day (R5.9).

        Raises:
            BlockedError: nothing of it is open, or the day is no extension; every reason.
        """

        def decide(invoice: Invoice, today: date) -> Decided:
            check_extension(invoice, due_on, today)
            figures = {
                "was_due_on": invoice.effective_due_on.isoformat(),
                "due_on": due_on.isoformat(),
            }
            event = event_with(caller, today, "invoice_extended", invoice_id, why, **figures)
            return (Extension(today, invoice_id, due_on),), event

        return on_invoice(self.desk, account_id, invoice_id, caller, decide)

    def void(self, account_id: str, invoice_id: str, why: Why, caller: Caller) -> Reply:
        """Cancel an invoice and its open charges; what was paid becomes unapplied cash (R7.4).

        Raises:
            MirrorLedgerError: the ERP books that.
            BlockedError: it is voided already.
        """
        refuse_in_mirror(self.ledger_kind, f"the void of invoice {invoice_id}")

        def decide(invoice: Invoice, today: date) -> Decided:
            check_void(invoice)
            event = event_with(
                caller, today, "invoice_voided", invoice_id, why, **_open_of(invoice)
            )
            return (InvoiceVoided(today, invoice_id, why.reason_code),), event

        return on_invoice(self.desk, account_id, invoice_id, caller, decide)

    def write_off(self, account_id: str, invoice_id: str, why: Why, caller: Caller) -> Reply:
        """Give up what is open of an invoice's principal; its charges stay (R7.5).

        Raises:
            MirrorLedgerError: the ERP books that.
            BlockedError: no principal of it is open.
        """
        refuse_in_mirror(self.ledger_kind, f"the write-off of invoice {invoice_id}")

        def decide(invoice: Invoice, today: date) -> Decided:
            check_write_off(invoice)
            figures = _open_of(invoice)
            event = event_with(caller, today, "invoice_written_off", invoice_id, why, **figures)
            return (InvoiceWrittenOff(today, invoice_id, why.reason_code),), event

        return on_invoice(self.desk, account_id, invoice_id, caller, decide)


def _posted(
    account: Account,
    said: Posted,
    taken: Taken,
    policy: Policy,
    today: date,
    events: tuple[Event, ...],
) -> Ruling:
    def reply(booking: Booking) -> Reply:
        after = find(booking.account, said.invoice_id)
        body = invoice_body(account.id, after, policy.aging, today)
        if taken.outcome == "created":
            return Reply(201, body, location=path_of(account.id, after.id))
        return Reply(200, body)

    return Ruling(taken.facts, reply, events)


def _seen(account: Account, invoice: Invoice, policy: Policy, today: date) -> dict[str, Any]:
    return guarded(invoice_body(account.id, invoice, policy.aging, today))


def path_of(account_id: str, invoice_id: str) -> str:
    """Return where an invoice is."""
    return f"/v1/accounts/{account_id}/invoices/{invoice_id}"


def _told(caller: Caller, today: date, taken: Taken, said: Posted) -> tuple[Event, ...]:
    if taken.outcome == "unchanged":
        return ()
    kind = "invoice_posted" if taken.outcome == "created" else "invoice_changed"
    return (event_of(caller, today, kind, said.invoice_id),)


def _open_of(invoice: Invoice) -> dict[str, str]:
    return {"open_minor": str(invoice.open_minor), "currency": invoice.currency}
