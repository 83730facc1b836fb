"""Booking facts about credit holds: placed and released by people, asked about, told of (R8)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.account import Task
from chalicelib.core.book import Book
from chalicelib.core.facts_holds import (
    HoldFact,
    HoldOverruled,
    HoldSet,
    HoldsReleasedUntil,
    NewsAdded,
    NewsMoved,
    ReleaseAnswered,
    ReleaseRequested,
)
from chalicelib.core.releases import ANSWERED_REQUESTS_MAX, release_task_id

UNDER_WAY = ("pending", "sending")


def book_hold_fact(book: Book, fact: HoldFact) -> None:
    """Book one fact about holds on a working copy. What is not there changes nothing."""
    match fact:
        case HoldSet():
            book.holds.setdefault(fact.hold.reason, fact.hold)
        case HoldOverruled():
            _overrule(book, fact)
        case HoldsReleasedUntil():
            for reason in fact.reasons:
                if reason in book.holds:
                    book.holds[reason] = replace(book.holds[reason], release=fact.release)
        case ReleaseRequested():
            _request(book, fact)
        case ReleaseAnswered():
            _answer(book, fact)
        case NewsAdded():
            book.credit_news = {**book.credit_news, fact.news.id: fact.news}
        case NewsMoved():
            _move_news(book, fact)


def _overrule(book: Book, fact: HoldOverruled) -> None:
    """Take a hold away, and the tasks that ask about it. A rule's waits until it was untrue once."""
    hold = book.holds.pop(fact.reason, None)
    if hold is None:
        return
    if hold.by == "rule":
        book.overruled_holds |= {fact.reason}
    for about in ("release", "hold"):
        task_id = f"{book.account_id}:review_account:{about}:{fact.reason}"
        book.close_task(task_id, fact.on, "decided")


def _request(book: Book, fact: ReleaseRequested) -> None:
    asked = fact.request
    if asked.id in book.release_requests:
        return
    book.release_requests = {**book.release_requests, asked.id: asked}
    task_id = release_task_id(book.account_id, asked.id)
    task = Task(task_id, "approve_release", fact.due_on, fact.why, asked.assignee)
    book.open_task(task, fact.on)


def _answer(book: Book, fact: ReleaseAnswered) -> None:
    """Keep the answer, and close its task. Of the answered ones the latest stay with the account."""
    answered = fact.request
    there = book.release_requests.get(answered.id)
    if there is None or there.state != "open":
        return
    requests = {**book.release_requests, answered.id: answered}
    done = sorted(
        (one for one in requests.values() if one.state != "open"),
        key=lambda one: (one.answered_at or one.asked_at, one.id),
    )
    for old in done[:-ANSWERED_REQUESTS_MAX]:
        del requests[old.id]
    book.release_requests = requests
    book.close_task(release_task_id(book.account_id, answered.id), fact.on, "answered")


def _move_news(book: Book, fact: NewsMoved) -> None:
    there = book.credit_news.get(fact.news_id)
    if there is None:
        return
    news = {name: one for name, one in book.credit_news.items() if name != fact.news_id}
    if fact.state in UNDER_WAY:
        news[fact.news_id] = replace(
            there, state=fact.state, attempt=fact.attempt, lease_until=fact.lease_until
        )
    book.credit_news = news
