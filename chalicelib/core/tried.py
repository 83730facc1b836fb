"""Who was tried in the open case, and over which channels, before others are asked to collect (R10.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from chalicelib.core.account import Notice
from chalicelib.core.book import Book
from chalicelib.core.letter_fates import fate_of

CALL_CHANNELS = frozenset({"call", "phone"})
PHONE, EMAIL, LETTER = "phone", "email", "letter"
OTHER = "other"  # a contact of which nobody said over which channel it went
PEOPLE_MAX = 20  # of a case whose ids are kept; the checklist asks for two
CHANNELS_MAX = 20  # of a case that are told apart; what goes over others counts as `OTHER`


def try_by_notice(book: Book, notice: Notice, state: str) -> None:
    """Count a stage notice that counts as sent as an attempt: by `email`, or `letter` when posted.

    Tried are those whom its attempts went to, and the sales owner who got a copy. Of a notice that
    went nowhere from here it is the account's own address. One of an earlier case does not count.
    """
    if not notice.stage:
        return
    people = {one.contact_id for one in notice.went_to if not one.is_copy} or {""}
    # An address that it was forwarded to and that did not take it stands there like a copy.
    copied = any(one.is_copy and fate_of(one) != "hard" for one in notice.went_to)
    channel = LETTER if state == "posted" else EMAIL
    _try(book, channel, notice.created_on, people=people, sales_owner=copied)


def take_back_notice(book: Book, notice: Notice) -> None:
    """Take back the attempt of a notice that had counted and came back after all (R11.4).

    So the count is the same whatever order the mail service's events came in. Whom it went to was
    tried, and stays so.
    """
    case = book.case
    if case is None or not notice.stage or notice.created_on < case.opened_on:
        return
    attempts = dict(case.tried.attempts)
    left = attempts.pop(EMAIL, 0) - 1
    if left > 0:
        attempts[EMAIL] = left
    book.case = replace(case, tried=replace(case.tried, attempts=attempts))


def try_on(book: Book, channel: str, on: date, contact_id: str = "") -> None:
    """Count a contact that left over a channel on a day; `contact_id` "": nobody said to whom.

    `call` and `phone` are one channel.
    """
    name = PHONE if channel in CALL_CHANNELS else channel or OTHER
    _try(book, name, on, people={contact_id} if contact_id else ())


def try_sales_owner(book: Book, on: date) -> None:
    """Remember that the account's sales owner was asked to help (R6.3)."""
    _try(book, None, on, sales_owner=True)


def _try(
    book: Book,
    channel: str | None,
    on: date,
    *,
    people: Iterable[str] = (),
    sales_owner: bool = False,
) -> None:
    case = book.case
    if case is None or on < case.opened_on:
        return
    tried = case.tried
    attempts = dict(tried.attempts)
    if channel is not None:
        if channel not in attempts and len(attempts) >= CHANNELS_MAX:
            channel = OTHER
        attempts[channel] = attempts.get(channel, 0) + 1
    new = sorted(set(people) - tried.people)[: PEOPLE_MAX - len(tried.people)]
    now = replace(
        tried,
        attempts=attempts,
        people=tried.people.union(new),
        sales_owner=tried.sales_owner or sales_owner,
    )
    book.case = replace(case, tried=now)
