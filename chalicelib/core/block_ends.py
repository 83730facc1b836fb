"""From when a block may be gone by time alone (R5.5): for explanations and for lists of blocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chalicelib.core.agreements import Plan
from chalicelib.core.blocks import INVOICE_MARKS
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.invoice import Invoice
from chalicelib.core.plans import missed_on
from chalicelib.core.policy import Policy


def free_from(book: Book, policy: Policy, today: date, invoice: Invoice, block: str) -> date | None:
    """Return the first day on which a block may be gone from an invoice, if nothing is booked.

    None: only a fact ends it, such as a payment, an answer, or what a person decides. Of several of
    one code the last counts.
    """
    if block == "paused":
        return _after(
            span.until
            for span in book.pauses
            if span.invoice_id in (None, invoice.id) and today <= span.until
        )
    if block == "promised":
        grace = policy.promises.grace_days
        return _after(
            promise.ends_on(grace)
            for promise in book.promises
            if invoice.id in promise.invoice_ids and promise.is_in_force(today, grace)
        )
    if block == "in_plan":
        plans = (plan for plan in book.plans.values() if plan.is_active)
        ends = [breaks_on(plan, policy) for plan in plans if invoice.id in plan.invoice_ids]
        return _latest([*ends, *_marked(book, today, invoice, block)])
    if block == "placed" and any(
        one.is_with_agency and invoice.id in one.invoice_ids for one in book.placements.values()
    ):
        return None
    return _latest(_marked(book, today, invoice, block))


def next_due_on(plan: Plan) -> date | None:
    """Return the date of the first instalment of which anything is open, None: all are paid."""
    return min((part.due_on for part in plan.instalments if part.open_minor), default=None)


def breaks_on(plan: Plan, policy: Policy) -> date | None:
    """Return the day on which an active plan is broken if nothing is paid any more (R9.4).

    That is the day of the last miss that is allowed, or of its last instalment. None: each that is
    open was missed.
    """
    gone = sum(part.missed_on is not None for part in plan.instalments)
    days = sorted(
        day for part in plan.instalments if (day := missed_on(plan, part, policy)) is not None
    )
    more = max(policy.plans.max_missed - gone, 1)
    return days[min(more, len(days)) - 1] if days else None


def _marked(book: Book, today: date, invoice: Invoice, block: str) -> list[date | None]:
    """Return when each mark of a code ends that lies on an invoice; None: at no date."""
    found: list[date | None] = []
    for mark in book.marks:
        if mark.block != block or (mark.until is not None and mark.until < today):
            continue
        if block in INVOICE_MARKS:
            lies_on_it = not mark.invoice_ids or invoice.id in mark.invoice_ids
        else:
            lies_on_it = mark.currency in (None, invoice.currency)
        if lies_on_it:
            found.append(None if mark.until is None else mark.until + ONE_DAY)
    return found


def _after(lasts: Iterable[date]) -> date | None:
    last = max(lasts, default=None)
    return None if last is None else last + ONE_DAY


def _latest(ends: list[date | None]) -> date | None:
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None
