"""Statements of account: weekly and monthly, beside the stages; they charge nothing (R5.1).

`Account.statement_on` is the next day on which one is due, as the last decision saw it. It is due
on the first processing day from then on that the account is decided: whether there is something to
state is looked at again then. No other date of the account depends on it, nor it on them: neither
interval nor contact guard delays a statement (R5.3), and it is not on the wake list (R13.1).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from chalicelib.core.account import Notice
from chalicelib.core.blocks import BLOCKS
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY, SEARCH_DAYS_MAX, WEEKDAYS, Calendar
from chalicelib.core.effects import StatementCreated
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy

STATEMENT = "statement"
WEEKLY, MONTHLY = "weekly", "monthly"
NEVER = date.max  # only a fact may bring it
# Blocks of R5.5 that stop a statement: of the account, and those that leave an invoice out of it.
STOPS = tuple(code for code in ("legal_stop",) if BLOCKS[code].statement)
LEFT_OUT = tuple(code for code in ("placed", "not_delivered") if BLOCKS[code].statement)
_NOT_GONE = frozenset({"pending", "sending"})  # states of a notice that has not left (R11.3)
_TO_POST = "send_letter"  # the kind of task by which a person posts it (R11.2)


def create_statements(book: Book, policy: Policy, today: date) -> list[Notice]:
    """Create the statements that are due, on a processing day; return them, by currency (R5.1).

    One for each currency with anything to state. What fell due on days without a run is made up for
    once. A currency whose last statement has not left yet gets no other: that one is written from
    the account as it is when it leaves, and says the same (R11.1).
    """
    if not is_due(book, policy, today):
        return []
    currencies = {invoice.currency for invoice in stated(book, today)}
    wanted = sorted(currencies.difference(currencies_on_their_way(book)))
    return [_create(book, currency, today) for currency in wanted]


def next_statement_on(book: Book, policy: Policy, today: date) -> date | None:
    """Return the next day on which a statement is due, after today's decision (R5.1).

    One that was due and waits for a processing day keeps its day. None: only a fact brings one.
    """
    due_on, since = book.statement_on, today + ONE_DAY
    if due_on is not None and due_on <= today and not policy.calendar.is_processing_day(today):
        since = due_on
    days = []
    for kind in _kinds(policy):
        start = max(since, wanted_from(book, kind))
        if start != NEVER:
            days.append(_day_from(policy, kind, start))
    return min(days, default=None)


def stated(book: Book, today: date, currency: str | None = None) -> list[Invoice]:
    """Return the invoices that a statement of a day lists, oldest effective due date first, then id.

    All with open principal or charges, due or not, but those that are placed or were never
    delivered (R5.5).
    """
    free = free_from_of(book)
    listed = [
        invoice
        for invoice in book.invoices.values()
        if (invoice.open_minor or invoice.open_charges_minor)
        and free(invoice) <= today
        and currency in (None, invoice.currency)
    ]
    return sorted(listed, key=lambda invoice: (invoice.effective_due_on, invoice.id))


def wanted_from(book: Book, kind: str) -> date:
    """Return the first day on which there is something to state, `NEVER` if only a fact brings it.

    Weekly: an invoice is past due. Monthly: an invoice or a charge is open. What time alone changes
    goes one way: from this day on it stays so until a fact comes.
    """
    stopped_to = stopped_until(book)
    if stopped_to == NEVER:
        return NEVER
    free, first = free_from_of(book), NEVER
    for invoice in book.invoices.values():
        if invoice.open_minor or (kind == MONTHLY and invoice.open_charges_minor):
            day = free(invoice)
            if kind == WEEKLY:
                day = max(day, invoice.effective_due_on + ONE_DAY)
            first = min(first, day)
    return max(first, stopped_to)


def stopped_until(book: Book) -> date:
    """Return the day from which no legal stop stops statements; `NEVER`: only a fact ends it."""
    ends = [
        NEVER if mark.until is None else mark.until + ONE_DAY
        for mark in book.marks
        if mark.block in STOPS
    ]
    return max(ends, default=date.min)


def why_nothing(book: Book, today: date, currency: str) -> str:
    """Return why nothing is stated of a currency today, empty if something is (R5.5, R11.1).

    `legal_stop`; `placed` or `not_delivered`, where that keeps all that is open out; `paid`.
    """
    if today < stopped_until(book):
        return STOPS[0]
    if stated(book, today, currency):
        return ""
    for invoice in book.invoices.values():
        if invoice.currency == currency and (invoice.open_minor or invoice.open_charges_minor):
            return "not_delivered" if invoice.delivered_on is None else "placed"
    return "paid"


def has_statements(policy: Policy) -> bool:
    """Whether a policy sends statements at all."""
    return policy.statements.weekly is not None or bool(policy.statements.monthly)


def is_due(book: Book, policy: Policy, today: date) -> bool:
    """Whether a decision of today states what is open: its day has come, and there is a reason."""
    due_on = book.statement_on
    if due_on is None or today < due_on or not policy.calendar.is_processing_day(today):
        return False
    return any(
        _day_from(policy, kind, due_on) <= today and wanted_from(book, kind) <= today
        for kind in _kinds(policy)
    )


def _kinds(policy: Policy) -> Iterator[str]:
    if policy.statements.weekly is not None:
        yield WEEKLY
    if policy.statements.monthly:
        yield MONTHLY


def _day_from(policy: Policy, kind: str, day: date) -> date:
    """Return the first processing day from `day` on which statements of a kind go.

    A statement's day that is no processing day waits for the next one (R5.5).
    """
    start = _waits_since(policy.calendar, day)
    if kind == WEEKLY:
        weekday = WEEKDAYS.index(policy.statements.weekly or "")
        scheduled = start + timedelta(days=(weekday - start.weekday()) % 7)
    else:
        number = policy.statements.monthly
        scheduled = _in_month(start, number)
        if scheduled < start:
            scheduled = _in_month(start.replace(day=1) + timedelta(days=31), number)
    return policy.calendar.processing_day_from(scheduled)


def _waits_since(calendar: Calendar, day: date) -> date:
    """Return the first day of which what is due waits for a processing day from `day` on."""
    for _ in range(SEARCH_DAYS_MAX):
        if calendar.is_processing_day(day - ONE_DAY):
            break
        day -= ONE_DAY
    return day


def _in_month(day: date, number: int) -> date:
    """Return the day of a month with a number, its last day when it is shorter."""
    return day.replace(day=min(number, monthrange(day.year, day.month)[1]))


def free_from_of(book: Book) -> Callable[[Invoice], date]:
    """Return what says from when nothing keeps an invoice out of statements (R5.5).

    `NEVER`: only a fact brings it in.
    """
    everywhere, ends = date.min, dict[str, date]()
    for mark in book.marks:
        if mark.block not in LEFT_OUT:
            continue
        until = NEVER if mark.until is None else mark.until + ONE_DAY
        if not mark.invoice_ids:
            everywhere = max(everywhere, until)
        for name in mark.invoice_ids:
            ends[name] = max(until, ends.get(name, until))
    for placement in book.placements.values():
        if placement.is_with_agency:
            ends.update(dict.fromkeys(placement.invoice_ids, NEVER))

    def free(invoice: Invoice) -> date:
        if invoice.delivered_on is None:
            return NEVER
        return max(everywhere, ends.get(invoice.id, date.min))

    return free


def currencies_on_their_way(book: Book) -> tuple[str, ...]:
    """Return the currencies of which a statement waits to be sent, or for a person to post it."""
    found = {
        notice.currency
        for notice in book.notices.values()
        if notice.notice == STATEMENT
        and (notice.state in _NOT_GONE or f"{book.account_id}:{_TO_POST}:{notice.id}" in book.tasks)
    }
    return tuple(sorted(found))


def _create(book: Book, currency: str, today: date) -> Notice:
    listed = stated(book, today, currency)
    past_due = sum(invoice.open_minor for invoice in listed if invoice.is_past_due(today))
    charges = sum(invoice.open_charges_minor for invoice in listed)
    principal = sum(invoice.open_minor for invoice in listed)
    notice = Notice(
        id=f"{book.account_id}:{currency}:{STATEMENT}:{today}",
        created_on=today,
        currency=currency,
        notice=STATEMENT,
        stage="",
        invoice_ids=(),
        settled=(),
        past_due_minor=past_due + charges,
    )
    book.notices[notice.id] = notice
    book.count_notice(STATEMENT, "created")
    effect = StatementCreated(
        today, book.account_id, notice.id, currency, principal + charges, notice.past_due_minor
    )
    book.effects.append(effect)
    return notice
