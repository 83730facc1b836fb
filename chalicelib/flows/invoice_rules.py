"""When an act on an invoice is refused: every reason at once, and what is allowed instead (api.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from chalicelib.core.errors import BlockedError, Blocker, Fault, InvalidInputError
from chalicelib.core.invoice import Invoice
from chalicelib.flows.currencies import amount_in_words
from chalicelib.flows.invoice_view import dispute_of

EXTENDED_DAYS_MAX = 366  # from today or the present due date, whichever is later


def allowed_actions(invoice: Invoice) -> tuple[str, ...]:
    """Return the acts that an invoice's state allows, whoever asks."""
    is_open = invoice.open_minor > 0
    acts = {
        "deliver": invoice.delivered_on is None and not invoice.voided,
        "extend": is_open,
        "void": not invoice.voided,
        "write_off": is_open,
        "dispute": is_open and not invoice.dispute_won,
        "resolve_dispute": invoice.disputed_minor > 0,
    }
    return tuple(act for act, is_allowed in acts.items() if is_allowed)


def check_delivery(invoice: Invoice, delivered_on: date, today: date) -> None:
    """Refuse a delivery of what was delivered or voided, or on a day that cannot be.

    Raises:
        InvalidInputError: the day is to come, or before the invoice's issue.
        BlockedError: it was delivered already, or is voided.
    """
    if delivered_on > today:
        raise _bad_day("delivered_on", "in_the_future", f"is after {today}: it has not happened")
    if delivered_on < invoice.issued_on:
        detail = f"is before {invoice.issued_on}, the invoice's issue"
        raise _bad_day("delivered_on", "before_issue", detail)
    blockers = _voided(invoice)
    if invoice.delivered_on is not None:
        detail = f"it was delivered on {invoice.delivered_on}; the first delivery counts"
        blockers.append(Blocker("delivered", detail))
    _refuse(invoice, "delivered", blockers)


def check_extension(invoice: Invoice, due_on: date, today: date) -> None:
    """Refuse to extend what is not open, or to a day that is no extension (R5.9).

    Raises:
        BlockedError: with every reason.
    """
    blockers = [*_voided(invoice), *_closed(invoice)]
    present = invoice.effective_due_on
    if due_on <= present:
        detail = f"{due_on} is not after {present}, when it is due now"
        blockers.append(Blocker("not_later", detail))
    latest = max(present, today) + timedelta(days=EXTENDED_DAYS_MAX)
    if due_on > latest:
        detail = f"{due_on} is over {EXTENDED_DAYS_MAX} days away; {latest} is the latest"
        blockers.append(Blocker("too_far", detail))
    _refuse(invoice, "extended", blockers)


def check_void(invoice: Invoice) -> None:
    """Refuse to void what is voided (R7.4).

    Raises:
        BlockedError: it is.
    """
    _refuse(invoice, "voided", _voided(invoice))


def check_write_off(invoice: Invoice) -> None:
    """Refuse to write off where no principal is open.

    Raises:
        BlockedError: with every reason.
    """
    _refuse(invoice, "written off", [*_voided(invoice), *_closed(invoice)])


def check_dispute(invoice: Invoice, amount_minor: int | None, currency: str | None) -> None:
    """Refuse a dispute of more than is open, or of what is not open (R5.5). None: the whole.

    Raises:
        InvalidInputError: the amount is in another currency.
        BlockedError: with every reason.
    """
    if currency is not None and currency != invoice.currency:
        detail = f"is not {invoice.currency}, the invoice's currency"
        fault = Fault("/amount/currency", "other_currency", detail)
        raise InvalidInputError("the dispute cannot be taken", [fault])
    blockers = [*_voided(invoice), *_closed(invoice)]
    if amount_minor is not None and amount_minor > invoice.open_minor > 0:
        disputed = amount_in_words(amount_minor, invoice.currency)
        is_open = amount_in_words(invoice.open_minor, invoice.currency)
        detail = f"{disputed} is more than the {is_open} that is open"
        blockers.append(Blocker("above_open", detail))
    if dispute_of(invoice) == "customer_won":
        detail = "the customer won a dispute of it, and its credit note is awaited"
        blockers.append(Blocker("credit_note_awaited", detail))
    _refuse(invoice, "disputed", blockers)


def check_resolution(
    invoice: Invoice, winner: str, won_minor: int | None, currency: str | None
) -> None:
    """Refuse to end a dispute that is not open, or to divide it where there is no part.

    `winner` is `customer_won`, `seller_won` or `partly`; only the last takes an amount: what the
    customer won. What the customer won may still be lost, as long as no credit note came.

    Raises:
        InvalidInputError: the amount is missing, in another currency, or one too many.
        BlockedError: nothing of it is disputed, the customer has won already, or the amount is not
            below what is disputed.
    """
    if (winner == "partly") != (won_minor is not None):
        fault = Fault("/amount", "missing", "is missing: how much did the customer win?")
        if won_minor is not None:
            fault = Fault("/amount", "not_taken", f"goes with partly only, not with {winner}")
        raise InvalidInputError("the dispute cannot be resolved so", [fault])
    if currency is not None and currency != invoice.currency:
        detail = f"is not {invoice.currency}, the invoice's currency"
        fault = Fault("/amount/currency", "other_currency", detail)
        raise InvalidInputError("the dispute cannot be resolved so", [fault])
    blockers = []
    disputed = invoice.disputed_minor
    if disputed == 0:
        blockers.append(Blocker("not_disputed", "nothing that is open of it is disputed"))
    elif winner == "customer_won" and invoice.dispute_won:
        blockers.append(Blocker("customer_won", "the customer has won it already"))
    elif won_minor is not None and won_minor >= disputed:
        won = amount_in_words(won_minor, invoice.currency)
        whole = amount_in_words(disputed, invoice.currency)
        detail = f"{won} is no part of the {whole} that is disputed: a part is less than that"
        blockers.append(Blocker("not_a_part", detail))
    if blockers:
        said = f"the dispute of invoice {invoice.id} cannot be resolved so"
        raise BlockedError(said, blockers, allowed_actions(invoice))


def _voided(invoice: Invoice) -> list[Blocker]:
    return [Blocker("voided", "it is voided")] if invoice.voided else []


def _closed(invoice: Invoice) -> list[Blocker]:
    if invoice.open_minor or invoice.voided:
        return []
    return [Blocker("nothing_open", "no principal of it is open")]


def _refuse(invoice: Invoice, what: str, blockers: Sequence[Blocker]) -> None:
    if blockers:
        said = f"invoice {invoice.id} cannot be {what}"
        raise BlockedError(said, blockers, allowed_actions(invoice))


def _bad_day(name: str, code: str, detail: str) -> InvalidInputError:
    return InvalidInputError("the day cannot be", [Fault(f"/{name}", code, detail)])
