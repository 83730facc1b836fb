"""How a promise to pay ends: stored, told, its tasks closed, and one day forgotten (R6.6)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.account import Task
from chalicelib.core.agreements import Promise
from chalicelib.core.book import Book
from chalicelib.core.effects import PromiseEnded
from chalicelib.core.money import add
from chalicelib.core.policy import Policy
from chalicelib.core.suspensions import remember_agreement, rest_of_promise

# How many of those that ended stay with the account; the others are counted (`past_promises`).
ENDED_MAX = 100


def end_promise(book: Book, promise: Promise, on: date, outcome: str) -> None:
    """Store a promise that ended, say so, and close what waited for it."""
    put_promise(book, promise)
    book.effects.append(
        PromiseEnded(
            on,
            book.account_id,
            promise.id,
            outcome,
            promise.amount_minor,
            promise.received_minor,
            promise.currency,
        )
    )
    book.close_task(confirm_task(book.account_id, promise.id), on, outcome)
    book.close_task(approval_task(book.account_id, promise.id), on, outcome)


def put_promise(book: Book, promise: Promise) -> None:
    """Store a promise in its place."""
    book.promises = tuple(promise if old.id == promise.id else old for old in book.promises)


def ask_approval(book: Book, promise: Promise, policy: Policy, on: date) -> None:
    """Open the task to approve a promise that needs it (R6.6)."""
    amount = policy.amount_in_words(promise.amount_minor, promise.currency)
    why = f"A promise to pay {amount} by {promise.by} needs approval: others were broken."
    due_on = policy.calendar.business_day_from(on)
    covered = tuple(sorted(promise.invoice_ids))
    task_id = approval_task(book.account_id, promise.id)
    task = Task(task_id, "review_account", due_on, why, "", covered, subject=promise.id)
    book.open_task(task, on)


def forget_oldest(book: Book, policy: Policy) -> None:
    """Forget what ended longest ago, beyond the latest 100; how it ended stays counted.

    Those that say whether the next promise needs approval are never forgotten, nor are the days on
    which the interest of what is still open rested (R4.3).
    """
    ended = sorted((p.ended_on or p.by, p.id) for p in book.promises if p.is_over)
    if len(ended) <= ENDED_MAX:
        return
    broken = sorted((p.broken_on, p.id) for p in book.promises if p.broken_on is not None)
    needed = broken[-policy.promises.max_broken :] if policy.promises.max_broken else []
    stay = {name for _, name in (*ended[-ENDED_MAX:], *needed)}
    past = {currency: dict(counts) for currency, counts in book.past_promises.items()}
    for promise in book.promises:
        if promise.is_over and promise.id not in stay and promise.withdrawn_on is None:
            counts = past.setdefault(promise.currency, {})
            add(counts, "broken" if promise.kept_on is None else "kept", 1)
        if promise.is_over and promise.id not in stay and policy.promises.waives_fees:
            rest = rest_of_promise(promise, policy.promises.grace_days, promise.by)
            remember_agreement(book, promise.invoice_ids, rest)
    book.past_promises = past
    book.promises = tuple(p for p in book.promises if not p.is_over or p.id in stay)


def confirm_task(account_id: str, promise_id: str) -> str:
    """Return the id of the task to look for the money of a promise."""
    return f"{account_id}:confirm_payment:{promise_id}"


def approval_task(account_id: str, promise_id: str) -> str:
    """Return the id of the task to approve a promise."""
    return f"{account_id}:review_account:promise:{promise_id}"
