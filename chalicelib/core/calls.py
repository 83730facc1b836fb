"""Calls: when one falls due, what its outcome leads to, and when they stop (R6.2, R6.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from chalicelib.core.account import Account, Notice, Task
from chalicelib.core.assignees import collector_for, sales_owner_for
from chalicelib.core.blocks import Survey, survey
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.effects import TaskEnded
from chalicelib.core.facts_collections import TaskCompleted
from chalicelib.core.notices import guard_free_on
from chalicelib.core.policy import Policy
from chalicelib.core.tried import PHONE, try_on, try_sales_owner

NOON = "12:00"
# Outcomes of a call that reached nobody; "wrong_contact" reached somebody else.
CALL_AGAIN = frozenset({"no_answer", "voicemail", "busy", "not_available"})
WRONG_CONTACT = "wrong_contact"
UNREACHED = CALL_AGAIN | {WRONG_CONTACT}
CALL_OUTCOMES = (
    "no_answer", "voicemail", "busy", "not_available", "promised", "disputed", "paid",
    WRONG_CONTACT, "other",
)  # fmt: skip
# What a task is about (`Task.subject`): a call that the customer asked for, and why a contact is
# looked for. A `find_contact` without one was asked for by the mail side, and stops no calls.
CALL_BACK = "call_back"
TOO_MANY = "unreached"


def call_id(book: Book) -> str:
    """Return the id of the account's one open call."""
    return f"{book.account_id}:call"


def find_contact_id(book: Book) -> str:
    """Return the id of the task to find out whom to call or write to."""
    return f"{book.account_id}:find_contact"


def claimed_payment_id(book: Book) -> str:
    """Return the id of the task to look for money that the customer says was paid (R6.2)."""
    return f"{book.account_id}:confirm_payment:paid"


def ask_for_calls(book: Book, policy: Policy, found: Survey, notices: Sequence[Notice]) -> None:
    """Open, bring forward, delay or close the account's call; one is open at most (R6.2, R6.3).

    At once for what `book.calls_wanted` says, else the business day after a notice whose stage asks
    for a call. None is due while every past-due invoice is blocked for notices (R5.5).
    """
    today = found.today
    _judge_claimed_payment(book, found)
    after_notice = any(policy.stage_by_id[notice.stage].call for notice in notices)
    _keep_looking(book, policy, found)
    if not (book.calls_wanted or after_notice or call_id(book) in book.tasks):
        return
    because = _why_no_call(book, policy, found)
    if because:
        book.close_task(call_id(book), today, because)
        return
    if book.calls_wanted:
        call_at_once(book, policy, today, " ".join(book.calls_wanted))
    elif after_notice:
        names = tuple(name for notice in notices for name in notice.invoice_ids)
        kinds = sorted({notice.notice.replace("_", " ") for notice in notices})
        why = f"Call about the letter of {today} ({', '.join(kinds)})."
        _open_call(book, policy, today, today + ONE_DAY, why, names=names)
    _leave_room(book, policy, today)


def may_be_called(book: Book, found: Survey) -> bool:
    """Whether something past due is not blocked for notices and calls (R5.5).

    A missed instalment of a plan that goes on asks for a call by itself (R9.4).
    """
    if any(not found.on(invoice) for invoice in found.past_due):
        return True
    missed = {
        name
        for plan in book.plans.values()
        if plan.is_active and any(part.missed_on and part.open_minor for part in plan.instalments)
        for name in plan.invoice_ids
    }
    return any(
        found.on(book.invoices[name]) == ("in_plan",) for name in missed if name in book.invoices
    )


def call_at_once(book: Book, policy: Policy, on: date, why: str) -> None:
    """Let a call fall due on this business day or the next, whatever was planned for later."""
    there = book.tasks.get(call_id(book))
    if there is not None:
        if there.due_on <= _room_on(book, policy, on):
            book.tasks[there.id] = replace(there, why=why)
            return
        book.close_task(there.id, on, "brought_forward")
    _open_call(book, policy, on, on, why)


