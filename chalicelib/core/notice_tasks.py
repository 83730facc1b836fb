"""Tasks about letters that end by themselves: nothing is left to ask for (R11.1, R11.2)."""

from __future__ import annotations

from datetime import date

from chalicelib.core.account import Notice
from chalicelib.core.account_letters import KINDS as LETTER_KINDS
from chalicelib.core.account_letters import why_moot as why_letter_moot
from chalicelib.core.addressees import STATEMENT
from chalicelib.core.apply_notices import cancel_notice
from chalicelib.core.book import Book
from chalicelib.core.facts import NoticeCancelled
from chalicelib.core.notices import LOOKED_INTO
from chalicelib.core.plan_letters import why_moot


def close_moot_notices(book: Book, today: date) -> None:
    """Cancel the notices that people were to post or look into, and that ask for nothing any more.

    What they listed was paid, or the plan, promise or hold they tell of has moved on. Their tasks
    are closed with them. A letter that is still under way is cancelled just before it is sent.
    """
    for notice in list(book.notices.values()):
        if notice.state != "failed" or not _is_moot(book, notice, today):
            continue
        cancel_notice(book, NoticeCancelled(today, notice.id))
        for kind in LOOKED_INTO:
            book.close_task(f"{book.account_id}:{kind}:{notice.id}", today, "nothing_to_ask")


def _is_moot(book: Book, notice: Notice, today: date) -> bool:
    if notice.plan_id:
        plan = book.plans.get(notice.plan_id)
        return plan is None or bool(why_moot(book, plan, notice.notice))
    if notice.notice in LETTER_KINDS:
        return bool(why_letter_moot(book, notice, today))
    if notice.notice == STATEMENT:
        return all(one.currency != notice.currency for one in book.invoices.values())
    return all(name not in book.invoices for name in notice.invoice_ids)
