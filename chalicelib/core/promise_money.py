"""Money that counts for promises to pay, and money that bounced (R6.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import Allocated, Money
from chalicelib.core.agreements import Promise
from chalicelib.core.book import Book
from chalicelib.core.money import add
from chalicelib.core.policy import Policy
from chalicelib.core.promise_ends import ask_approval, end_promise, put_promise

EXTERNAL = "external"  # the kind of money that another system says has come in (R7.6)


def count_for_promises(
    book: Book, allocated: tuple[Allocated, ...], money: Money, policy: Policy, today: date
) -> None:
    """Count money received for covered invoices and their charges towards promises (R6.6).

    By value date, and until the promise's last day: one that was broken stays broken. Money counts
    once: of promises that cover the same invoice, towards the earliest first, up to its amount; and
    not again where it is applied anew after an invoice was voided. Money that leaves nothing open
    of what a promise covers keeps it, whatever was promised.
    """
    if not book.promises or not allocated:
        return
    grace = policy.promises.grace_days
    left: dict[str, int] = {}
    for part in allocated:
        add(left, part.invoice_id, part.amount_minor)
    room = sum(left.values())
    if money.kind != EXTERNAL:
        counts = (dict(promise.counted).get(money.key, 0) for promise in book.promises)
        room = min(room, money.amount_minor - sum(counts))
    for promise in sorted(book.promises, key=_by_date):
        if promise.is_over or max(today, money.value_on) > promise.ends_on(grace):
            continue
        got = _take(left, promise, room)
        if not got:
            continue
        room -= got
        counted = dict(promise.counted)
        add(counted, money.key, got)
        received = promise.received_minor + got
        now = replace(promise, received_minor=received, counted=tuple(counted.items()))
        if received >= promise.amount_minor or promise.invoice_ids.isdisjoint(book.invoices):
            end_promise(book, replace(now, kept_on=today), today, "kept")
        else:
            put_promise(book, now)


def uncount_for_promises(book: Book, money: Money, policy: Policy, on: date) -> None:
    """Take a bounced payment out of the promises it counted for; one it kept is open again.

    One that needs approval is asked about again while it can still be approved.

    Unless other money that came by then for the same invoices keeps it. If its last day is past, the
    next decision finds it broken. What an ERP says went up again (R7.6) takes back what it said had
    gone down, until the promise's last day.
    """
    stated = money.kind == EXTERNAL
    left = money.amount_minor
    for promise in sorted(book.promises, key=_by_date, reverse=True):
        counted = dict(promise.counted)
        got = min(counted.get(money.key, 0), left)
        if not got or (stated and money.booked_on > promise.ends_on(policy.promises.grace_days)):
            continue
        left -= got
        add(counted, money.key, -got)
        kept = tuple((key, amount) for key, amount in counted.items() if amount)
        now = replace(promise, received_minor=promise.received_minor - got, counted=kept)
        if promise.kept_on is not None:
            now = now if stated else _count_others(book, now, money, policy)
            if now.received_minor < now.amount_minor:  # to be looked for again
                now = replace(now, kept_on=None, confirm_asked=False)
        put_promise(book, now)
        if now.needs_approval and not now.is_over and on <= now.ends_on(policy.promises.grace_days):
            ask_approval(book, now, policy, on)


def _count_others(book: Book, promise: Promise, bounced: Money, policy: Policy) -> Promise:
    """Count payments for a promise that another one had kept: they came after it was, or were left.

    Those towards invoices that the bounced one had paid: others may not be at hand.
    """
    names = {part.invoice_id for part in bounced.allocations} & promise.invoice_ids
    last = promise.ends_on(policy.promises.grace_days)
    own, received = dict(promise.counted), promise.received_minor
    for other in sorted(book.money.values(), key=lambda one: (one.booked_on, one.key)):
        in_time = (
            promise.made_on <= other.booked_on and max(other.booked_on, other.value_on) <= last
        )
        if other.kind != "payment" or other.key == bounced.key or other.bounced or not in_time:
            continue
        there = sum(part.amount_minor for part in other.allocations if part.invoice_id in names)
        taken = sum(dict(one.counted).get(other.key, 0) for one in book.promises)
        room = min(there - own.get(other.key, 0), other.amount_minor - taken)
        got = min(promise.amount_minor - received, room)
        if got > 0:
            add(own, other.key, got)
            received += got
    return replace(promise, received_minor=received, counted=tuple(own.items()))


def _take(left: dict[str, int], promise: Promise, room: int) -> int:
    """Take out of what is left of the money, per invoice, what counts for a promise: `room` at most."""
    wanted = min(promise.amount_minor - promise.received_minor, room)
    got = 0
    for name in sorted(left.keys() & promise.invoice_ids):
        part = min(left[name], wanted - got)
        left[name] -= part
        got += part
    return got


def _by_date(promise: Promise) -> tuple[bool, date, str]:
    """Return the order in which money counts: in force first, then the earliest date."""
    return (promise.needs_approval, promise.by, promise.id)
