"""Money in and out of an account: payments, credit notes, bounces, voids, write-offs (R7)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from chalicelib.core.account import (
    Allocated,
    Charge,
    Invoice,
    Money,
    Promise,
    Reduction,
    money_key,
)
from chalicelib.core.allocation import (
    allocate_credit,
    allocate_payment,
    allocate_to_arrived,
    reduce_principal,
    write_off_short_payments,
)
from chalicelib.core.book import Book
from chalicelib.core.effects import ChargePosted, ChargeReversed, Entry
from chalicelib.core.facts import (
    ChargeWaived,
    CreditNote,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    Payment,
    PaymentReversed,
)
from chalicelib.core.policy import Policy


REVISION = re.compile(r":r\d+$")  # the suffix of a charge's later revisions (R4.2)


def take_payment(book: Book, fact: Payment, policy: Policy) -> None:
    """Record a payment once, allocate it, and book what follows from it (R7.1-R7.3, R4.9, R6.6)."""
    if money_key("payment", fact.payment_id) in book.money:
        return
    money = Money(
        fact.payment_id, "payment", fact.on, fact.received_on, fact.currency, fact.amount_minor,
        fact.amount_minor, fact.invoice_ids,
    )  # fmt: skip
    book.enter(
        Entry("payment", fact.on, fact.received_on, fact.currency, fact.amount_minor, money.id)
    )
    book.put_money(money)  # the whole is unapplied until it is allocated
    _follow_up(book, allocate_payment(book, money, policy), 0, policy, fact.on)


def take_credit_note(book: Book, fact: CreditNote) -> None:
    """Record a credit note once: it reduces the invoice it names, from its own date (R7.4)."""
    if money_key("credit_note", fact.credit_note_id) in book.money:
        return
    names = (fact.invoice_id,) if fact.invoice_id else ()
    money = Money(
        fact.credit_note_id, "credit_note", fact.on, fact.on, fact.currency, fact.amount_minor,
        fact.amount_minor, names,
    )  # fmt: skip
    book.enter(
        Entry("credit_note", fact.on, fact.on, fact.currency, fact.amount_minor, money.id)
    )
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


def _follow_up(book: Book, money: Money, before: int, policy: Policy, today: date) -> None:
    """Book what follows from a payment's allocations: write-offs, promises, reversals."""
    new = money.allocations[before:]
    money = write_off_short_payments(book, money, policy, today)
    _count_for_promises(book, new, money, policy)
    if policy.cash.reverse_on_value_date and money.value_on < today:
        _reverse_on_value_date(book, money, new, today)


def _count_for_promises(
    book: Book, allocated: tuple[Allocated, ...], money: Money, policy: Policy
) -> None:
    """Count money received for covered invoices and their charges towards promises (R6.6)."""
    if not book.promises or not allocated:
        return
    grace = policy.promises.grace_days
    counted: list[Promise] = []
    for promise in book.promises:
        if promise.kept_on is None and money.value_on <= promise.ends_on(grace):
            got = sum(a.amount_minor for a in allocated if a.invoice_id in promise.invoice_ids)
            received = promise.received_minor + got
            kept = money.booked_on if received >= promise.amount_minor else None
            counted.append(replace(promise, received_minor=received, kept_on=kept))
        else:
            counted.append(promise)
    book.promises = tuple(counted)


def _reverse_on_value_date(
    book: Book, money: Money, allocated: tuple[Allocated, ...], today: date
) -> None:
    """Take back late fees that, by value date, were posted on a paid invoice (R4.9)."""
    for name in dict.fromkeys(a.invoice_id for a in allocated if a.charge_id is None):
        invoice = book.find(name)
        if invoice is None:
            continue
        for charge in invoice.charges:
            if not (charge.is_late_fee or charge.kind == "compensation"):
                continue
            left = charge.amount_minor - charge.reversed_minor - charge.waived_minor
            if charge.posted_on < money.value_on or left == 0:
                continue
            if open_by_value_date(invoice, charge.posted_on) > 0:
                continue
            reverse_charge(book, name, charge, left, today)
            current = book.money[money.key]
            taken = Allocated(name, left, charge.id)
            book.put_money(replace(current, reversals=(*current.reversals, taken)))


