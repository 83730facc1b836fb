"""Promises to pay: made, kept by money that comes in, and undone when it bounces (R6.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import Allocated, Money
from chalicelib.core.agreements import Promise
from chalicelib.core.book import Book
from chalicelib.core.facts import PromiseMade
from chalicelib.core.facts_collections import PromiseApproved, PromiseWithdrawn
from chalicelib.core.policy import Policy


def make_promise(book: Book, fact: PromiseMade, policy: Policy) -> None:
    """A promise covers the invoices it names, or all that is past due in its currency (R6.6).

    After `max_broken` broken ones in the window the next needs approval, and blocks nothing.
    """
    names = frozenset(fact.invoice_ids) or frozenset(
        invoice.id
        for invoice in book.invoices.values()
        if invoice.currency == fact.currency and invoice.is_past_due(fact.on)
    )
    promise = Promise(
        fact.on,
        fact.currency,
        fact.amount_minor,
        fact.by,
        names,
        needs_approval=_broke_too_many(book, fact.on, policy),
        id=_next_id(book, fact.on),
        made_by=fact.made_by,
    )
    book.promises = tuple(sorted((*book.promises, promise), key=lambda one: one.id))


def _next_id(book: Book, made_on: date) -> str:
    """Return the id of one more promise of a day."""
    count = sum(promise.made_on == made_on for promise in book.promises)
    return f"ptp_{made_on}_{count + 1:02d}"


def withdraw_promise(book: Book, fact: PromiseWithdrawn) -> None:
    """Take a promise back: it blocks nothing any more (R6.6)."""


def approve_promise(book: Book, fact: PromiseApproved) -> None:
    """Let a promise that needed approval block its invoices (R6.6)."""


def judge_promises(book: Book, policy: Policy, today: date) -> None:
    """Record the promises that are broken today (R6.6)."""


def _broke_too_many(book: Book, today: date, policy: Policy) -> bool:
    rules = policy.promises
    if rules.max_broken is None:
        return False
    broken = [promise.breaks_on(rules.grace_days) for promise in book.promises]
    recent = [
        day
        for day in broken
        if day is not None
        and day <= today
        and (rules.broken_window_days is None or (today - day).days <= rules.broken_window_days)
    ]
    return len(recent) >= rules.max_broken


def count_for_promises(
    book: Book, allocated: tuple[Allocated, ...], money: Money, policy: Policy, today: date
) -> None:
    """Count money received for covered invoices and their charges towards promises (R6.6).

    By value date, and while the promise is in force: one that was broken stays broken.
    """
    if not book.promises or not allocated:
        return
    grace = policy.promises.grace_days
    counted: list[Promise] = []
    for promise in book.promises:
        in_time = money.value_on <= promise.ends_on(grace)
        if in_time and promise.is_in_force(today, grace):
            got = sum(a.amount_minor for a in allocated if a.invoice_id in promise.invoice_ids)
            received = promise.received_minor + got
            kept = today if received >= promise.amount_minor else None
            counted.append(replace(promise, received_minor=received, kept_on=kept))
        else:
            counted.append(promise)
    book.promises = tuple(counted)


def uncount_for_promises(book: Book, money: Money, policy: Policy) -> None:
    """Take a bounced payment out of the promises it counted for; one it kept is open again."""
    grace = policy.promises.grace_days
    counted: list[Promise] = []
    for promise in book.promises:
        last = promise.ends_on(grace)
        if promise.made_on <= money.booked_on <= last and money.value_on <= last:
            names = promise.invoice_ids
            got = sum(a.amount_minor for a in money.allocations if a.invoice_id in names)
            received = max(promise.received_minor - got, 0)
            kept = promise.kept_on if received >= promise.amount_minor else None
            counted.append(replace(promise, received_minor=received, kept_on=kept))
        else:
            counted.append(promise)
    book.promises = tuple(counted)


def ask_confirmations(book: Book, policy: Policy, today: date) -> None:
    """On the date of a promise in force, ask somebody to look for the money, once (R6.6)."""
