"""Blocks: every reason why something is not dunned now, in one table (R5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from chalicelib.core.book import Book
from chalicelib.core.invoice import Invoice
from chalicelib.core.money import add
from chalicelib.core.policy import Policy


@dataclass(frozen=True, slots=True)
class BlockRule:
    """One row of R5.5: what a block stops, and how it is said to a person."""

    sentence: str
    stage: bool = True
    notice: bool = True
    statement: bool = False
    hold: bool = True
    placement: bool = True


BLOCKS = {
    "disputed": BlockRule("The customer disputes it."),
    "in_plan": BlockRule("It is covered by a payment plan."),
    "promised": BlockRule("The customer promised to pay it."),
    "paused": BlockRule("Dunning is paused."),
    "placed": BlockRule("It is with an external agency.", statement=True),
    "not_delivered": BlockRule("It was never sent to the customer.", statement=True),
    "cash_covers": BlockRule("Unapplied cash covers what is past due."),
    "below_minimum": BlockRule("What is past due is below the policy's minimum."),
    "currency_not_in_policy": BlockRule("The policy does not list its currency."),
    "reply_waiting": BlockRule("A reply of the customer waits to be answered.", hold=False),
    "allocating": BlockRule("A payment is still being allocated.", hold=False),
    "legal_stop": BlockRule("A legal stop is in force.", statement=True, hold=False),
    "contact_guard": BlockRule(
        "The customer was contacted often enough for now.",
        stage=False, notice=False, hold=False, placement=False,
    ),
    "not_a_processing_day": BlockRule("It waits for the next processing day.", hold=False),
}  # fmt: skip
INVOICE_MARKS = frozenset({"in_plan", "placed"})  # the other imported blocks lie on the account
NONE: tuple[str, ...] = ()


@dataclass(slots=True)
class Survey:
    """What stands in the way today, and what is demandable (R3.6). Amounts in minor units.

    `own`: the blocks of invoices by themselves; `account` and `currency`: those that lie on the
    account or one of its currencies. Taken once a day, after the bookings (R5.10). `demandable` is
    the total of R3.6 per currency; the day's charges are added as they are posted.
    """

    today: date
    past_due: list[Invoice] = field(default_factory=list)
    own: dict[str, tuple[str, ...]] = field(default_factory=dict)
    account: tuple[str, ...] = NONE
    currency: dict[str, tuple[str, ...]] = field(default_factory=dict)
    demandable: dict[str, int] = field(default_factory=dict)

    def on(self, invoice: Invoice) -> tuple[str, ...]:
        """Return every block in force on an invoice, all at once."""
        if not (self.own or self.account or self.currency):
            return NONE
        return (
            *self.own.get(invoice.id, NONE),
            *self.account,
            *self.currency.get(invoice.currency, NONE),
        )

    def reported(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return each past-due invoice that is blocked, with all its blocks (R5.5)."""
        if not (self.own or self.account or self.currency):
            return ()
        here = ((invoice.id, self.on(invoice)) for invoice in self.past_due)
        return tuple((name, blocks) for name, blocks in here if blocks)

    def is_demandable(self, invoice: Invoice) -> bool:
        """Whether a past-due invoice has undisputed open principal and no block of its own (R3.6)."""
        return invoice.undisputed_minor > 0 and invoice.id not in self.own


def survey(book: Book, policy: Policy, today: date) -> Survey:
    """Return today's blocks and past-due invoices (oldest effective due date first, then id).

    The demandable total is the undisputed open principal of past-due invoices without a block of
    their own, plus all open charges of the account but those of invoices that have one (R3.6).
    """
    found = Survey(today)
    covered = _covered(book, policy, today)
    asked = found.demandable
    for invoice in book.invoices.values():
        own = covered.get(invoice.id, NONE) if covered else NONE
        if invoice.delivered_on is None:
            own = (*own, "not_delivered")
        if invoice.disputed_minor and invoice.disputed_minor >= invoice.open_minor:
            own = ("disputed", *own)
        amount = 0
        if invoice.open_minor and today > invoice.effective_due_on:
            found.past_due.append(invoice)
            amount = invoice.open_minor - invoice.disputed_minor
        if invoice.charges:
            amount += invoice.open_charges_minor
        if own:
            found.own[invoice.id] = own
            amount = 0
        asked[invoice.currency] = asked.get(invoice.currency, 0) + amount
    found.past_due.sort(key=_by_age)
    found.account = marked(book, None, today)
    found.currency = _currency_blocks(book, policy, found)
    return found