def open_by_value_date(invoice: Invoice, day: date) -> int:
    """Return the principal that was open at the end of a day, by value dates (R4.9)."""
    paid = sum(cut.amount_minor for cut in invoice.reductions if cut.value_on <= day)
    return invoice.opened_minor - paid


def reverse_charge(
    book: Book, invoice_id: str, charge: Charge, amount_minor: int, today: date
) -> None:
    """Take a charge back as a whole; what had been paid on it becomes unapplied cash (R4.9)."""
    for money in list(book.money.values()):
        back = sum(a.amount_minor for a in money.allocations if a.charge_id == charge.id)
        if back:
            kept = tuple(a for a in money.allocations if a.charge_id != charge.id)
            unapplied = money.unapplied_minor + back
            book.put_money(replace(money, allocations=kept, unapplied_minor=unapplied))
    invoice = book.find(invoice_id)
    if invoice is None:
        return
    reversed_minor = charge.reversed_minor + amount_minor
    book.put_charge(invoice, replace(charge, open_minor=0, reversed_minor=reversed_minor))
    book.enter(
        Entry(
            "charge_reversal", today, today, invoice.currency, amount_minor,
            f"{charge.id}:reversal", invoice_id, charge.id, "value_date",
        )  # fmt: skip
    )
    book.effects.append(
        ChargeReversed(
            today, book.account_id, charge.id, invoice_id, amount_minor, invoice.currency
        )
    )


def reverse_payment(book: Book, fact: PaymentReversed, policy: Policy) -> None:
    """Undo a bounced payment exactly, in reverse; re-open what it closed (R7.4, R4.9)."""
    money = book.money.get(money_key("payment", fact.payment_id))
    if money is None or money.bounced or money.kind != "payment":
        return
    for taken in reversed(money.written_off):
        _reopen(book, taken, money)
        book.enter(
            Entry(
                "write_off_reversal", fact.on, money.value_on, money.currency, taken.amount_minor,
                f"{taken.invoice_id}:short_payment:{money.id}:reversal", taken.invoice_id,
            )  # fmt: skip
        )
    for taken in reversed(money.allocations):
        _reopen(book, taken, money)
    book.enter(
        Entry(
            "payment_reversal", fact.on, money.value_on, money.currency, money.amount_minor,
            f"{money.id}:reversal",
        )  # fmt: skip
    )
    reversals = money.reversals
    book.put_money(
        replace(
            money, unapplied_minor=0, allocations=(), written_off=(), reversals=(), bounced=True,
            waits_for=frozenset(),
        )  # fmt: skip
    )
    for taken in reversals:
        _repost(book, taken, fact.on)


def _reopen(book: Book, taken: Allocated, money: Money) -> None:
    """Give back what one allocation or write-off took from an invoice or a charge."""
    invoice = book.find(taken.invoice_id)
    if invoice is None:
        return
    if taken.charge_id is not None:
        charge = next(c for c in invoice.charges if c.id == taken.charge_id)
        opened = replace(charge, open_minor=charge.open_minor + taken.amount_minor)
        book.put_charge(invoice, opened)
        return
    book.unsettle(invoice.id)
    cuts = list(invoice.reductions)
    cuts.remove(Reduction(money.value_on, taken.amount_minor))
    book.put(
        replace(
            invoice,
            open_minor=invoice.open_minor + taken.amount_minor,
            advanced_minor=invoice.advanced_minor + taken.advanced_minor,
            disputed_minor=invoice.disputed_minor + taken.disputed_minor,
            reductions=tuple(cuts),
        )
    )