def count_call(book: Book, policy: Policy, outcome: str, on: date) -> None:
    """Count a call that reached nobody; reaching anyone starts again (R6.3).

    At the policy's `max_attempts` calls stop, and the sales owner looks for a contact.
    """
    if outcome not in UNREACHED:
        reached(book, on)
        return
    if book.case is not None and on < book.case.opened_on:
        return  # told later: it was before the case
    book.unreached_calls += 1
    if book.unreached_calls >= policy.people.max_attempts:
        _stop_calls(book, policy, on, TOO_MANY)


def reached(book: Book, on: date) -> None:
    """Start the count of attempts again, and end the search for somebody to call (R6.3)."""
    book.unreached_calls = 0
    task = book.tasks.get(find_contact_id(book))
    if task is not None and task.subject:
        book.close_task(task.id, on, "reached")


def finish_call(book: Book, policy: Policy, task: Task, fact: TaskCompleted) -> None:
    """Make the next act of a call's outcome; the call itself is closed (R6.2)."""
    on = fact.on
    book.contacts = (*book.contacts, on)
    try_on(book, PHONE, on)
    count_call(book, policy, fact.outcome, on)
    if fact.outcome == WRONG_CONTACT:
        _stop_calls(book, policy, on, WRONG_CONTACT)
    elif fact.outcome in CALL_AGAIN:
        _call_back(book, policy, task, fact)
    elif fact.outcome == "paid":
        due_on = policy.calendar.business_day_from(on + ONE_DAY)
        collector = collector_for(book, policy, on)
        why = f"The customer said on {on} that it is paid: look for the money."
        claimed = Task(claimed_payment_id(book), "confirm_payment", due_on, why, collector)
        book.open_task(claimed, on)


def finish_search(book: Book, policy: Policy, task: Task, on: date) -> None:
    """A contact was found: attempts start again, and calls that had stopped go on (R6.3)."""
    book.unreached_calls = 0
    try_sales_owner(book, on)
    if task.subject and _may_call(book, policy, on):
        why = "Whom to call was found out."
        _open_call(book, policy, on, on + ONE_DAY, why)


def money_came(book: Book, on: date) -> None:
    """Money was booked: nobody need look for what the customer says was paid (R6.2)."""
    book.close_task(claimed_payment_id(book), on, "money_came")


def call_if_due(book: Book, policy: Policy, on: date, why: str) -> None:
    """Let a call fall due at once, between two decisions, unless calls stopped or are blocked."""
    if _may_call(book, policy, on):
        call_at_once(book, policy, on, why)


def end_call(
    account: Account, policy: Policy, today: date
) -> tuple[Account, tuple[TaskEnded, ...]]:
    """Close the account's call at once when nothing is left to ask for (R5.5, R5.6, R6.2).

    For bookings between two runs: who paid or promised in the morning is not called at noon.
    """
    name = f"{account.id}:call"
    if name not in account.tasks:
        return account, ()
    book = Book(account)
    because = _why_no_call(book, policy, survey(book, policy, today))
    if not because:
        return account, ()
    book.close_task(name, today, because)
    return book.freeze(), tuple(one for one in book.effects if isinstance(one, TaskEnded))


def half_of(time: str) -> str:
    """Return the half of the day, "am" or "pm", of a time such as "14:30"."""
    return "am" if time < NOON else "pm"


def _call_back(book: Book, policy: Policy, task: Task, fact: TaskCompleted) -> None:
    """Call again at the time given, else the next business day in the other half of the day."""
    if not _may_call(book, policy, fact.on):
        return
    why = f"Called on {fact.on}: {fact.outcome.replace('_', ' ')}."
    if fact.call_back_on is None:
        part = "am" if task.part == "pm" else "pm"
        _open_call(book, policy, fact.on, fact.on + ONE_DAY, why, part=part, names=task.invoice_ids)
        return
    # The customer asked for it, so that the contact guard does not delay it.
    part = half_of(fact.call_back_time) if fact.call_back_time else fact.call_back_part or "am"
    due_on = policy.calendar.business_day_from(max(fact.call_back_on, fact.on))
    collector = collector_for(book, policy, fact.on)
    asked = Task(
        call_id(book), "call", due_on, why, collector, task.invoice_ids, part,
        fact.call_back_time, CALL_BACK,
    )  # fmt: skip
    book.open_task(asked, fact.on)


