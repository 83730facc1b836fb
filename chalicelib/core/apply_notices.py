"""What the mail side says of a notice: it counts as sent, or was cancelled (R11.1, R11.3)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.account_letters import KINDS as LETTER_KINDS
from chalicelib.core.account_letters import forget_letter, note_reminder
from chalicelib.core.book import Book
from chalicelib.core.facts import NoticeCancelled, NoticeCounted, NoticeMoved
from chalicelib.core.plan_letters import owe_again


def count_notice(book: Book, fact: NoticeCounted) -> None:
    """A notice counts as sent: its announcements start to run (R4.8), and it is done here."""
    notice = book.notices.pop(fact.notice_id, None)
    if notice is None:
        return
    book.count_notice(notice.notice, "counted")
    note_reminder(book, notice)
    for name in notice.invoice_ids:
        invoice = book.find(name)
        if invoice is None or not invoice.announcements:
            continue
        said = tuple(
            replace(a, sent_on=fact.on) if a.notice_id == notice.id and a.sent_on is None else a
            for a in invoice.announcements
        )
        if said != invoice.announcements:
            book.put(invoice.having(announcements=said))


def move_notice(book: Book, fact: NoticeMoved) -> None:
    """Record what is known of a notice's send (R11.3); one that is done already stays done."""
    notice = book.notices.get(fact.notice_id)
    if notice is not None:
        book.notices[notice.id] = replace(
            notice,
            state=fact.state,
            attempt=fact.attempt or notice.attempt,
            lease_until=fact.lease_until,
            state_at=fact.at,
            message_id=fact.message_id or notice.message_id,
        )


def cancel_notice(book: Book, fact: NoticeCancelled) -> None:
    """A notice was cancelled: what it settled and is still open is owed again (R11.1)."""
    notice = book.notices.pop(fact.notice_id, None)
    if notice is None:
        return
    book.count_notice(notice.notice, "cancelled")
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
        owed = (*settled.get(name, ()), *invoice.owed) if invoice.open_minor else ()
        demand = invoice.final_demand
        if demand is not None and demand.noticed_on == notice.created_on:
            demand = None
        book.put(invoice.having(announcements=said, owed=owed, final_demand=demand))
