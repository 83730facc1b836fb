"""Cases: what happens to an account until nothing is past due any more (R6.5, R6.4)."""

from __future__ import annotations

from datetime import date, timedelta

from chalicelib.core.account import Case
from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.calendar import Calendar
from chalicelib.core.case_thanks import owe_thanks, watch_case
from chalicelib.core.effects import CaseClosed, CaseOpened
from chalicelib.core.policy import Policy

FIRST_RUN_OF_MONTH = "first_run_of_month"
MONTH_DAYS_MAX = 31


def judge_case(book: Book, policy: Policy, found: Survey) -> None:
    """Open a case, or close the open one: one open case per account, never two (R6.5).

    It closes when nothing is past due; open charges alone do not keep it, as with holds (R8.3).
    """
    if book.case is not None:
        if not found.past_due:
            owe_thanks(book, policy)
            book.effects.append(CaseClosed(found.today, book.account_id, book.case.number))
            book.case = None
        return
    if _opens(book, policy, found):
        book.cases_opened += 1
        number = f"{book.account_id}-C{book.cases_opened}"
        book.case = Case(number, found.today)
        book.case_opened_on = found.today
        book.unreached_calls = 0
        watch_case(book, policy)
        book.effects.append(CaseOpened(found.today, book.account_id, number))


def next_case_day(book: Book, policy: Policy, today: date) -> date | None:
    """Return the next day on which time alone may open a case; None: only a stage or a fact does."""
    if policy.case.opens != FIRST_RUN_OF_MONTH or book.case is not None:
        return None
    run = first_run_of_month(policy.calendar, today)
    if run > today:
        return run
    next_month = today.replace(day=1) + timedelta(days=MONTH_DAYS_MAX)
    return first_run_of_month(policy.calendar, next_month)


def first_run_of_month(calendar: Calendar, day: date) -> date:
    """Return the first processing day of the month that a day lies in (R6.4)."""
    return calendar.processing_day_from(day.replace(day=1))


def _opens(book: Book, policy: Policy, found: Survey) -> bool:
    """Whether a case opens today: with a stage behind what is past due, or by the month (R6.5)."""
    if policy.case.opens == FIRST_RUN_OF_MONTH:
        return _month_opens(book, policy, found)
    return any(book.invoices[invoice.id].applied for invoice in found.past_due)


def _month_opens(book: Book, policy: Policy, found: Survey) -> bool:
    """Whether something that is past due was so on the month's first processing day (R6.4).

    Looked at on every later day of the month too, so that a missed run loses nothing. At most one
    case opens in a month: what a bounce re-opens after its case was closed waits for the next one.
    """
    today = found.today
    run = first_run_of_month(policy.calendar, today)
    last = book.case_opened_on
    if today < run or (last is not None and last >= today.replace(day=1)):
        return False
    return any(i.is_past_due(run) and i.seen_on <= run for i in found.past_due)