def _open_call(
    book: Book,
    policy: Policy,
    on: date,
    wanted: date,
    why: str,
    *,
    part: str = "am",
    names: tuple[str, ...] = (),
) -> None:
    due_on = _room_on(book, policy, wanted)
    collector = collector_for(book, policy, on)
    book.open_task(Task(call_id(book), "call", due_on, why, collector, names, part), on)


def _room_on(book: Book, policy: Policy, wanted: date) -> date:
    """Return the first business day on which the contact guard leaves room for a call (R5.5)."""
    free = guard_free_on(book, policy, wanted)
    return policy.calendar.business_day_from(wanted if free is None else max(wanted, free))


def _leave_room(book: Book, policy: Policy, today: date) -> None:
    """Delay the open call behind contacts that came after it was planned (R5.5)."""
    task = book.tasks.get(call_id(book))
    if task is None or task.subject == CALL_BACK:
        return
    wanted = max(task.due_on, today)
    if guard_free_on(book, policy, wanted) is not None:
        book.tasks[task.id] = replace(task, due_on=_room_on(book, policy, wanted))


def _may_call(book: Book, policy: Policy, on: date) -> bool:
    """Whether a call may fall due between two decisions; the next one judges it again."""
    return not _why_no_call(book, policy, survey(book, policy, on))


def _why_no_call(book: Book, policy: Policy, found: Survey) -> str:
    """Return why no call is due now, "" when one may be (R5.5, R6.3)."""
    if not may_be_called(book, found):
        return "blocked" if found.past_due else "nothing_to_ask"
    search = book.tasks.get(find_contact_id(book))
    if search is not None and search.subject == WRONG_CONTACT:
        return WRONG_CONTACT
    if book.unreached_calls >= policy.people.max_attempts:
        return "too_many_attempts"
    return ""


def _stop_calls(book: Book, policy: Policy, on: date, subject: str) -> None:
    """Close the call, and ask the sales owner to find out whom to call (R6.3)."""
    because = WRONG_CONTACT if subject == WRONG_CONTACT else "too_many_attempts"
    book.close_task(call_id(book), on, because)
    there = book.tasks.get(find_contact_id(book))
    if there is not None:  # asked for already; now the calls wait for it too
        if there.subject != WRONG_CONTACT:
            book.tasks[there.id] = replace(there, subject=subject)
        return
    why = (
        "The contact is the wrong one: find out whom to call."
        if subject == WRONG_CONTACT
        else f"{book.unreached_calls} calls reached nobody: find out whom to call."
    )
    due_on = policy.calendar.business_day_from(on)
    owner = sales_owner_for(book, policy, on)
    task = Task(find_contact_id(book), "find_contact", due_on, why, owner, subject=subject)
    book.open_task(task, on)


def _keep_looking(book: Book, policy: Policy, found: Survey) -> None:
    """Look for a contact as long as calls reach nobody and something is past due (R6.3)."""
    if not found.past_due:
        task = book.tasks.get(find_contact_id(book))
        if task is not None and task.subject == TOO_MANY:
            book.close_task(task.id, found.today, "nothing_to_ask")
    elif book.unreached_calls >= policy.people.max_attempts and may_be_called(book, found):
        _stop_calls(book, policy, found.today, TOO_MANY)


def _judge_claimed_payment(book: Book, found: Survey) -> None:
    """The day after somebody was to look for claimed money, a call is due if none came (R6.2)."""
    task = book.tasks.get(claimed_payment_id(book))
    if task is None:
        return
    if not found.past_due:
        book.close_task(task.id, found.today, "nothing_to_ask")
    elif found.today > task.due_on:
        book.close_task(task.id, found.today, "no_money_came")
        book.calls_wanted.append("The customer said that it is paid, and no money came.")
