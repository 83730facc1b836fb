"""Disputes of invoices, one at a time for each (R5.5, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking
from chalicelib.core.errors import BlockedError, Blocker, Fault, InvalidInputError
from chalicelib.core.facts import DisputeOpened, DisputeResolved
from chalicelib.core.facts_collections import DisputeReassigned
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match, event_of
from chalicelib.flows.dispute_view import dispute_body, find_dispute, state_of
from chalicelib.flows.invoice_act import Decided, Why, event_with, on_invoice
from chalicelib.flows.invoice_posting import Part
from chalicelib.flows.invoice_rules import check_dispute, check_resolution

Winner = Literal["customer_won", "seller_won", "partly"]
_OUTCOMES: dict[Winner, Literal["won", "lost", "partly"]] = {
    "customer_won": "won",
    "seller_won": "lost",
    "partly": "partly",
}
DUE_DAYS_MAX = 366  # from today


@dataclass(frozen=True, slots=True)
class Entrusted:
    """Who has to resolve a dispute, by when, and by which number it is known.

    `owner` is a person, or one of the words `collector` and `sales_owner`; "" and None: as the
    policy says.
    """

    owner: str = ""
    due_on: date | None = None
    reference: str = ""

    def figures(self) -> dict[str, str]:
        """Return what was said, for the timeline."""
        due_on = "" if self.due_on is None else self.due_on.isoformat()
        said = {"owner": self.owner, "due_on": due_on, "reference": self.reference}
        return {name: text for name, text in said.items() if text}


@dataclass(frozen=True, slots=True)
class DisputeDesk:
    """Books what customers object to, who is to look into it, and how it ended."""

    desk: Desk

    def open(
        self,
        account_id: str,
        invoice_id: str,
        part: Part | None,
        why: Why,
        caller: Caller,
        to: Entrusted = Entrusted(),
    ) -> Reply:
        """Dispute an invoice (None) or a part of it; it takes the place of an open dispute.

        `why` has one of the seven reason codes. The rest of the invoice is dunned on (R5.5). The
        owner gets a task with the day's decision.

        Raises:
            InvalidInputError: the part is in another currency, or the due date cannot be.
            BlockedError: nothing is open, or less than is disputed, or a credit note is awaited.
        """

        def decide(invoice: Invoice, today: date) -> Decided:
            _check_due_date(to.due_on, today)
            amount = None if part is None else part.amount_minor
            check_dispute(invoice, amount, None if part is None else part.currency)
            disputed = invoice.open_minor if amount is None else amount
            figures = {"disputed_minor": str(disputed), "currency": invoice.currency}
            figures |= to.figures()
            event = event_with(caller, today, "dispute_opened", invoice_id, why, **figures)
            fact = DisputeOpened(
                today,
                invoice_id,
                amount,
                why.reason_code,
                to.owner,
                to.due_on,
                to.reference,
                caller.principal.id,
            )
            return (fact,), event

        return on_invoice(self.desk, account_id, invoice_id, caller, decide)

    def resolve(
        self,
        account_id: str,
        invoice_id: str,
        winner: Winner,
        why: Why,
        caller: Caller,
        part: Part | None = None,
    ) -> Reply:
        """End a dispute.

        `customer_won`: what is disputed stays out of dunning until its credit note comes.
        `seller_won`: it is owed again, and dunned from its due date (R5.6). `partly`: the customer
        won `part` of what is disputed, and owes the rest again.

        Raises:
            InvalidInputError: the part is missing or too much said, or in another currency.
            BlockedError: nothing of the invoice is disputed, the customer has won already, or the
                part is no part of what is disputed.
        """

        def decide(invoice: Invoice, today: date) -> Decided:
            check_resolution(
                invoice,
                winner,
                None if part is None else part.amount_minor,
                None if part is None else part.currency,
            )
            figures = {
                "outcome": winner,
                "disputed_minor": str(invoice.disputed_minor),
                "currency": invoice.currency,
            }
            won = 0 if part is None else part.amount_minor
            if won:
                figures["won_minor"] = str(won)
            event = event_with(caller, today, "dispute_resolved", invoice_id, why, **figures)
            return (DisputeResolved(today, invoice_id, _OUTCOMES[winner], won),), event

        return on_invoice(self.desk, account_id, invoice_id, caller, decide)

    def reassign(
        self, account_id: str, dispute_id: str, to: Entrusted, note: str, caller: Caller
    ) -> Reply:
        """Give an open dispute to another owner, or another due date; its task goes with it.

        Raises:
            InvalidInputError: neither is said, or the due date cannot be.
            NotFoundError: there is no such account or dispute.
            PreconditionFailedError: the dispute is not as the caller read it.
            BlockedError: it was resolved, or is closed.
        """

        def act(account: Account, _: Policy, today: date) -> Ruling:
            dispute = find_dispute(account, dispute_id)
            check_match(caller, dispute_body(account, dispute))
            if not to.owner and to.due_on is None:
                fault = Fault("/owner", "missing", "is missing, and so is due_on: one is needed")
                raise InvalidInputError("there is nothing to change", [fault])
            _check_due_date(to.due_on, today)
            if not dispute.is_open:
                state = state_of(dispute)
                blocker = Blocker(state, f"its state is {state}: nobody has to look into it")
                allowed = () if state == "closed" else ("resolve",)
                said = f"dispute {dispute_id} cannot be reassigned"
                raise BlockedError(said, [blocker], allowed)
            figures = {"invoice_id": dispute.invoice_id, **to.figures()}
            event = event_of(caller, today, "dispute_reassigned", dispute_id, note=note, **figures)

            def reply(booking: Booking) -> Reply:
                after = booking.account
                return Reply(200, dispute_body(after, find_dispute(after, dispute_id)))

            fact = DisputeReassigned(today, dispute_id, to.owner, to.due_on)
            return Ruling((fact,), reply, (event,))

        return self.desk.book(account_id, caller, act)


def _check_due_date(due_on: date | None, today: date) -> None:
    """Refuse a due date that cannot be.

    Raises:
        InvalidInputError: it has passed, or is over 366 days away.
    """
    if due_on is None:
        return
    latest = today + timedelta(days=DUE_DAYS_MAX)
    if due_on < today:
        fault = Fault("/due_on", "in_the_past", f"is before {today}")
    elif due_on > latest:
        fault = Fault("/due_on", "too_far", f"is over {DUE_DAYS_MAX} days away, after {latest}")
    else:
        return
    raise InvalidInputError("the dispute cannot be due then", [fault])