def _repost(book: Book, taken: Allocated, today: date) -> None:
    """Post a charge again, as its next revision, because the payment that undid it bounced (R4.9)."""
    invoice = book.find(taken.invoice_id)
    if invoice is None or taken.charge_id is None:
        return
    base = REVISION.sub("", taken.charge_id)
    revision = sum(c.id == base or c.id.startswith(f"{base}:r") for c in invoice.charges)
    old = next(c for c in invoice.charges if c.id == taken.charge_id)
    identity = f"{base}:r{revision}"
    charge = Charge(
        identity, old.stage, old.kind, old.posted_on, taken.amount_minor, taken.amount_minor,
        old.capped_by, basis=old.basis,
    )  # fmt: skip
    book.put_charge(invoice, charge)
    book.enter(
        Entry(
            "charge", today, today, invoice.currency, taken.amount_minor, identity, invoice.id,
            identity, "payment_reversed",
        )  # fmt: skip
    )
    book.effects.append(
        ChargePosted(
            today, book.account_id, identity, invoice.id, old.stage, old.kind, taken.amount_minor,
            invoice.currency, old.capped_by, old.basis,
        )  # fmt: skip
    )


def void_invoice(book: Book, fact: InvoiceVoided) -> None:
    """Cancel an invoice and its open charges; what was paid on it is unapplied cash (R7.4)."""
    invoice = book.find(fact.invoice_id)
    if invoice is None or invoice.voided:
        return
    returned = 0
    for money in list(book.money.values()):
        if money.kind != "payment":
            continue
        mine = [a for a in money.allocations if a.invoice_id == invoice.id and not a.charge_id]
        back = sum(a.amount_minor for a in mine)
        if back:
            kept = tuple(a for a in money.allocations if a not in mine)
            unapplied = money.unapplied_minor + back
            book.put_money(replace(money, allocations=kept, unapplied_minor=unapplied))
            returned += back
    cancelled = invoice.open_minor + invoice.open_charges_minor + returned
    charges = tuple(
        replace(c, open_minor=0, waived_minor=c.waived_minor + c.open_minor)
        for c in invoice.charges
    )
    book.unsettle(invoice.id)
    book.put(
        replace(
            invoice, open_minor=0, advanced_minor=0, disputed_minor=0, owed=(), charges=charges,
            voided=True,
        )  # fmt: skip
    )
    if cancelled:
        book.enter(
            Entry(
                "void", fact.on, fact.on, invoice.currency, cancelled, f"{invoice.id}:void",
                invoice.id,
            )  # fmt: skip
        )


def write_off_invoice(book: Book, fact: InvoiceWrittenOff) -> None:
    """Give up the open principal of an invoice, with a reason (R7.5)."""
    invoice = book.invoices.get(fact.invoice_id)
    if invoice is None or invoice.open_minor == 0:
        return
    amount = invoice.open_minor
    reduce_principal(book, invoice, amount, fact.on, "write_off")
    book.enter(
        Entry(
            "write_off", fact.on, fact.on, invoice.currency, amount,
            f"{invoice.id}:write_off:{fact.on}", invoice.id, reason=fact.reason,
        )  # fmt: skip
    )


def waive_charge(book: Book, fact: ChargeWaived) -> None:
    """Cancel what is open of a charge; it stays visible (R4.7)."""
    invoice = book.find(fact.invoice_id)
    if invoice is None:
        return
    for charge in invoice.charges:
        if charge.id == fact.charge_id and charge.open_minor:
            waived = charge.waived_minor + charge.open_minor
            book.put_charge(invoice, replace(charge, open_minor=0, waived_minor=waived))
            book.enter(
                Entry(
                    "waiver", fact.on, fact.on, invoice.currency, charge.open_minor,
                    f"{charge.id}:waiver", invoice.id, charge.id, fact.reason,
                )  # fmt: skip
            )
