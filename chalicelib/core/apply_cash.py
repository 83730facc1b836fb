"""Money that comes in: payments and credit notes, and what follows from them (R7.1-R7.4, R6.6)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.account import Money, money_key
from chalicelib.core.allocation import (
    allocate_credit,
    allocate_payment,
    allocate_to_arrived,
    allocate_unapplied,
    closed_since,
    is_collectable,
)
from chalicelib.core.book import Book
from chalicelib.core.calls import money_came
from chalicelib.core.effects import Entry
from chalicelib.core.facts import CashApplied, CreditNote, InvoiceIssued, Payment
from chalicelib.core.final_interest import post_finals
from chalicelib.core.policy import Policy
from chalicelib.core.principal import write_off_short_payments
from chalicelib.core.promise_money import count_for_promises
from chalicelib.core.value_date import reverse_on_value_date


def take_payment(book: Book, fact: Payment, policy: Policy) -> None:
    """Record a payment once, allocate it, and book what follows from it (R7.1-R7.3, R4.9, R6.6).

    One for a placement that no agency has had, or has in another currency, changes nothing.
    """
    if money_key("payment", fact.payment_id) in book.money:
        return
    if fact.placement_id and not is_collectable(book, fact.placement_id, fact.currency):
        return
    money = Money(
        fact.payment_id,
        "payment",
        fact.on,
        fact.received_on,
        fact.currency,
        fact.amount_minor,
        fact.amount_minor,
        fact.invoice_ids,
        reference=fact.reference,
        placement_id=fact.placement_id,
    )
    book.enter(
        Entry("payment", fact.on, fact.received_on, fact.currency, fact.amount_minor, money.id)
    )
    book.put_money(money)  # the whole is unapplied until it is allocated
    money_came(book, fact.on)
    _follow_up(book, allocate_payment(book, money, policy, fact.on), 0, policy, fact.on)


def take_credit_note(book: Book, fact: CreditNote) -> None:
    """Record a credit note once: it reduces the invoice it names, from its own date (R7.4)."""
    if money_key("credit_note", fact.credit_note_id) in book.money:
        return
    names = (fact.invoice_id,) if fact.invoice_id else ()
    value_on = fact.issued_on or fact.on
    money = Money(
        fact.credit_note_id,
        "credit_note",
        fact.on,
        value_on,
        fact.currency,
        fact.amount_minor,
        fact.amount_minor,
        names,
        reason=fact.reason,
    )
    book.enter(Entry("credit_note", fact.on, value_on, fact.currency, fact.amount_minor, money.id))
    book.put_money(money)
    allocate_credit(book, money)


def apply_waiting_money(book: Book, fact: InvoiceIssued, policy: Policy) -> None:
    """Apply money that named an invoice before it was there (R7.1), in the order it was booked."""
    waiting = [m for m in book.money.values() if fact.invoice_id in m.waits_for and not m.bounced]
    for money in sorted(waiting, key=lambda m: (m.booked_on, m.kind, m.value_on, m.id)):
        before = len(money.allocations)
        allocated = allocate_to_arrived(book, money, fact.invoice_id)
        if money.kind == "payment":
            _follow_up(book, allocated, before, policy, fact.on)


def apply_unapplied(book: Book, fact: CashApplied, policy: Policy) -> None:
    """Apply unapplied cash and credit of a currency, oldest value date first (R7.2, R5.8).

    Never to another currency; what is left stays unapplied.
    """
    found = [
        money
        for money in book.money.values()
        if money.currency == fact.currency and fact.money_key in ("", money.key)
    ]
    for key in [m.key for m in sorted(found, key=lambda m: (m.value_on, m.booked_on, m.key))]:
        money = book.money[key]  # what was applied before may have freed some of it (R4.9)
        if money.unapplied_minor == 0:
            continue
        before = len(money.allocations)
        allocated = allocate_unapplied(book, money, fact.invoice_ids, policy, fact.on)
        if money.kind == "payment":
            _follow_up(book, allocated, before, policy, fact.on)


def _follow_up(book: Book, money: Money, before: int, policy: Policy, today: date) -> None:
    """Book what follows from a payment's allocations: write-offs, promises, reversals."""
    new, written_off = money.allocations[before:], len(money.written_off)
    money = write_off_short_payments(book, money, new, policy, today)
    short = money.written_off[written_off:]
    if short:
        took = closed_since(book, money, before)
        closed = {
            part.invoice_id: took[part.invoice_id] + part.amount_minor - part.disputed_minor
            for part in short
        }
        post_finals(book, closed, money.value_on, policy, today)
    count_for_promises(book, new, money, policy, today)
    if policy.cash.reverse_on_value_date and money.value_on < today:
        reverse_on_value_date(book, money, new, policy, today)
