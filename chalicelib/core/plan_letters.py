"""Letters about payment plans: agreed, missed, broken, completed, cancelled (R9.4, R11).

They are no stage notices: no interval and no contact guard delays them, and they announce nothing.
The interval after one that asks for everything (the plan has ended) delays the next stage notice
(`notices.free_on`), so that a customer does not get two letters in a day about the same money.
They wait for a business day, and for the end of a legal stop, under which nobody is written to.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.core.account import Mark, Notice
from chalicelib.core.agreements import Plan
from chalicelib.core.blocks import survey
from chalicelib.core.book import Book
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.effects import NoticeCreated
from chalicelib.core.invoice import Invoice
from chalicelib.core.policy import Policy

AGREED, MISSED, BROKEN = "plan_agreed", "plan_missed", "plan_broken"
COMPLETED, CANCELLED = "plan_completed", "plan_cancelled"
# The state of a plan in which its letter still says what is so.
_STATES = {
    AGREED: "active",
    MISSED: "active",
    BROKEN: "broken",
    COMPLETED: "completed",
    CANCELLED: "cancelled",
}
LEGAL_STOP, MOVED_ON = "legal_stop", "plan_moved_on"
PAID, NOTHING_PAID, REOPENED, DISPUTED = "paid", "nothing_paid", "reopened", "disputed"


def create_plan_letters(book: Book, policy: Policy, today: date) -> list[Notice]:
    """Create the letters that plans owe, on a business day; return them (R5.4, R9.4).

    What is no longer so when its day comes (an instalment missed on Saturday and paid on Sunday)
    is not written about. `past_due_minor` of such a notice is what its letter asks for now.
    """
    owing = [plan for _, plan in sorted(book.plans.items()) if plan.letters_owed]
    if not owing or not policy.calendar.is_business_day(today) or is_stopped(book, today):
        return []
    created: list[Notice] = []
    for plan in owing:
        kinds = [
            kind for kind in dict.fromkeys(plan.letters_owed) if not why_moot(book, plan, kind)
        ]
        told = replace(plan, letters_owed=())
        book.put_plan(told)
        for kind in kinds:
            notice = _notice(book, policy, told, kind, today)
            if notice.id not in book.notices:  # else it is on its way, and says the same
                add_letter(book, notice)
                if kind in (BROKEN, CANCELLED):
                    book.put_plan(replace(book.plans[plan.id], end_told_on=today))
                created.append(notice)
    return created


def next_letter_day(book: Book, policy: Policy, today: date) -> date | None:
    """Return the next business day on which owed letters can go, None when no day brings one."""
    if not any(plan.letters_owed for plan in book.plans.values()):
        return None
    return writing_day(book, policy, today)


def writing_day(book: Book, policy: Policy, today: date) -> date | None:
    """Return the next business day under no legal stop, None when no day brings one."""
    ends = [mark.until for mark in _stops(book, today)]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return None  # a legal stop without an end: only a fact lifts it
    return policy.calendar.business_day_from(max(known, default=today) + ONE_DAY)


def is_stopped(book: Book, today: date) -> bool:
    """Whether a legal stop lies on the account today: then nobody is written to (R5.5)."""
    return bool(_stops(book, today))


def _stops(book: Book, today: date) -> list[Mark]:
    return [
        mark
        for mark in book.marks
        if mark.block == LEGAL_STOP and (mark.until is None or today <= mark.until)
    ]


def why_moot(book: Book, plan: Plan, kind: str) -> str:
    """Return why a letter would no longer say what is so, empty while it does (R11.1).

    `plan_moved_on`: the plan has since ended, or ended in another way, or one that was agreed anew
    has all that is open of it, whose own letter tells how to pay that; `paid`: nothing is open of
    what was missed, or of what a broken plan covered; `nothing_paid`: a completed plan ended without
    a payment, by voids or credits; `disputed`: all that could be asked for is; `reopened`: what was
    paid in full is open again.
    """
    if plan.state != _STATES[kind]:
        return MOVED_ON
    if kind == MISSED and not missed_minor(book, plan):
        is_open = any(part.missed_on and part.open_minor for part in plan.instalments)
        return DISPUTED if is_open else PAID
    if kind == COMPLETED and not any(i.paid_minor for i in plan.instalments):
        return NOTHING_PAID
    if kind in (BROKEN, CANCELLED) and _is_replaced(book, plan):
        return MOVED_ON
    if kind in (BROKEN, COMPLETED):
        is_open = any(i.open_minor or i.open_charges_minor for i in _covered(book, plan))
        if is_open is (kind == COMPLETED):
            return REOPENED if is_open else PAID
    return ""


def _is_replaced(book: Book, plan: Plan) -> bool:
    """Whether other active plans cover all that is open of what an ended plan covered."""
    names = {one.id for one in _covered(book, plan)}
    again = {name for one in book.plans.values() if one.is_active for name in one.invoice_ids}
    return bool(names) and names <= again


def missed_minor(book: Book, plan: Plan) -> int:
    """Return what may be asked for of the instalments that were missed, minor units.

    What is open of them, but no more than what is open and not disputed of what the plan covers.
    """
    missed = sum(i.open_minor for i in plan.instalments if i.missed_on is not None)
    return min(missed, sum(i.undisputed_minor + i.open_charges_minor for i in _covered(book, plan)))


def asked_minor(book: Book, policy: Policy, plan: Plan, kind: str, on: date) -> int:
    """Return what a letter of a day asks for now, minor units of the plan's currency.

    Agreed: the instalments that are due by then, mostly a down payment. Missed: what is open of
    missed instalments and not disputed. Broken, cancelled: what is demandable of what the plan
    covered (R3.6). Completed: nothing.
    """
    if kind == AGREED:
        return sum(i.open_minor for i in plan.instalments if i.due_on <= on)
    if kind == MISSED:
        return missed_minor(book, plan)
    if kind == COMPLETED:
        return 0
    blocked = survey(book, policy, on).own
    return sum(
        (i.undisputed_minor if on > i.effective_due_on else 0) + i.open_charges_minor
        for i in _covered(book, plan)
        if i.id not in blocked
    )


def owe_again(book: Book, notice: Notice) -> None:
    """Owe the letter of a cancelled notice again, unless it has nothing more to say (R11.1)."""
    plan = book.plans.get(notice.plan_id)
    if plan is None or notice.notice in plan.letters_owed:
        return
    if not why_moot(book, plan, notice.notice):
        book.put_plan(replace(plan, letters_owed=(*plan.letters_owed, notice.notice)))


def _covered(book: Book, plan: Plan) -> list[Invoice]:
    found = (book.invoices.get(name) for name in sorted(plan.invoice_ids))
    return [invoice for invoice in found if invoice is not None]


def _notice(book: Book, policy: Policy, plan: Plan, kind: str, today: date) -> Notice:
    """Return the notice of a letter; its id names the day, as that of a dunning notice does.

    A letter may come again: of the next missed instalment, of one that was cancelled, or when a
    payment that bounced opened a completed plan, which is then completed once more.
    """
    return Notice(
        id=f"{book.account_id}:{plan.id}:{kind}:{today}",
        created_on=today,
        currency=plan.currency,
        notice=kind,
        stage="",
        invoice_ids=tuple(sorted(plan.invoice_ids)),
        settled=(),
        past_due_minor=asked_minor(book, policy, plan, kind, today),
        plan_id=plan.id,
    )


def add_letter(book: Book, notice: Notice) -> None:
    """Store the notice of a letter that bears no stage, count it, and tell of it."""
    book.notices[notice.id] = notice
    book.count_notice(notice.notice, "created")
    book.effects.append(
        NoticeCreated(
            notice.created_on,
            book.account_id,
            notice.id,
            notice.notice,
            notice.stage,
            notice.currency,
            notice.invoice_ids,
            notice.past_due_minor,
        )
    )
