"""Builders of letters about promises, credit holds and paid cases."""

from __future__ import annotations

from datetime import date
from typing import Any

from chalicelib.flows.letter_account import (
    AccountLetter,
    AccountLetterKind,
    HoldInForce,
    OpenLine,
    PromiseGiven,
    ReleasedBy,
    Sum,
)
from tests.mail.build_letters import COLLECTOR, PAYMENT, SELLER

TODAY = date(2026, 3, 18)
FIRST = OpenLine(
    invoice_id="INV-19002",
    due_on=date(2026, 1, 2),
    currency="USD",
    digits=2,
    open_minor=200_000,
    charges_minor=3_000,
    asked_minor=203_000,
    po_number="88-0961",
)
SECOND = OpenLine(
    invoice_id="INV-19310",
    due_on=date(2026, 2, 2),
    currency="USD",
    digits=2,
    open_minor=97_000,
    asked_minor=97_000,
)
EUROS = OpenLine(
    invoice_id="INV-19444",
    due_on=date(2026, 2, 10),
    currency="EUR",
    digits=2,
    open_minor=45_050,
    asked_minor=45_050,
)
LATER = OpenLine(
    invoice_id="INV-19888", due_on=date(2026, 4, 12), currency="USD", digits=2, open_minor=61_500
)


def usd(amount_minor: int) -> Sum:
    return Sum(currency="USD", digits=2, amount_minor=amount_minor)


def eur(amount_minor: int) -> Sum:
    return Sum(currency="EUR", digits=2, amount_minor=amount_minor)


def account_letter(kind: AccountLetterKind, **changes: Any) -> AccountLetter:
    values: dict[str, Any] = {
        "kind": kind,
        "reference": "4711-C2",
        "account_id": "4711",
        "account_name": "Brightline Interiors, Inc.",
        "contact_name": "Dana Whitfield",
        "seller": SELLER,
        "collector": COLLECTOR,
        "notice_on": TODAY,
        "currency": "USD",
        "digits": 2,
        "payment": PAYMENT,
    }
    return AccountLetter(**(values | changes))


def promise(**changes: Any) -> PromiseGiven:
    """A promise of USD 3,000.00 by the end of the month."""
    values: dict[str, Any] = {
        "amount_minor": 300_000,
        "received_minor": 0,
        "by": date(2026, 3, 31),
        "made_on": TODAY,
        "grace_days": 3,
    }
    return PromiseGiven(**(values | changes))


def promise_letter(**changes: Any) -> AccountLetter:
    """Return the confirmation of a promise over two invoices."""
    values: dict[str, Any] = {
        "promise": promise(),
        "asked": (usd(300_000),),
        "invoices": (FIRST, SECOND),
    }
    return account_letter(AccountLetterKind.PROMISE_MADE, **(values | changes))


def hold(**changes: Any) -> HoldInForce:
    """A hold by rule, which ends by itself."""
    values: dict[str, Any] = {"is_prepaid": False, "released_by": ReleasedBy.ITSELF}
    return HoldInForce(**(values | changes))


def hold_letter(**changes: Any) -> AccountLetter:
    """Return the letter that says that an account with USD 3,000.00 past due is held."""
    values: dict[str, Any] = {
        "hold": hold(),
        "since": TODAY,
        "invoices": (FIRST, SECOND),
        "past_due": (usd(300_000),),
        "asked": (usd(300_000),),
    }
    return account_letter(AccountLetterKind.HOLD_PLACED, **(values | changes))


def hold_in_two_currencies(**changes: Any) -> AccountLetter:
    """Return the same with EUR 450.50 past due as well."""
    values: dict[str, Any] = {
        "currency": "EUR",
        "invoices": (FIRST, SECOND, EUROS),
        "past_due": (eur(45_050), usd(300_000)),
        "asked": (eur(45_050), usd(300_000)),
    }
    return hold_letter(**(values | changes))


def released_letter(**changes: Any) -> AccountLetter:
    """Return the letter that says that a hold has ended, with nothing past due any more."""
    values: dict[str, Any] = {"payment": ()}
    return account_letter(AccountLetterKind.HOLD_RELEASED, **(values | changes))


def thanks_letter(**changes: Any) -> AccountLetter:
    """Return the thanks for a case that was paid."""
    values: dict[str, Any] = {
        "paid": (usd(300_000),),
        "since": date(2026, 1, 17),
        "payment": (),
    }
    return account_letter(AccountLetterKind.THANK_YOU, **(values | changes))


ACCOUNT_SAMPLES = {
    "promise": promise_letter(),
    "promise part paid": promise_letter(
        promise=promise(amount_minor=127_000, received_minor=30_000, interest_waits=True),
        asked=(usd(97_000),),
        invoices=(SECOND,),
    ),
    "hold placed": hold_letter(),
    "hold in two currencies": hold_in_two_currencies(),
    "prepaid": hold_letter(hold=hold(is_prepaid=True, released_by=ReleasedBy.PERSON)),
    "hold without a debt": hold_letter(
        hold=hold(released_by=ReleasedBy.PERSON), invoices=(), past_due=(), asked=(), payment=()
    ),
    "hold released": released_letter(),
    "hold released, still owing": released_letter(
        invoices=(FIRST, SECOND), past_due=(usd(300_000),), asked=(usd(300_000),), payment=PAYMENT
    ),
    "thanks": thanks_letter(),
    "thanks, charges open": thanks_letter(
        paid=(eur(45_050), usd(300_000)),
        currency="EUR",
        asked=(usd(3_000),),
        invoices=(
            OpenLine(
                invoice_id="INV-19002", due_on=date(2026, 1, 2), currency="USD", digits=2,
                open_minor=0, charges_minor=3_000, asked_minor=3_000,
            ),
            LATER,
        ),
        payment=PAYMENT,
    ),
}  # fmt: skip
