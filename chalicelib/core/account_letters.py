"""Letters about promises, credit holds and paid cases, where a policy wants them (`[letters]`).

Like those about plans (`plan_letters`) they are no stage notices: no interval and no contact guard
delays them, they delay none, and they announce nothing. They wait for a business day, and for the
end of a legal stop, under which nobody is written to. What is no longer so when its day comes is
not written about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from chalicelib.core.account import CreditTold, Notice
from chalicelib.core.agreements import Promise
from chalicelib.core.blocks import Survey
from chalicelib.core.book import Book
from chalicelib.core.holds import OPEN, status_of
from chalicelib.core.money import Amounts
from chalicelib.core.plan_letters import COMPLETED, add_letter, is_stopped, writing_day
from chalicelib.core.policy import Policy
from chalicelib.core.promise_ends import put_promise

PROMISE_MADE, THANK_YOU = "promise_made", "thank_you"
HOLD_PLACED, HOLD_RELEASED = HOLD_KINDS = ("hold_placed", "hold_released")
KINDS = (PROMISE_MADE, *HOLD_KINDS, THANK_YOU)
UNDER_WAY = ("pending", "sending")

MOVED_ON = "promise_moved_on"  # it was kept, broken or withdrawn, or waits for an approval again
DATE_PASSED = "promise_date_passed"
STATUS_CHANGED = "credit_status_changed"
CASE_MOVED_ON, PAST_DUE_AGAIN = "case_moved_on", "past_due_again"


def begin_letters(book: Book, today: date) -> None:
    """Let holds that are older than the account's first decision be known to the customer (R5.7).

    They are history, as promises are: whoever is taken in on hold gets no letter of that day.
    """
    if book.first_decided_on is None:
        old = [hold for hold in book.holds.values() if hold.since < today]
        status = status_of(old)
        if status != OPEN:
            book.credit_told = CreditTold(status, status)


def create_account_letters(book: Book, policy: Policy, found: Survey) -> list[Notice]:
    """Create the letters that the day brings, on a business day; return them (R5.4, R11).

    After the day's holds and case were judged. While a policy wants no letters about holds, the
    customer counts as knowing the credit status, so that a later one tells only of changes.
    """
    today = found.today
    if not policy.letters.hold:
        _pass_over_status(book)
    if not policy.letters.thank_you:
        book.thanks = None
    _forget_untold(book, today)
    if not policy.calendar.is_business_day(today) or is_stopped(book, today):
        return []
    wanted = (
        *_promises_to_confirm(book, policy, today),
        *_status_to_tell(book, policy, found),
        *_case_to_thank_for(book, policy, today),
    )
    created = [notice for notice in wanted if notice.id not in book.notices]
    for notice in created:
        add_letter(book, notice)
    return created


def next_letter_day(book: Book, policy: Policy, today: date) -> date | None:
    """Return the next business day on which owed letters can go, None when no day brings one."""
    is_owed = (
        any(promise.letters_owed and not promise.needs_approval for promise in book.promises)
        or _is_status_news(book)
        or (book.thanks is not None and book.thanks.is_owed)
    )
    return writing_day(book, policy, today) if is_owed else None


def why_moot(book: Book, notice: Notice, on: date) -> str:
    """Return why a letter would not say what is so on a day, empty while it does (R11.1)."""
    if notice.notice == PROMISE_MADE:
        promise = promise_of(book, notice.subject)
        return MOVED_ON if promise is None else _why_unconfirmed(book, promise, on)
    if notice.notice in HOLD_KINDS:
        return "" if status_of(book.holds.values()) == notice.subject else STATUS_CHANGED
    return _why_no_thanks(book, notice.subject, on)


def forget_letter(book: Book, notice: Notice, on: date) -> None:
    """Take back a letter that was cancelled; it is owed again unless it is moot (R11.1).

    Of the credit status the customer knows what the letter before it said. So a hold that ended
    before its letter left is told of by none.
    """
    if notice.notice in HOLD_KINDS:
        told = _told(book)
        if told.status == notice.subject:
            book.credit_told = replace(told, status=told.before)
    elif why_moot(book, notice, on):
        return
    elif notice.notice == THANK_YOU and book.thanks is not None:
        book.thanks = replace(book.thanks, is_owed=True)
    else:
        promise = promise_of(book, notice.subject)
        if promise is not None:
            put_promise(book, replace(promise, letters_owed=(PROMISE_MADE,)))


def promise_of(book: Book, promise_id: str) -> Promise | None:
    """Return a promise by its id, None when it is not kept here any more."""
    return next((one for one in book.promises if one.id == promise_id), None)


def _told(book: Book) -> CreditTold:
    return book.credit_told or CreditTold()


def _forget_untold(book: Book, today: date) -> None:
    """Take back what a letter was to tell of a credit status that has ended before it was posted."""
    for notice in book.notices.values():
        is_unposted = f"{book.account_id}:send_letter:{notice.id}" in book.tasks
        if notice.notice in HOLD_KINDS and is_unposted and why_moot(book, notice, today):
            forget_letter(book, notice, today)


def _is_status_news(book: Book) -> bool:
    """Whether the customer does not know the credit status; of most accounts there is none to tell."""
    if not book.holds and book.credit_told is None:
        return False
    return status_of(book.holds.values()) != _told(book).status


def _pass_over_status(book: Book) -> None:
    if _is_status_news(book):
        status = status_of(book.holds.values())
        book.credit_told = None if status == OPEN else CreditTold(status, status)


def _promises_to_confirm(book: Book, policy: Policy, today: date) -> Iterator[Notice]:
    first_day = book.first_decided_on or today
    for promise in book.promises:
        if not promise.letters_owed or (promise.needs_approval and not promise.is_over):
            continue
        put_promise(book, replace(promise, letters_owed=()))
        is_old = promise.made_on < first_day  # it was confirmed elsewhere, if at all
        if policy.letters.promise and not is_old and not _why_unconfirmed(book, promise, today):
            yield _notice(book, PROMISE_MADE, promise.id, today, promise.currency)


def _why_unconfirmed(book: Book, promise: Promise, on: date) -> str:
    covers_nothing = promise.invoice_ids.isdisjoint(book.invoices)
    if promise.is_over or promise.needs_approval or covers_nothing:
        return MOVED_ON
    return DATE_PASSED if promise.by < on else ""


def _status_to_tell(book: Book, policy: Policy, found: Survey) -> Iterator[Notice]:
    """Yield the letter about a credit status that the customer does not know: one a day at most.

    One that has not left yet is waited for: it may turn out to be moot, and then nothing changed.
    """
    if not policy.letters.hold or not _is_status_news(book):
        return
    status, told = status_of(book.holds.values()), _told(book)
    is_waiting = any(
        one.notice in HOLD_KINDS and one.state in UNDER_WAY for one in book.notices.values()
    )
    if told.on == found.today or is_waiting:
        return
    book.credit_told = CreditTold(status, told.status, found.today)
    currency, asked = _main_amount(policy, found.demandable if status != OPEN else {})
    kind = HOLD_RELEASED if status == OPEN else HOLD_PLACED
    yield replace(_notice(book, kind, status, found.today, currency), past_due_minor=asked)


def _case_to_thank_for(book: Book, policy: Policy, today: date) -> Iterator[Notice]:
    thanks = book.thanks
    if thanks is None or not thanks.is_owed:
        return
    book.thanks = replace(thanks, is_owed=False)
    # Whoever paid a plan in full is thanked for that, and not once more for the case.
    is_thanked = any(one.notice == COMPLETED for one in book.notices.values())
    if not is_thanked and not _why_no_thanks(book, thanks.case, today):
        yield _notice(book, THANK_YOU, thanks.case, today, _main_amount(policy, thanks.paid)[0])


def _why_no_thanks(book: Book, case: str, on: date) -> str:
    if any(invoice.is_past_due(on) for invoice in book.invoices.values()):
        return PAST_DUE_AGAIN
    is_other = book.thanks is None or book.thanks.case != case or book.case is not None
    return CASE_MOVED_ON if is_other else ""


def _main_amount(policy: Policy, amounts: Amounts) -> tuple[str, int]:
    """Return the first currency with an amount; the policy's first one when there is none."""
    there = sorted(currency for currency, amount in amounts.items() if amount > 0)
    return (there[0], amounts[there[0]]) if there else (next(iter(policy.currencies)), 0)


def _notice(book: Book, kind: str, subject: str, today: date, currency: str) -> Notice:
    """Return the notice of a letter; its id says what it is about, and the day."""
    about = subject.removeprefix(f"{book.account_id}-")  # a case's number begins with the account
    return Notice(
        id=f"{book.account_id}:{about}:{kind}:{today}",
        created_on=today,
        currency=currency,
        notice=kind,
        stage="",
        invoice_ids=(),
        settled=(),
        subject=subject,
    )
