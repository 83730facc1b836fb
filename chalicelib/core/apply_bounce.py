"""A payment bounced: what it did is undone exactly, in reverse (R7.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import Allocated, money_key
from chalicelib.core.book import Book
from chalicelib.core.effects import Entry
from chalicelib.core.facts import PaymentReversed
from chalicelib.core.invoice import Reduction
from chalicelib.core.money import add
from chalicelib.core.policy import Policy
from chalicelib.core.promise_money import uncount_for_promises
from chalicelib.core.value_date import repost


def reverse_payment(book: Book, fact: PaymentReversed, policy: Policy) -> None:
    """Undo a bounced payment exactly, in reverse; re-open what it closed (R7.4, R4.9)."""
    money = book.money.get(money_key("payment", fact.payment_id))
    if money is None or money.bounced or money.kind != "payment":
        return
    for taken in reversed(money.written_off):
        _reopen(book, taken, money.value_on, by_payment=False)
        book.enter(
            Entry(
                "write_off_reversal",
                fact.on,
                money.value_on,
                money.currency,
                taken.amount_minor,
                f"{taken.invoice_id}:short_payment:{money.id}:reversal",
                taken.invoice_id,
            )
        )
    for taken in reversed(money.allocations):
        _reopen(book, taken, money.value_on, by_payment=True)
        _cancel_again(book, taken, fact)
    uncount_for_promises(book, money, policy, fact.on)
    book.enter(
        Entry(
            "payment_reversal",
            fact.on,
            money.value_on,
            money.currency,
            money.amount_minor,
            f"{money.id}:reversal",
        )
    )
    reversals = money.reversals
    book.put_money(
        replace(
            money,
            unapplied_minor=0,
            allocations=(),
            written_off=(),
            reversals=(),
            bounced=True,
            waits_for=frozenset(),
        )
    )
    for taken in reversals:
        repost(book, taken, fact.on, policy)


def forget_dispute(book: Book, invoice_id: str) -> None:
    """Let no bounce bring back what money took of an invoice's dispute that is over (R5.5)."""

    def undisputed(parts: tuple[Allocated, ...]) -> tuple[Allocated, ...]:
        return tuple(
            replace(part, disputed_minor=0, dispute_won=False)
            if part.invoice_id == invoice_id and part.disputed_minor
            else part
            for part in parts
        )

    for money in list(book.money.values()):
        kept = replace(
            money,
            allocations=undisputed(money.allocations),
            written_off=undisputed(money.written_off),
        )
        if kept != money:
            book.put_money(kept)


def _cancel_again(book: Book, taken: Allocated, fact: PaymentReversed) -> None:
    """What a bounced payment had paid on the charges of a voided invoice is cancelled too (R7.4)."""
    invoice = book.find(taken.invoice_id)
    if invoice is None or not invoice.voided or taken.charge_id is None:
        return
    add(book.voided_charges, invoice.currency, taken.amount_minor)
    ref = f"{taken.charge_id}:void:{fact.payment_id}"
    book.enter(
        Entry(
            "void",
            fact.on,
            fact.on,
            invoice.currency,
            taken.amount_minor,
            ref,
            invoice.id,
            taken.charge_id,
        )
    )


def _reopen(book: Book, taken: Allocated, value_on: date, *, by_payment: bool) -> None:
    """Give back what one allocation or write-off took from an invoice or a charge."""
    invoice = book.find(taken.invoice_id)
    if invoice is None or invoice.voided:
        return
    if taken.charge_id is not None:
        charge = next(c for c in invoice.charges if c.id == taken.charge_id)
        opened = replace(charge, open_minor=charge.open_minor + taken.amount_minor)
        book.put_charge(invoice, opened)
        return
    book.unsettle(invoice.id)
    cuts = list(invoice.reductions)
    # A dispute that the customer lost meanwhile is over, whatever the payment had taken of it.
    disputed = taken.disputed_minor if invoice.was_disputed else 0
    del cuts[_place_of(cuts, taken, value_on, by_payment=by_payment)]
    if disputed:
        book.disputes_moved[invoice.id] = "bounce"
    # What was paid when it was first seen was not past due then: no stage is passed over (R5.7).
    was_seen = book.last_decided_on is not None and book.last_decided_on >= invoice.seen_on
    book.put(
        invoice.having(
            open_minor=invoice.open_minor + taken.amount_minor,
            advanced_minor=invoice.advanced_minor + taken.advanced_minor,
            disputed_minor=invoice.disputed_minor + disputed,
            dispute_won=invoice.dispute_won or (disputed > 0 and taken.dispute_won),
            reductions=tuple(cuts),
            onboarded=invoice.onboarded or (was_seen and invoice.open_minor == 0),
        )
    )


def _place_of(cuts: list[Reduction], taken: Allocated, value_on: date, *, by_payment: bool) -> int:
    """Return the place of the reduction that an allocation or write-off made, the last if several.

    What of it was disputed may be forgotten in `taken` since (`forget_dispute`), never in the
    reduction: so that tells apart only those that are alike in all else.
    """
    alike = [
        place
        for place, cut in enumerate(cuts)
        if (cut.value_on, cut.amount_minor, cut.by_payment)
        == (value_on, taken.amount_minor, by_payment)
    ]
    same = [place for place in alike if cuts[place].disputed_minor == taken.disputed_minor]
    return (same or alike)[-1]
