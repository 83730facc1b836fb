"""Settlements for less, and remittances that finance confirms (R10.6, R10.7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING
from typing import Final

from chalicelib.core.account import Money
from chalicelib.core.apply_charges import waive_charge
from chalicelib.core.apply_endings import write_off_invoice
from chalicelib.core.book import Book
from chalicelib.core.case_thanks import note_write_off
from chalicelib.core.facts import ChargeWaived, InvoiceWrittenOff
from chalicelib.core.facts_placements import (
    RemittanceConfirmed,
    SettlementAnswered,
    SettlementProposed,
)
from chalicelib.core.money import share
from chalicelib.core.placement_steps import ask_owner, balance_of, task_of, tell
from chalicelib.core.placements import Placement, SettlementOffer, Taking
from chalicelib.core.policy import Policy

SETTLED: Final = "settled"


def propose_settlement(book: Book, fact: SettlementProposed, policy: Policy) -> None:
    """Agree to a settlement within the floor, else let a person answer it (R10.7).

    Nothing changes while another one stands, where the agency does not work the placement, or where
    the amount is not less than what is open.
    """
    placement = book.placements.get(fact.placement_id)
    if placement is None or not placement.is_worked or placement.settlement is not None:
        return
    balance = balance_of(book, placement)
    if not 0 < fact.amount_minor < balance or fact.pay_by < fact.on:
        return
    offer = SettlementOffer(fact.proposal_id, fact.amount_minor, fact.on, fact.pay_by)
    placement = replace(placement, settlement=offer)
    book.put_placement(placement)
    _tell(book, placement, "settlement_proposed", fact.on)
    floor = floor_minor(placement, balance)
    if floor is not None and fact.amount_minor >= floor:
        _agree(book, placement, fact.on)
        return
    said = policy.amount_in_words(fact.amount_minor, placement.currency)
    whole = policy.amount_in_words(balance, placement.currency)
    why = f"The agency proposes to settle {whole} for {said} by {fact.pay_by}: agree, or decline."
    ask_owner(book, placement, policy, fact.on, "settlement", why)


def floor_minor(placement: Placement, balance_minor: int) -> int | None:
    """Return from which amount a settlement needs no approval, rounded up; None: each does (R10.7)."""
    floor = placement.terms.settlement_floor if placement.terms is not None else None
    if floor is None:
        return None
    return int(share(balance_minor, floor).to_integral_value(rounding=ROUND_CEILING))


def answer_settlement(book: Book, fact: SettlementAnswered, policy: Policy) -> None:
    """Agree to a settlement that waits, or decline it (R10.7)."""
    placement = book.placements.get(fact.placement_id)
    offer = placement.settlement if placement is not None else None
    if placement is None or offer is None or not placement.is_worked:
        return
    if offer.state != "pending" or offer.id != fact.proposal_id:
        return
    if fact.is_agreed:
        _agree(book, placement, fact.on)
    else:
        _end(book, placement, "settlement_declined", fact.on, fact.reason)


def lapse_settlement(book: Book, placement: Placement, on: date) -> Placement:
    """Let a settlement lapse whose day has passed; return the placement as it now stands (R10.7).

    What waits for an answer lapses too. Before its day is past, nothing changes.
    """
    if placement.settlement is None or on <= placement.settlement.pay_by:
        return placement
    return _end(book, placement, "settlement_lapsed", on)


def count_for_settlement(
    placement: Placement, moved: Iterable[tuple[Money, int]]
) -> SettlementOffer | None:
    """Return the settlement with money that came in counted; what bounced counts no more (R10.7).

    `moved`: payments, each with how much more of it now is on what is placed, in minor units. Those
    of a value date after the settlement's day do not count.
    """
    offer = placement.settlement
    if offer is None:
        return None
    counted = dict(offer.counted)
    for money, amount in moved:
        if money.value_on <= offer.pay_by:
            counted[money.key] = max(counted.get(money.key, 0) + amount, 0)
    kept = tuple((key, amount) for key, amount in counted.items() if amount)
    return replace(offer, paid_minor=sum(amount for _, amount in kept), counted=kept)


def is_fulfilled(placement: Placement) -> bool:
    """Whether all that was agreed for a settlement came in (R10.7)."""
    offer = placement.settlement
    return offer is not None and offer.state == "agreed" and offer.paid_minor >= offer.amount_minor


def give_up_rest(book: Book, placement: Placement, on: date) -> None:
    """Write off what is open of what is placed, and waive its charges: it is settled (R10.7).

    Nobody is thanked for a case of which something was given up (R6.5).
    """
    note_write_off(book)
    for name in sorted(placement.invoice_ids):
        invoice = book.invoices.get(name)
        for charge in invoice.charges if invoice is not None else ():
            waive_charge(book, ChargeWaived(on, name, charge.id, SETTLED))
        write_off_invoice(book, InvoiceWrittenOff(on, name, SETTLED))


def confirm_remittance(book: Book, fact: RemittanceConfirmed, policy: Policy) -> None:
    """Note that money the agency took has reached the seller (R10.6).

    What another confirmed remittance holds stays with that one. Of what bounced after it was
    remitted and before this was said somebody is asked, as of what bounces later.
    """
    placement = book.placements.get(fact.placement_id)
    if placement is None:
        return
    names = frozenset(fact.payment_ids)
    takings = tuple(
        replace(one, remittance_id=fact.remittance_id)
        if one.payment_id in names and not one.remittance_id
        else one
        for one in placement.takings
    )
    if takings == placement.takings:
        return
    book.put_placement(replace(placement, takings=takings))
    for old, one in zip(placement.takings, takings, strict=True):
        if one.bounced and one is not old:
            ask_about_remitted(book, placement, one, policy, fact.on)


def ask_about_remitted(
    book: Book, placement: Placement, taking: Taking, policy: Policy, on: date
) -> None:
    """Ask somebody to settle with the agency what changed after it was remitted (R10.6)."""
    about, what = "remitted_changed", "earns another commission since"
    if taking.bounced:
        about, what = "remitted_bounced", "bounced after"
    why = f"Payment {taking.payment_id} {what} the agency had remitted it: settle it with them."
    ask_owner(book, placement, policy, on, about, why)


def _agree(book: Book, placement: Placement, on: date) -> None:
    assert placement.settlement is not None
    agreed = replace(placement, settlement=replace(placement.settlement, state="agreed"))
    book.put_placement(agreed)
    _tell(book, agreed, "settlement_agreed", on)
    book.close_task(task_of(book, placement, "settlement"), on, "agreed")


def _end(book: Book, placement: Placement, what: str, on: date, reason: str = "") -> Placement:
    _tell(book, placement, what, on, reason)
    ended = replace(placement, settlement=None)
    book.put_placement(ended)
    book.close_task(task_of(book, placement, "settlement"), on, what.removeprefix("settlement_"))
    return ended


def _tell(book: Book, placement: Placement, what: str, on: date, reason: str = "") -> None:
    offer = placement.settlement
    assert offer is not None
    tell(
        book,
        placement,
        what,
        on,
        reason=reason,
        effective_on=offer.pay_by,
        amount_minor=offer.amount_minor,
    )
