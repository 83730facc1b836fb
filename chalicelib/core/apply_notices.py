"""What the mail side says of a notice: it counts as sent, or was cancelled (R11.1, R11.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import Notice
from chalicelib.core.account_letters import KINDS as LETTER_KINDS
from chalicelib.core.account_letters import forget_letter
from chalicelib.core.book import Book
from chalicelib.core.case_thanks import note_reminder
from chalicelib.core.facts import NoticeCancelled, NoticeCounted, NoticeMoved
from chalicelib.core.letter_fates import as_told
from chalicelib.core.plan_letters import owe_again
from chalicelib.core.tried import try_by_notice

LETTERS_MAX = 10  # of a case, whose ids are kept
NOT_OF_A_CASE = frozenset({"statement"})  # they have a thread of their own


def count_notice(book: Book, fact: NoticeCounted) -> None:
    """A notice counts as sent: its announcements start to run (R4.8), and it is done here.

    One that had failed by then was posted by a person (R11.2).
    """
    notice = book.notices.get(fact.notice_id)
    if notice is not None:
        end_as_sent(book, notice, "posted" if notice.state == "failed" else "counted", fact.on)


def end_as_sent(book: Book, notice: Notice, state: str, on: date) -> None:
    """Let a live notice count as sent from a day: it was `counted`, or `posted` by a person."""
    book.end_notice(notice, state)
    note_reminder(book, notice)
    try_by_notice(book, notice, state)
    date_said(book, notice, on)


def date_said(book: Book, notice: Notice, on: date | None) -> None:
    """Say since when what a notice announced (R4.8) and demanded for the last time (R10.1) is said.

    None: it does not count any more.
    """
    for name in notice.invoice_ids:
        invoice = book.find(name)
        if invoice is None or not (invoice.announcements or invoice.final_notices):
            continue
        said = tuple(
            replace(a, sent_on=on) if a.notice_id == notice.id else a for a in invoice.announcements
        )
        final = tuple(
            replace(one, sent_on=on) if one.notice_id == notice.id else one
            for one in invoice.final_notices
        )
        if (said, final) != (invoice.announcements, invoice.final_notices):
            book.put(invoice.having(announcements=said, final_notices=final))


def move_notice(book: Book, fact: NoticeMoved) -> None:
    """Record what is known of a notice's send (R11.3); one that is done already stays done."""
    notice = book.notices.get(fact.notice_id)
    if notice is None:
        return
    others = tuple(one for one in notice.went_to if one.attempt != fact.attempt)
    moved = replace(
        notice,
        state=fact.state,
        attempt=notice.attempt if fact.attempt is None else fact.attempt,
        lease_until=fact.lease_until,
        state_at=fact.at,
        message_id="" if fact.state == "sending" else fact.message_id or notice.message_id,
        # The number of an attempt that was throttled is used again.
        went_to=(*others, *fact.went_to) if fact.went_to else notice.went_to,
    )
    book.notices[notice.id] = as_told(moved)
    remember_letter(book, moved)


def remember_letter(book: Book, notice: Notice) -> None:
    """Keep the id of a letter that left with the open case, for those that follow (R11.5)."""
    case = book.case
    if case is None or not notice.message_id or notice.notice in NOT_OF_A_CASE:
        return
    if notice.message_id not in case.letters:
        letters = (*case.letters, notice.message_id)[-LETTERS_MAX:]
        book.case = replace(case, letters=letters)


def cancel_notice(book: Book, fact: NoticeCancelled) -> None:
    """A notice was cancelled: what it settled and is still open is owed again (R11.1)."""
    notice = book.notices.get(fact.notice_id)
    if notice is None:
        return
    book.end_notice(notice, "cancelled")
    if notice.plan_id:
        owe_again(book, notice)
        return
    if notice.notice in LETTER_KINDS:
        forget_letter(book, notice, fact.on)
        return
    settled = dict(notice.settled)
    for name in notice.invoice_ids:
        invoice = book.find(name)
        if invoice is None:
            continue
        said = tuple(a for a in invoice.announcements if a.notice_id != notice.id)
        final = tuple(one for one in invoice.final_notices if one.notice_id != notice.id)
        owed = (*settled.get(name, ()), *invoice.owed) if invoice.open_minor else ()
        demand = invoice.final_demand
        if demand is not None and demand.noticed_on == notice.created_on:
            demand = None
        book.put(
            invoice.having(announcements=said, final_notices=final, owed=owed, final_demand=demand)
        )
