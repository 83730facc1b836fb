"""Days on which an invoice's interest rests: plans, legal stops, promises that waive it (R4.3).

What is looked at lies with the account: promises, plans and imported blocks, in force or ended. Of
those that are kept no longer the days are (`Account.interest_rests`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from chalicelib.core.account import Account, InterestRest, Mark
from chalicelib.core.agreements import Plan, Promise
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy

Span = tuple[date, date]  # the first and the last day, both included

LEGAL_STOP, IN_PLAN = "legal_stop", "in_plan"  # the imported blocks that make interest rest
RESTS_MAX = 100  # of one account
REST_INVOICES_MAX = 5_000  # named by all of them together


def suspended(
    source: Account | Book,
    invoice_id: str,
    policy: Policy,
    through: date,
    as_of: date | None = None,
) -> tuple[Span, ...]:
    """Return the days through `through` on which an invoice's interest does not count (R4.3).

    In order, without overlaps, and none that touch. Days that have passed are told as they are
    known now: those of a promise that is broken count after all. `as_of`: the day on which it is
    asked, where that is later than `through`; a promise whose last day is past by then and that
    nobody judged yet is as good as broken.
    """
    if not (source.promises or source.plans or source.marks or source.interest_rests):
        return ()
    asked_on = max(through, as_of or through)
    return _union(_spans(source, invoice_id, policy, asked_on), through)


def _spans(
    source: Account | Book, invoice_id: str, policy: Policy, asked_on: date
) -> Iterator[Span]:
    """Yield every span of days that makes an invoice's interest rest, in no order."""
    for plan in source.plans.values():
        if invoice_id in plan.invoice_ids:
            yield from rest_of_plan(plan)
    if policy.promises.waives_fees:
        for promise in source.promises:
            if invoice_id in promise.invoice_ids:
                yield from rest_of_promise(promise, policy.promises.grace_days, asked_on)
    if not (source.marks or source.interest_rests):
        return
    invoice = source.invoices.get(invoice_id) or source.closed.get(invoice_id)
    of_marks = (rest for mark in source.marks for rest in rest_of_mark(mark))
    for rest in (*of_marks, *source.interest_rests):
        if _lies_on(rest, invoice_id, invoice.currency if invoice is not None else ""):
            yield rest.since, rest.through


def rests_today(book: Book, invoice: Invoice, today: date) -> bool:
    """Whether a plan covers an invoice, or a legal stop or a plan elsewhere lies on it, on a day."""
    return book.is_in_plan(invoice.id) or any(
        rest.since <= today <= rest.through and _lies_on(rest, invoice.id, invoice.currency)
        for mark in book.marks
        for rest in rest_of_mark(mark)
    )


def _lies_on(rest: InterestRest, invoice_id: str, currency: str) -> bool:
    if rest.currency and rest.currency != currency:
        return False
    return not rest.invoice_ids or invoice_id in rest.invoice_ids


def rest_of_plan(plan: Plan) -> Iterator[Span]:
    """Yield the days, if any, on which a plan makes the interest of what it covers rest (R9.4).

    From the day it began: while it is active to no end, completed through its end, cancelled or
    broken through the day before; none if it is broken and its terms say that interest is due.
    """
    since = plan.started_on
    if plan.is_active:
        yield since or plan.made_on, date.max
    elif since is None or plan.ended_on is None or (plan.state == "broken" and plan.interest_due):
        return
    elif plan.state == "completed":
        yield since, plan.ended_on
    elif since < plan.ended_on:
        yield since, plan.ended_on - ONE_DAY


def rest_of_promise(promise: Promise, grace_days: int, asked_on: date) -> Iterator[Span]:
    """Yield the days, if any, on which a promise that waives interest makes it rest (R6.6).

    From the day it was made, or approved: kept through that day, withdrawn through the day before,
    else through its last day; none if it was broken, or its last day is past on `asked_on`.
    """
    since = promise.approved_on or promise.made_on
    if promise.needs_approval or promise.broken_on is not None:
        return
    if promise.kept_on is not None:
        yield since, promise.kept_on
    elif promise.withdrawn_on is not None:
        if since < promise.withdrawn_on:
            yield since, promise.withdrawn_on - ONE_DAY
    elif asked_on <= promise.ends_on(grace_days):
        yield since, promise.ends_on(grace_days)


