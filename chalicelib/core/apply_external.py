"""What another system says of a ledger that mirrors its own: open amounts and attributes (R7.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import Allocated, Money
from chalicelib.core.book import Book
from chalicelib.core.calls import money_came
from chalicelib.core.effects import Entry
from chalicelib.core.facts import ExternalOpen, InvoiceCorrected
from chalicelib.core.final_interest import post_finals
from chalicelib.core.invoice import Charge, Invoice, Reduction
from chalicelib.core.policy import Policy
from chalicelib.core.principal import reduce_principal
from chalicelib.core.promise_money import count_for_promises, uncount_for_promises

UP, DOWN = "external", "external_decrease"  # the two kinds of entry (R7.5: "+ or - external")
STATED, ABSENT = "stated", "absent_from_statement"  # the reasons they are entered with


def state_open(book: Book, fact: ExternalOpen, policy: Policy) -> None:
    """Make what is open of an invoice, or of one charge, what was stated; enter the difference.

    A decrease counts as money received on that day, for promises (R6.6) and for the record of
    late payments (R8.1): in a mirror nothing else tells of payments. A voided invoice stays void.
    """
    invoice = book.find(fact.invoice_id)
    if invoice is None or invoice.voided:
        return
    if fact.charge_id:
        _state_charge(book, invoice, fact, policy)
        return
    moved = fact.open_minor - invoice.open_minor
    if moved == 0:
        return
    if moved < 0:
        advanced = min(-moved, invoice.advanced_minor)
        reduce_principal(book, invoice, -moved, fact.on, kind="payment", advanced_minor=advanced)
    else:
        book.unsettle(invoice.id)
        back = Reduction(fact.on, -moved)
        book.put(invoice.having(open_minor=fact.open_minor, reductions=(*invoice.reductions, back)))
    _enter(book, invoice, moved, fact)
    if moved < 0:
        post_finals(book, {invoice.id: invoice.undisputed_minor}, fact.on, policy, fact.on)
    _tell_promises(book, invoice, moved, fact.on, policy)


def correct_invoice(book: Book, fact: InvoiceCorrected) -> None:
    """Take over what the source now says of an invoice; an agreed due date stays (R5.9)."""
    invoice = book.find(fact.invoice_id)
    if invoice is None or invoice.voided:
        return
    changes: dict[str, object] = {
        name: value
        for name in ("due_on", "po_number", "issued_on", "amount_minor")
        if (value := getattr(fact, name)) is not None
    }
    if fact.digest:
        changes["digest"] = fact.digest
    corrected = invoice.having(**changes)
    if fact.due_on is None or invoice.extended_due_on is not None:
        book.put(corrected)
        return
    # What a delivery moved it by stays (R5.5).
    effective = invoice.effective_due_on + (fact.due_on - invoice.due_on)
    book.move_due_date(corrected.having(effective_due_on=effective))


def stated_most(charge: Charge) -> int:
    """Return the most that may be open of a charge: what was neither waived nor reversed."""
    return charge.amount_minor - charge.waived_minor - charge.reversed_minor


def _state_charge(book: Book, invoice: Invoice, fact: ExternalOpen, policy: Policy) -> None:
    charge = next((c for c in invoice.charges if c.id == fact.charge_id), None)
    if charge is None:
        return
    open_minor = min(fact.open_minor, stated_most(charge))
    moved = open_minor - charge.open_minor
    stated = charge.stated or not fact.is_absent
    if moved == 0 and stated == charge.stated:
        return
    book.put_charge(invoice, replace(charge, open_minor=open_minor, stated=stated))
    if moved:
        _enter(book, invoice, moved, fact)
        _tell_promises(book, invoice, moved, fact.on, policy)


def _enter(book: Book, invoice: Invoice, moved: int, fact: ExternalOpen) -> None:
    subject = fact.charge_id or invoice.id
    book.enter(
        Entry(
            UP if moved > 0 else DOWN,
            fact.on,
            fact.on,
            invoice.currency,
            abs(moved),
            f"{subject}:external:{fact.on}:{fact.open_minor}",
            invoice.id,
            fact.charge_id,
            ABSENT if fact.is_absent else STATED,
        )
    )


def _tell_promises(book: Book, invoice: Invoice, moved: int, on: date, policy: Policy) -> None:
    """A decrease counts towards promises as money does; an increase takes as much back (R6.6)."""
    amount = abs(moved)
    part = (Allocated(invoice.id, amount),)
    money = Money("", "external", on, on, invoice.currency, amount, 0, allocations=part)
    if moved < 0:
        money_came(book, on)
        count_for_promises(book, part, money, policy, on)
    else:
        uncount_for_promises(book, money, policy, on)
