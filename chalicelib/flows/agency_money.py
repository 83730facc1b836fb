"""Money that agencies took, and took back, for what is placed (R10.6, R7.1, R7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import chain

from chalicelib.core.account import Account, money_key
from chalicelib.core.errors import ConflictError, Fault, LimitError, NotFoundError
from chalicelib.core.facts import Payment, PaymentReversed
from chalicelib.core.placements import Placement
from chalicelib.core.policy import Policy
from chalicelib.flows.agency_money_ids import agency_payment_id
from chalicelib.flows.agency_told import (
    Said,
    Told,
    amount_figures,
    currency_faults,
    named,
    past_faults,
    placed_faults,
    refuse,
)
from chalicelib.flows.unfinished import written_later

TAKINGS_MAX = 1_000  # of one placement: they are one item of the table with it


def payment_of(told: Told, on: date) -> Payment:
    """Return the fact that a reported payment is."""
    value = told.body["amount"]
    return Payment(
        on,
        agency_payment_id(told.agency.id, told.report.id),
        date.fromisoformat(told.body["received_on"]),
        value["currency"],
        value["amount_minor"],
        tuple(told.body["invoice_ids"]),
        told.body["reference"],
        told.report.placement_id,
    )


def reversal_of(told: Told, on: date) -> PaymentReversed:
    """Return the fact that a reported reversal is."""
    return PaymentReversed(on, agency_payment_id(told.agency.id, told.body["payment_id"]))


def payment(told: Told, account: Account, placement: Placement, _: Policy, today: date) -> Said:
    """Book money that the agency took; to what is placed with it, and nothing else.

    Raises:
        UnfitInputError: it cannot be so; every fault is named.
        ConflictError: the id was used for a payment with other content.
        LimitError: the placement has all the payments that one may have.
    """
    fact = payment_of(told, today)
    value = told.body["amount"]
    refuse(
        "the payment cannot be booked",
        chain(
            currency_faults(value, placement),
            past_faults("/received_on", fact.received_on, today),
            _early_faults(fact.received_on, placement),
            placed_faults(fact.invoice_ids, placement),
        ),
    )
    figures = amount_figures(value) | {"received_on": fact.received_on.isoformat()}
    figures |= {"payment_id": fact.payment_id} | named(fact.invoice_ids)
    there = account.money.get(money_key("payment", fact.payment_id))
    if there is None:
        if len(placement.takings) >= TAKINGS_MAX:
            raise LimitError(f"a placement has at most {TAKINGS_MAX:,} payments: tell the seller")
        return Said((fact,), figures=figures, is_large=written_later(account))
    known = (there.value_on, there.amount_minor, there.currency, there.placement_id)
    if known != (fact.received_on, fact.amount_minor, fact.currency, fact.placement_id):
        raise ConflictError(f"payment {told.report.id} was reported with other content")
    return Said((), figures=figures)


def _early_faults(received_on: date, placement: Placement) -> Iterator[Fault]:
    """Yield a fault for a day before the offer: an early one would take back late fees (R4.9)."""
    if placement.offered_on is not None and received_on < placement.offered_on:
        said = f"is before {placement.offered_on}: the placement was not offered yet"
        yield Fault("/received_on", "before_offer", said)


def reversal(told: Told, account: Account, placement: Placement, _: Policy, today: date) -> Said:
    """Take back money that the agency took and that bounced; only its own, of this placement.

    Raises:
        NotFoundError: the agency reported no such payment of the placement.
        ConflictError: it was reversed already.
        UnfitInputError: the day cannot be.
    """
    fact = reversal_of(told, today)
    own_id = told.body["payment_id"]
    refuse(
        "the payment cannot be reversed",
        past_faults("/on", told.happened_on, today),
    )
    there = account.money.get(money_key("payment", fact.payment_id))
    if there is None or there.placement_id != placement.id:
        raise NotFoundError(f"placement {placement.id} has no payment {own_id!r} of yours")
    if there.bounced:
        raise ConflictError(f"payment {own_id} was reversed already")
    figures = {"payment_id": fact.payment_id, "amount_minor": str(there.amount_minor)}
    figures |= {"currency": there.currency, "bounced_on": told.happened_on.isoformat()}
    code, note = told.body["reason_code"], told.body["note"]
    return Said((fact,), code, note, figures, is_large=written_later(account))
