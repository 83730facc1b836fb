"""How an invoice's open principal goes down, and how the invoice is closed by it (R5.5, R7.3, R8.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from chalicelib.core.account import Allocated, Money, Settlement
from chalicelib.core.book import Book
from chalicelib.core.effects import Entry
from chalicelib.core.invoice import Invoice, Reduction
from chalicelib.core.policy import Policy


def reduce_principal(
    book: Book,
    invoice: Invoice,
    amount_minor: int,
    value_on: date,
    *,
    kind: str,
    advanced_minor: int,
) -> Allocated:
    """Take an amount off an invoice's open principal; close it when nothing is left.

    `advanced_minor` says how much of it is the advanced part. A payment or write-off takes the
    undisputed part first, a credit note the disputed part (R5.5). Returns what was taken, so that a
    bounced payment can undo it exactly.
    """
    advanced = advanced_minor
    if kind == "credit_note":
        disputed = min(amount_minor, invoice.disputed_minor)
    else:
        disputed = max(0, amount_minor - invoice.undisputed_minor)
    open_minor = invoice.open_minor - amount_minor
    disputed_left = invoice.disputed_minor - disputed
    is_payment = kind == "payment"
    given_up = 0 if is_payment else disputed  # bears no interest, not even before (R4.3)
    cut = Reduction(value_on, amount_minor, is_payment, given_up)
    changed = invoice.having(
        open_minor=open_minor,
        advanced_minor=invoice.advanced_minor - advanced,
        disputed_minor=disputed_left,
        dispute_won=invoice.dispute_won and disputed_left > 0,
        skipped=invoice.skipped if open_minor else frozenset(),  # a bounce begins anew
        guard_skipped=invoice.guard_skipped and open_minor > 0,
        reductions=(*invoice.reductions, cut),
    )
    book.put(changed)
    if disputed and not disputed_left:
        book.disputes_moved[invoice.id] = kind
    settle(book, changed)
    is_won = invoice.dispute_won and disputed > 0
    return Allocated(invoice.id, amount_minor, None, advanced, disputed, is_won)


def settle(book: Book, invoice: Invoice) -> None:
    """Remember how an invoice was closed, where R8.1 counts it.

    Left out are invoices that were disputed, unless the customer lost, and those closed without a
    payment. Its date is the latest value date of what closed it.
    """
    if invoice.open_minor == 0 and invoice.has_payment and not invoice.was_disputed:
        settled_on = max(cut.value_on for cut in invoice.reductions)
        book.settle(Settlement(settled_on, invoice.effective_due_on, invoice.id))


def write_off_short_payments(
    book: Book, money: Money, allocated: Iterable[Allocated], policy: Policy, today: date
) -> Money:
    """Write off what a payment left open by at most the tolerance, with its value date (R7.3).

    `allocated`: what it reduced just now. What it paid of a plan's instalment is no short payment of
    the invoice on which that went: there only an invoice that it named can be one.
    """
    tolerance = policy.cash.short_payment_tolerance.get(money.currency)
    if not policy.cash.write_off_short_payments or tolerance is None:
        return money
    for name in dict.fromkeys(a.invoice_id for a in allocated if a.charge_id is None):
        invoice = book.invoices.get(name)
        if invoice is None or not 0 < invoice.open_minor <= tolerance:
            continue
        if name not in money.invoice_ids and book.is_in_plan(name):
            continue
        amount = invoice.open_minor
        taken = reduce_principal(
            book,
            invoice,
            amount,
            money.value_on,
            kind="write_off",
            advanced_minor=invoice.advanced_minor,
        )
        book.enter(
            Entry(
                "write_off",
                today,
                money.value_on,
                money.currency,
                amount,
                f"{name}:short_payment:{money.id}",
                name,
                reason="short_payment",
            )
        )
        money = replace(money, written_off=(*money.written_off, taken))
    book.put_money(money)
    return money