def rest_of_mark(mark: Mark) -> Iterator[InterestRest]:
    """Yield the days, if any, on which an imported block makes interest rest, and of what (R4.3).

    Through its last day, or to no end. A legal stop lies on the account or one of its currencies, a
    plan that is kept elsewhere on the invoices that it names, or on all (R5.5).
    """
    since, through = mark.since or date.min, mark.until or date.max
    if mark.block == LEGAL_STOP:
        yield InterestRest(since, through, currency=mark.currency)
    elif mark.block == IN_PLAN:
        yield InterestRest(since, through, mark.invoice_ids)


def remember_rest(book: Book, rest: InterestRest, through: date = date.max) -> None:
    """Keep the days of a rest, through a day at most, whose cause is kept no longer.

    Rests of the same invoices that touch become one. At most 100 of an account are kept, which name
    5,000 invoices together. Beyond that what names no live invoice goes; then the oldest two become
    one that covers both and the days between, and the one with the most names covers the account:
    so interest rests on days too many rather than too few.
    """
    rest = replace(rest, through=min(rest.through, through))
    if rest.through < rest.since:
        return
    kept = []
    for one in book.interest_rests:
        joined = _joined(one, rest)
        if joined is None:
            kept.append(one)
        else:
            rest = joined
    book.interest_rests = _bounded(book, sorted([*kept, rest], key=_order))


def remember_agreement(book: Book, invoice_ids: frozenset[str], spans: Iterable[Span]) -> None:
    """Keep the days on which a promise or plan that is forgotten made live invoices' interest rest."""
    live = invoice_ids & book.invoices.keys()
    for since, through in spans:
        if live:
            remember_rest(book, InterestRest(since, through, live))


def _union(spans: Iterable[Span], through: date) -> tuple[Span, ...]:
    """Return the days of all spans through a day, in order, as few spans as there can be."""
    found: list[Span] = []
    for since, last in sorted(spans):
        if since > through:
            break
        ends = min(last, through)
        if found and (since - found[-1][1]).days <= 1:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((since, ends))
    return tuple(found)


def _joined(one: InterestRest, other: InterestRest) -> InterestRest | None:
    """Return two rests as one that says exactly the same, None where there is no such one."""
    if one.currency != other.currency:
        return None
    if one.invoice_ids == other.invoice_ids:
        first, second = sorted((one, other), key=_order)
        if (second.since - first.through).days > 1:
            return None
        return replace(first, through=max(first.through, second.through))
    same_days = (one.since, one.through) == (other.since, other.through)
    if same_days and one.invoice_ids and other.invoice_ids:
        return replace(one, invoice_ids=one.invoice_ids | other.invoice_ids)
    return None


def _bounded(book: Book, rests: list[InterestRest]) -> tuple[InterestRest, ...]:
    if _fits(rests):
        return tuple(rests)
    live = book.invoices.keys()
    narrow = [replace(one, invoice_ids=one.invoice_ids & live) for one in rests]
    pairs = zip(rests, narrow, strict=True)
    rests = [now for one, now in pairs if now.invoice_ids or not one.invoice_ids]
    while len(rests) > RESTS_MAX:
        first, second, *others = rests
        names = first.invoice_ids | second.invoice_ids
        whole = not (first.invoice_ids and second.invoice_ids)
        currency = first.currency if first.currency == second.currency else None
        last = max(first.through, second.through)
        one = InterestRest(first.since, last, frozenset() if whole else names, currency)
        rests = [one, *others]
    while not _fits(rests):
        longest = max(rests, key=lambda one: len(one.invoice_ids))
        rests = [replace(o, invoice_ids=frozenset()) if o is longest else o for o in rests]
    return tuple(rests)


def _fits(rests: list[InterestRest]) -> bool:
    names = sum(len(one.invoice_ids) for one in rests)
    return len(rests) <= RESTS_MAX and names <= REST_INVOICES_MAX


def _order(rest: InterestRest) -> tuple[date, date, str, list[str]]:
    return (rest.since, rest.through, rest.currency or "", sorted(rest.invoice_ids))
