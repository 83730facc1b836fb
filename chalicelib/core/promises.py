"""Promises to pay: made, withdrawn, approved, broken, and looked after on their date (R6.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.core.account import Account, Task
from chalicelib.core.agreements import Promise
from chalicelib.core.assignees import collector_for
from chalicelib.core.book import Book
from chalicelib.core.facts import PromiseMade
from chalicelib.core.facts_collections import PromiseApproved, PromiseWithdrawn
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy
from chalicelib.core.promise_ends import (
    approval_task,
    ask_approval,
    confirm_task,
    end_promise,
    forget_oldest,
    put_promise,
)

NOTHING_OPEN = "nothing_open"
NOT_APPROVED = "not_approved"


def make_promise(book: Book, fact: PromiseMade, policy: Policy) -> None:
    """A promise covers the open invoices it names, or all past due in its currency (R6.6).

    After `max_broken` broken ones in the window the next needs approval, and blocks nothing.
    """
    named = frozenset(fact.invoice_ids)
    found = (book.invoices[name] for name in named & book.invoices.keys())
    if not named:
        found = (one for one in promisable(book) if one.is_past_due(fact.on))
    names = frozenset(one.id for one in found if one.currency == fact.currency)
    promise = Promise(
        fact.on,
        fact.currency,
        fact.amount_minor,
        fact.by,
        names,
        needs_approval=broke_too_many(book.promises, fact.on, policy),
        id=next_promise_id(book.promises, fact.on),
        made_by=fact.made_by,
        letters_owed=("promise_made",) if policy.letters.promise else (),
    )
    forget_oldest(book, policy)
    book.promises = _in_order((*book.promises, promise))
    if promise.needs_approval:
        ask_approval(book, promise, policy, fact.on)


def promisable(source: Account | Book) -> Iterator[Invoice]:
    """Return the open invoices that no active payment plan covers: its money is the plan's (R9.4)."""
    planned = {
        name for plan in source.plans.values() if plan.is_active for name in plan.invoice_ids
    }
    return (one for one in source.invoices.values() if one.id not in planned)


def withdraw_promise(book: Book, fact: PromiseWithdrawn, policy: Policy) -> None:
    """Take a promise back: it blocks nothing any more. After its last day it is broken (R6.6)."""
    promise = _open_promise(book, fact.promise_id)
    if promise is not None and fact.on <= promise.ends_on(policy.promises.grace_days):
        end_promise(book, replace(promise, withdrawn_on=fact.on), fact.on, "withdrawn")


def approve_promise(book: Book, fact: PromiseApproved, policy: Policy) -> None:
    """Let a promise that needed approval block its invoices, unless its last day is past (R6.6)."""
    promise = _open_promise(book, fact.promise_id)
    if promise is None or fact.on > promise.ends_on(policy.promises.grace_days):
        return
    if promise.needs_approval:
        put_promise(book, replace(promise, needs_approval=False, approved_on=fact.on))
        book.close_task(approval_task(book.account_id, promise.id), fact.on, "approved")


def judge_promises(book: Book, policy: Policy, today: date) -> None:
    """Record the promises that ended by today (R6.6).

    The day after its last one, a promise is broken, and a call falls due at once while anything of
    what it covers is open; one that nobody approved has lapsed. Before that, when nothing is open
    of what it covers any more, it is kept if money came in for it, else over without an outcome:
    who owes nothing has broken nothing. What was over before the account's first decision is
    history: it counts, and has no effect and no call (R5.7, R5.10).
    """
    for promise in book.promises:
        if promise.is_over:
            continue
        last = promise.ends_on(policy.promises.grace_days)
        owes = not promise.invoice_ids.isdisjoint(book.invoices)
        if today > last and promise.invoice_ids:
            _break(book, promise, policy, today, owes=owes)
        elif owes:
            continue
        elif promise.received_minor:
            end_promise(book, replace(promise, kept_on=today), today, "kept")
        else:
            _end_owing_nothing(book, promise, policy, today)


def _end_owing_nothing(book: Book, promise: Promise, policy: Policy, today: date) -> None:
    """End a promise of which nothing is open and nothing came in: it has no outcome."""
    after = promise.ends_on(policy.promises.grace_days) + timedelta(days=1)
    if book.first_decided_on is None and after < today and not promise.needs_approval:
        put_promise(book, replace(promise, withdrawn_on=after, ended_because=NOTHING_OPEN))
        return
    ended = replace(promise, withdrawn_on=today, ended_because=NOTHING_OPEN)
    end_promise(book, ended, today, NOTHING_OPEN)


def _break(book: Book, promise: Promise, policy: Policy, today: date, *, owes: bool) -> None:
    """End a promise whose last day is past: broken, or never approved."""
    broken_on = promise.ends_on(policy.promises.grace_days) + timedelta(days=1)
    if promise.needs_approval:
        ended = replace(promise, withdrawn_on=broken_on, ended_because=NOT_APPROVED)
        end_promise(book, ended, today, NOT_APPROVED)
        return
    ended = replace(promise, broken_on=broken_on)
    if book.first_decided_on is None and broken_on < today:
        put_promise(book, ended)
        return
    end_promise(book, ended, today, "broken")
    if owes:
        amount = policy.amount_in_words(promise.amount_minor, promise.currency)
        book.calls_wanted.append(f"The promise to pay {amount} by {promise.by} was broken.")


def broke_too_many(promises: Iterable[Promise], today: date, policy: Policy) -> bool:
    """Return whether one more promise needs approval: `max_broken` were broken in the window."""
    rules = policy.promises
    if rules.max_broken is None:
        return False
    broken = (promise.breaks_on(rules.grace_days) for promise in promises)
    recent = [
        day
        for day in broken
        if day is not None
        and day <= today
        and (rules.broken_window_days is None or (today - day).days <= rules.broken_window_days)
    ]
    return len(recent) >= rules.max_broken


def ask_confirmations(book: Book, policy: Policy, today: date) -> None:
    """On the date of a promise in force, ask somebody to look for the money, once (R6.6)."""
    for promise in book.promises:
        in_force = promise.is_in_force(today, policy.promises.grace_days)
        if not in_force or promise.confirm_asked or today < promise.by:
            continue
        put_promise(book, replace(promise, confirm_asked=True))
        amount = policy.amount_in_words(promise.amount_minor, promise.currency)
        why = f"{amount} was promised by {promise.by}: has it come in?"
        task = Task(
            confirm_task(book.account_id, promise.id),
            "confirm_payment",
            policy.calendar.business_day_from(today),
            why,
            collector_for(book, policy, today),
            tuple(sorted(promise.invoice_ids)),
            subject=promise.id,
        )
        book.open_task(task, today)


def next_promise_id(promises: Iterable[Promise], made_on: date) -> str:
    """Return the id of one more promise of a day: `ptp_2026-11-22_01`. None is used again."""
    numbers = (p.id.rpartition("_")[2] for p in promises if p.made_on == made_on)
    return f"ptp_{made_on}_{max((int(n) for n in numbers if n), default=0) + 1:02d}"


def _open_promise(book: Book, promise_id: str) -> Promise | None:
    """Return a promise that has not ended, None when there is none of this id."""
    found = (p for p in book.promises if p.id == promise_id and not p.is_over)
    return next(found, None)


def _in_order(promises: Iterable[Promise]) -> tuple[Promise, ...]:
    """Return promises as the store reads them back: by id."""
    return tuple(sorted(promises, key=lambda one: one.id))
