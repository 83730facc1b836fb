"""An act on one invoice: found, seen as the caller saw it, changed, and answered as it then is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking
from chalicelib.core.effects import Event
from chalicelib.core.errors import NotFoundError
from chalicelib.core.facts import Delivery, Fact
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.invoice_view import guarded, invoice_body

Decided = tuple[Sequence[Fact], Event]


@dataclass(frozen=True, slots=True)
class Why:
    """Why somebody decided something: a stable code, and their own words."""

    reason_code: str
    note: str


def at_hand(invoice_id: str) -> tuple[Fact, ...]:
    """Return facts that stand for "this invoice, open or closed" when an account is loaded."""
    return (Delivery(date.min, invoice_id),)


def on_invoice(
    desk: Desk,
    account_id: str,
    invoice_id: str,
    caller: Caller,
    decide: Callable[[Invoice, date], Decided],
) -> Reply:
    """Let a decision change an invoice; answer the invoice as it then is.

    `decide` gets the invoice and the day, and raises to refuse.

    Raises:
        NotFoundError: there is no such account or invoice.
        PreconditionFailedError: the invoice is not as the caller read it.
    """

    def act(account: Account, policy: Policy, today: date) -> Ruling:
        invoice = find(account, invoice_id)
        check_match(caller, guarded(invoice_body(account.id, invoice, policy.aging, today)))
        facts, event = decide(invoice, today)

        def reply(booking: Booking) -> Reply:
            after = find(booking.account, invoice_id)
            return Reply(200, invoice_body(account.id, after, policy.aging, today))

        return Ruling(facts, reply, (event,))

    return desk.book(account_id, caller, act, needs=at_hand(invoice_id))


def find(account: Account, invoice_id: str) -> Invoice:
    """Return an invoice of an account, open or closed.

    Raises:
        NotFoundError: it is not there.
    """
    invoice = account.invoices.get(invoice_id) or account.closed.get(invoice_id)
    if invoice is None:
        raise NotFoundError(f"account {account.id} has no invoice {invoice_id}")
    return invoice


def event_with(
    caller: Caller, today: date, kind: str, subject: str, why: Why, **figures: str
) -> Event:
    """Return the timeline's line of what the caller decides today, with why and its figures."""
    said = {"reason_code": why.reason_code, "note": why.note, **figures}
    return event_of(caller, today, kind, subject, **said)