def _by_age(invoice: Invoice) -> tuple[date, str]:
    return (invoice.effective_due_on, invoice.id)


def _covered(book: Book, policy: Policy, today: date) -> dict[str, tuple[str, ...]]:
    """Return the blocks that pauses, promises, plans and imported marks put on single invoices.

    A pause of the account pauses each of its invoices (R3.6, R5.5).
    """
    covered: dict[str, tuple[str, ...]] = {}
    for block, names in coverings(book, policy, today):
        for name in names:
            if block not in covered.get(name, NONE):
                covered[name] = (*covered.get(name, NONE), block)
    return covered


def coverings(book: Book, policy: Policy, today: date) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield each block that covers single invoices today, with their ids."""
    for mark in book.marks:
        if mark.block in INVOICE_MARKS and _in_force(mark.until, today):
            yield mark.block, mark.invoice_ids or book.invoices
    yield from _agreed(book)
    for promise in book.promises:
        if promise.is_in_force(today, policy.promises.grace_days):
            yield "promised", promise.invoice_ids
    for span in book.pauses:
        if today <= span.until:
            yield "paused", book.invoices if span.invoice_id is None else (span.invoice_id,)


def _agreed(book: Book) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield what plans and placements cover; they are judged before the blocks are taken."""
    for plan in book.plans.values():
        if plan.is_active:
            yield "in_plan", plan.invoice_ids
    for placement in book.placements.values():
        if placement.is_with_agency:
            yield "placed", placement.invoice_ids


def _in_force(until: date | None, today: date) -> bool:
    return until is None or today <= until


def marked(book: Book, currency: str | None, today: date) -> tuple[str, ...]:
    """Return the imported blocks on the account (None) or on one of its currencies."""
    if not book.marks:
        return NONE
    found = (
        mark.block
        for mark in book.marks
        if mark.block not in INVOICE_MARKS
        and mark.currency == currency
        and _in_force(mark.until, today)
    )
    return tuple(dict.fromkeys(found))


def _currency_blocks(book: Book, policy: Policy, found: Survey) -> dict[str, tuple[str, ...]]:
    blocks: dict[str, tuple[str, ...]] = {}
    for currency in found.demandable:
        here = list(marked(book, currency, found.today))
        if currency not in policy.digits:
            here.append("currency_not_in_policy")
        here.extend(money_blocks(book, policy, found, currency))
        if here:
            blocks[currency] = tuple(here)
    return blocks


def money_blocks(book: Book, policy: Policy, found: Survey, currency: str) -> list[str]:
    """Return which of `below_minimum` and `cash_covers` lie on a currency (R5.5, R5.8)."""
    asked = found.demandable[currency]
    blocks = []
    if 0 < asked < policy.dunning.minimum_past_due.get(currency, 0):
        blocks.append("below_minimum")
    if 0 < asked <= book.unapplied.get(currency, 0):
        blocks.append("cash_covers")
    return blocks


def past_due_totals(book: Book, found: Survey) -> dict[str, int]:
    """Return the past-due total per currency: open principal past due plus open charges (R3.2)."""
    totals: dict[str, int] = {}
    for invoice in found.past_due:
        add(totals, invoice.currency, invoice.open_minor)
    for invoice in book.invoices.values():
        if invoice.charges and invoice.open_charges_minor:
            add(totals, invoice.currency, invoice.open_charges_minor)
    return totals
