"""The wake list: the earliest date on which anything could change the next decision.

Facts wake an account by themselves; here are the changes that time alone brings. To wake too early
costs a decision, to wake too late loses an effect: every date errs on the early side. The law is
tested: deciding only on these days gives the same effects as deciding on every day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from chalicelib.core.account_letters import next_letter_day as next_account_letter_day
from chalicelib.core.blocks import Survey, money_blocks
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.calls import claimed_payment_id
from chalicelib.core.cases import next_case_day
from chalicelib.core.holds import answer_due
from chalicelib.core.invoice import Invoice
from chalicelib.core.judge_placements import placement_days
from chalicelib.core.notices import free_on, guard_free_on, notice_groups
from chalicelib.core.plan_letters import next_letter_day as next_plan_letter_day
from chalicelib.core.plans import missed_on
from chalicelib.core.policy import Policy
from chalicelib.core.stages import warning_of

SLEEP_DAYS_MAX = 31


def wake_on(book: Book, policy: Policy, found: Survey) -> date | None:
    """Return the date to decide the account again, after today's decision; None: only for a fact.

    Never more than 31 days ahead while anything is open.
    """
    if not book.invoices:
        return _next_of_what_is_paid(book, policy, found.today)
    today = found.today
    latest = today + timedelta(days=SLEEP_DAYS_MAX)
    earliest = latest
    for day in _changes(book, policy, found):
        if today < day < earliest:
            earliest = day
    return earliest


def _next_of_what_is_paid(book: Book, policy: Policy, today: date) -> date | None:
    """Return when a letter can go, or a placement closes, of an account that owes nothing."""
    days = {next_letter_day(book, policy, today)}
    if book.placements:
        days.update(day for day in placement_days(book, policy, today) if day > today)
    return min((day for day in days if day is not None), default=None)


def _changes(book: Book, policy: Policy, found: Survey) -> Iterator[date]:
    """Yield the dates on which time changes something; those not after today do not count."""
    hold_days = policy.holds.oldest_days_past_due
    oldest = None if hold_days is None else timedelta(days=hold_days)
    today = found.today
    for invoice in book.invoices.values():
        if invoice.open_minor == 0:
            continue
        due_on = invoice.effective_due_on
        if due_on >= today:
            yield due_on + ONE_DAY  # it becomes past due; no stage is reached before
            continue
        if oldest is not None:
            yield due_on + oldest
        day = _step_day(policy, found, invoice)
        if day is not None:
            yield day
        answer = answer_due(invoice)
        if answer is not None and invoice.final_demand is not None:
            yield invoice.final_demand.noticed_on + answer
    yield from _block_ends(book, policy)
    yield from _notice_days(book, policy, found)
    case_on = next_case_day(book, policy, today)
    if case_on is not None:
        yield case_on
    if _money_blocks_move(book, policy, found):
        yield today + ONE_DAY
    yield from _task_days(book)
    yield from placement_days(book, policy, today)
    letter_day = next_letter_day(book, policy, today)
    if letter_day is not None:
        yield letter_day


def next_letter_day(book: Book, policy: Policy, today: date) -> date | None:
    """Return the next day on which a letter that waits for one can go, None when there is none."""
    days = (
        next_plan_letter_day(book, policy, today),
        next_account_letter_day(book, policy, today),
    )
    return min((day for day in days if day is not None), default=None)


def _task_days(book: Book) -> Iterator[date]:
    """Yield when a call falls due because no money came that the customer said was paid (R6.2)."""
    claimed = book.tasks.get(claimed_payment_id(book))
    if claimed is not None:
        yield claimed.due_on + ONE_DAY


def _step_day(policy: Policy, found: Survey, invoice: Invoice) -> date | None:
    """Return when the next step of a past-due invoice could be taken or skipped, else None."""
    step = policy.step_after(invoice.highest_days)
    today = found.today
    if step is None:
        return None
    ready = invoice.effective_due_on + timedelta(days=step.days)
    if policy.dunning.catch_up == "step":
        if invoice.owed:
            return None  # it waits for the notice, which has its own day
        if invoice.noticed_on is not None:
            ready = max(ready, invoice.noticed_on + policy.step_interval)
    if step.stage.warn_first and invoice.announcements:
        ready = max(ready, _warned_on(policy, invoice, step.stage.warn_days))
    if ready > today:
        return policy.calendar.processing_day_from(ready)
    blocks = found.on(invoice)
    if blocks and invoice.skipped.issuperset(blocks):
        return None  # reported; the ends of blocks have their own days
    if invoice.owed and warning_of(invoice, step, policy, today) == "missing":
        return None  # its warning is owed
    return policy.calendar.processing_day_from(today + ONE_DAY)


def _warned_on(policy: Policy, invoice: Invoice, warn_days: int) -> date:
    sent = [a.sent_on for a in invoice.announcements if a.sent_on is not None]
    if sent:
        return min(sent) + timedelta(days=max(warn_days, 1))
    created = min(a.created_on for a in invoice.announcements)
    return created + timedelta(days=policy.dunning.warn_give_up_days)


def _block_ends(book: Book, policy: Policy) -> Iterator[date]:
    for span in book.pauses:
        yield span.until + ONE_DAY
    for promise in book.promises:
        if not promise.is_over:
            yield promise.by  # somebody looks for the money
            yield promise.ends_on(policy.promises.grace_days) + ONE_DAY
    for plan in book.plans.values():
        for instalment in plan.instalments if plan.is_active else ():
            missed = missed_on(plan, instalment, policy)
            if missed is not None:
                yield missed
    for mark in book.marks:
        if mark.until is not None:
            yield mark.until + ONE_DAY


def _notice_days(book: Book, policy: Policy, found: Survey) -> Iterator[date]:
    """Yield when the notices that are still due could be created (R5.3)."""
    groups = notice_groups(book, policy, found)
    if not groups:
        return
    tomorrow = found.today + ONE_DAY
    guard = guard_free_on(book, policy, found.today)
    for group in groups:
        day = max(tomorrow, free_on(book, policy, group) or tomorrow)
        reported = all(invoice.guard_skipped for invoice in group if invoice.owed)
        if guard is not None and reported:
            day = max(day, guard)
        yield policy.calendar.processing_day_from(day)


def _money_blocks_move(book: Book, policy: Policy, found: Survey) -> bool:
    """Whether today's charges change tomorrow's `below_minimum` or `cash_covers` (R5.5)."""
    for currency in found.demandable:
        before = set(found.currency.get(currency, ())) & {"below_minimum", "cash_covers"}
        if before != set(money_blocks(book, policy, found, currency)):
            return True
    return False
