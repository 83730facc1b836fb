"""The collection fee: posted when an agency accepts, waived if the placement was an error (R10.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import Allocated, Money
from chalicelib.core.apply_charges import waive_charge
from chalicelib.core.book import Book
from chalicelib.core.charge_amounts import ChargeBase, compute_charge
from chalicelib.core.charges import book_charge, first_id
from chalicelib.core.facts import ChargeWaived
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.placement_steps import ERROR, ask_owner
from chalicelib.core.placements import Placement
from chalicelib.core.policy import Caps, ChargeRule, Policy

FEE_STAGE, FEE_KIND = "placement", "collection_fee"


def post_fees(book: Book, placement: Placement, policy: Policy, on: date) -> None:
    """Post the policy's collection fee for what was accepted, once (R4.1, R4.2).

    A percentage of the undisputed open principal of what is placed, limited by the policy's `max`
    alone: the caps of R4.5 leave it out. It hangs on the placement's oldest open invoice.
    """
    rules, currency = policy.escalation, placement.currency
    bearer = _bearer(book, placement)
    if rules.collection_fee_percent is None or currency not in policy.digits or bearer is None:
        return
    if placement.fee_minor or _fees(book, placement):
        return
    undisputed = sum(one.undisputed_minor for one in _placed(book, placement))
    base = ChargeBase(currency, policy.digits[currency], undisputed, 0, 0, 0)
    rule = ChargeRule(
        "percent", rate=rules.collection_fee_percent, max=rules.collection_fee_max
    )  # a fee is worked out as that kind is
    computed = compute_charge(rule, Caps(), base)
    if computed is None:
        return
    fee = Charge(
        placement.fee_id, FEE_STAGE, FEE_KIND, on, computed.amount_minor, computed.amount_minor,
        computed.capped_by, basis=computed.basis, arithmetic=computed.arithmetic,
    )  # fmt: skip
    book_charge(book, bearer, fee, on)
    book.put_placement(replace(book.placements[placement.id], fee_minor=fee.amount_minor))


def waive_fees(book: Book, placement: Placement, on: date, policy: Policy) -> None:
    """Waive what is open of the fee of a placement that should not have been (R10.3).

    Where some of it was paid, or may have been because its invoice is closed and not at hand, the
    owner is asked what to give back.
    """
    fees, paid = _fees(book, placement), 0
    for invoice, fee in fees:
        paid += fee.amount_minor - fee.open_minor - fee.waived_minor - fee.reversed_minor
        waive_charge(book, ChargeWaived(on, invoice.id, fee.id, ERROR))
    if paid or (placement.fee_minor and not fees):
        why = f"Placement {placement.id} was an error: see what was paid of its collection fee."
        ask_owner(book, placement, policy, on, "fee_refund", why)


def move_fees(book: Book, invoice: Invoice) -> Invoice:
    """Let the fees that hang on an invoice hang on the next one that is open of their placements.

    Before the invoice is voided: the fee is for all that is placed. It stays the same charge, with
    what was paid on it, so nothing is entered and nobody else is told. Where no other invoice is
    open it stays. Returns the invoice as it now stands.
    """
    for placement in book.placements.values():
        moving = {fee.id: fee for fee in invoice.charges if first_id(fee.id) == placement.fee_id}
        bearer = _bearer(book, placement, but=invoice.id) if moving else None
        if bearer is None:
            continue
        kept = tuple(one for one in invoice.charges if one.id not in moving)
        invoice = book.put(invoice.having(charges=kept))
        book.put(bearer.having(charges=(*bearer.charges, *moving.values())))
        for money in list(book.money.values()):
            if any(part.charge_id in moving for part in money.allocations):
                book.put_money(_pointing_to(money, moving, bearer.id))
    return invoice


def _pointing_to(money: Money, moving: dict[str, Charge], invoice_id: str) -> Money:
    def moved(part: Allocated) -> Allocated:
        return replace(part, invoice_id=invoice_id) if part.charge_id in moving else part

    return replace(money, allocations=tuple(moved(part) for part in money.allocations))


def _placed(book: Book, placement: Placement) -> list[Invoice]:
    """Return what is open of a placement: with open principal first, then the oldest, then by id."""
    found = [
        invoice
        for name in placement.invoice_ids
        if (invoice := book.invoices.get(name)) is not None
        and invoice.currency == placement.currency
    ]
    return sorted(found, key=lambda one: (not one.open_minor, one.effective_due_on, one.id))


def _bearer(book: Book, placement: Placement, but: str = "") -> Invoice | None:
    return next((one for one in _placed(book, placement) if one.id != but), None)


def _fees(book: Book, placement: Placement) -> list[tuple[Invoice, Charge]]:
    """Return the fee of a placement as it was posted and reinstated, with its invoice, at hand."""
    invoices = (book.find(name) for name in sorted(placement.invoice_ids))
    return [
        (invoice, charge)
        for invoice in invoices
        if invoice is not None
        for charge in invoice.charges
        if first_id(charge.id) == placement.fee_id
    ]
