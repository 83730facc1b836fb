"""Charges as people decide about them: waived, and reinstated (R4.7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from chalicelib.core.account import Account
from chalicelib.core.apply import Booking
from chalicelib.core.apply_charges import charge_of, reinstatable_minor
from chalicelib.core.charges import next_revision
from chalicelib.core.errors import BlockedError, Blocker, NotFoundError
from chalicelib.core.facts import ChargeReinstated, ChargeWaived, Fact
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.placement_fees import FEE_KIND
from chalicelib.core.policy import Policy
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling, check_match
from chalicelib.flows.interest_view import charge_answer
from chalicelib.flows.invoice_act import Why, at_hand, event_with


@dataclass(frozen=True, slots=True)
class _Decided:
    """A fact about a charge, its event's kind and amount, and the charge that is then answered."""

    fact: Fact
    kind: str
    amount_minor: int
    answered_id: str


Decide = Callable[[Invoice, Charge, date], _Decided]


@dataclass(frozen=True, slots=True)
class ChargeDesk:
    """Books waivers and reinstatements."""

    desk: Desk

    def waive(self, account_id: str, charge_id: str, why: Why, caller: Caller) -> Reply:
        """Cancel what is open of a charge; it stays visible, and counts for the caps (R4.5).

        Raises:
            NotFoundError: there is no such account or charge.
            BlockedError: nothing of it is open.
        """

        def decide(invoice: Invoice, charge: Charge, today: date) -> _Decided:
            if charge.open_minor == 0:
                blocker = Blocker("nothing_open", "nothing of it is open")
                raise _refused(charge, invoice, "waived", blocker)
            fact = ChargeWaived(today, invoice.id, charge.id, why.reason_code)
            return _Decided(fact, "charge_waived", charge.open_minor, charge.id)

        return self._on_charge(account_id, charge_id, why, caller, decide)

    def reinstate(self, account_id: str, charge_id: str, why: Why, caller: Caller) -> Reply:
        """Make what was waived of a charge owed again; answer it as the next revision (R4.7).

        Raises:
            NotFoundError: there is no such account or charge.
            BlockedError: nothing of it is waived that was not reinstated, or its invoice is void.
        """

        def decide(invoice: Invoice, charge: Charge, today: date) -> _Decided:
            amount = reinstatable_minor(charge)
            if invoice.voided:
                blocker = Blocker("voided", f"its invoice {invoice.id} is voided")
                raise _refused(charge, invoice, "reinstated", blocker)
            if amount == 0:
                detail = "nothing of it is waived that was not reinstated already"
                raise _refused(charge, invoice, "reinstated", Blocker("not_waived", detail))
            fact = ChargeReinstated(today, invoice.id, charge.id, why.reason_code)
            again = next_revision(invoice, charge.id)
            return _Decided(fact, "charge_reinstated", amount, again)

        return self._on_charge(account_id, charge_id, why, caller, decide)

    def _on_charge(
        self, account_id: str, charge_id: str, why: Why, caller: Caller, decide: Decide
    ) -> Reply:
        invoice_id = invoice_of(charge_id)

        def act(account: Account, _policy: Policy, today: date) -> Ruling:
            invoice, charge = find_charge(account, charge_id)
            check_match(caller, charge_answer(invoice, charge))
            decided = decide(invoice, charge, today)
            figures = {
                "amount_minor": str(decided.amount_minor),
                "currency": invoice.currency,
                "answered_as": decided.answered_id,
            }
            event = event_with(caller, today, decided.kind, charge_id, why, **figures)

            def reply(booking: Booking) -> Reply:
                answered = charge_answer(*find_charge(booking.account, decided.answered_id))
                if decided.answered_id == charge_id:
                    return Reply(200, answered)
                return Reply(201, answered, path_of(account.id, decided.answered_id))

            return Ruling((decided.fact,), reply, (event,))

        return self.desk.book(account_id, caller, act, needs=at_hand(invoice_id))


def invoice_of(charge_id: str) -> str:
    """Return the invoice, or for a collection fee the placement, that a charge's id begins with.

    As one of the facts that a loader is told of, either brings the charge's invoice (R4.2).
    """
    return charge_id.partition(":")[0]


def path_of(account_id: str, charge_id: str) -> str:
    """Return where a charge is."""
    return f"/v1/accounts/{account_id}/charges/{quote(charge_id, safe=':')}"


def find_charge(account: Account, charge_id: str) -> tuple[Invoice, Charge]:
    """Return a charge of an account with its invoice, open or closed.

    Raises:
        NotFoundError: it is not there.
    """
    name = invoice_of(charge_id)
    invoice = account.invoices.get(name) or account.closed.get(name)
    charge = charge_of(invoice, charge_id)
    if invoice is not None and charge is not None:
        return invoice, charge
    if is_fee(charge_id):  # it hangs on one of those that were placed
        for other in (*account.invoices.values(), *account.closed.values()):
            charge = charge_of(other, charge_id)
            if charge is not None:
                return other, charge
    raise NotFoundError(f"account {account.id} has no charge {charge_id}")


def is_fee(charge_id: str) -> bool:
    """Whether a charge's id is that of a placement's collection fee (R4.2)."""
    return f":{FEE_KIND}:" in charge_id


def _refused(charge: Charge, invoice: Invoice, what: str, blocker: Blocker) -> BlockedError:
    allowed = []
    if charge.open_minor:
        allowed.append("waive")
    if reinstatable_minor(charge) and not invoice.voided:
        allowed.append("reinstate")
    return BlockedError(f"charge {charge.id} cannot be {what}", [blocker], allowed)
