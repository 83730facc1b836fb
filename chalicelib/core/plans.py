"""Payment plans: made, approved, cancelled, and broken by instalments that are missed (R9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.core.account import Account, Task
from chalicelib.core.agreements import Instalment, Plan
from chalicelib.core.book import Book
from chalicelib.core.effects import InstalmentMissed
from chalicelib.core.errors import Fault, LimitError, UnfitInputError
from chalicelib.core.facts_collections import (
    PlanApproved,
    PlanCancelled,
    PlanMade,
    PromiseWithdrawn,
)
from chalicelib.core.plan_draft import OPEN_STATES, draft_plan
from chalicelib.core.plan_money import balance_of, end_plan, moved, refilled
from chalicelib.core.policy import Policy
from chalicelib.core.promises import withdraw_promise

NOTHING_OPEN = "nothing_open"
REASONS = {
    "too_long": "it lasts longer than the policy allows",
    "instalment_too_small": "an instalment is smaller than the policy allows",
    "down_payment_too_small": "its down payment is smaller than the policy asks for",
    "after_broken_plan": "an earlier plan was broken",
}


def make_plan(book: Book, fact: PlanMade, policy: Policy) -> None:
    """Make a plan: active at once, or waiting for an approval, with a task (R9.1, R9.2).

    What cannot be so changes nothing: whoever makes plans asks `draft_plan` first.
    """
    try:
        plan = draft_plan(book, fact.terms, policy, fact.on, fact.made_by)
    except (UnfitInputError, LimitError):
        return
    if plan.is_active:
        _begin(book, plan, policy, fact.on)
        return
    book.put_plan(plan)
    book.effects.append(moved(book, plan, fact.on))
    because = ", and ".join(REASONS[reason] for reason in plan.approval_reasons)
    task = Task(
        approval_task(book.account_id, plan.id),
        "review_account",
        policy.calendar.business_day_from(fact.on),
        f"A payment plan needs approval: {because}.",
        "",
        tuple(sorted(plan.invoice_ids)),
        subject=plan.id,
    )
    book.open_task(task, fact.on)


def approve_plan(book: Book, fact: PlanApproved, policy: Policy) -> None:
    """Let a plan that waited for an approval begin (R9.2).

    What its invoices lost of their balance meanwhile counts as paid towards it, what they gained
    is due with the last instalment. With nothing left to pay it does not begin.
    """
    plan = book.plans.get(fact.plan_id)
    if plan is None or plan.state != "pending_approval":
        return
    balance = balance_of(book, plan)
    if balance == 0:
        return
    paid = max(plan.covered_minor - balance, 0)
    book.close_task(approval_task(book.account_id, plan.id), fact.on, "approved")
    active = replace(plan, state="active", started_on=fact.on)
    _begin(book, refilled(active, paid, balance, fact.on), policy, fact.on)


def cancel_plan(book: Book, fact: PlanCancelled) -> None:
    """End a plan by a person's word, active or not yet approved: dunning resumes (R9, R5.6)."""
    plan = book.plans.get(fact.plan_id)
    if plan is not None and plan.state in OPEN_STATES:
        _cancel(book, plan, fact.on, fact.reason)


def judge_plans(book: Book, policy: Policy, today: date) -> None:
    """Find what is missed today, and the plans that are broken by it (R9.4).

    At `[plans].max_missed` a plan is broken, and what it covered is free the same day. A plan that
    nobody approved ends when nothing is open of what it would cover.
    """
    for _, plan in sorted(book.plans.items()):
        if plan.is_active:
            _judge(book, plan, policy, today)
        elif plan.state == "pending_approval" and plan.invoice_ids.isdisjoint(book.invoices):
            _cancel(book, plan, today, NOTHING_OPEN)


def missed_on(plan: Plan, instalment: Instalment, policy: Policy) -> date | None:
    """Return the day on which an instalment of an active plan is missed unless it is paid before.

    That is the day after its date and the days of grace (R9.4); None: it is paid, or was missed.
    """
    if not plan.is_active or instalment.missed_on is not None or not instalment.open_minor:
        return None
    return instalment.due_on + timedelta(days=policy.plans.grace_days + 1)


def approval_task(account_id: str, plan_id: str) -> str:
    """Return the id of the task to approve a plan."""
    return f"{account_id}:review_account:plan:{plan_id}"


def why_not_approve(account: Account, plan: Plan, policy: Policy, today: date) -> list[Fault]:
    """Return why a plan that waits for an approval should be made anew instead; none when it can.

    Codes: `nothing_open`, `balance_grew` (what it covers is more than was agreed), `too_late` (an
    instalment would be missed at once).
    """
    found = (account.invoices.get(name) for name in plan.invoice_ids)
    balance = sum(one.open_minor + one.open_charges_minor for one in found if one is not None)
    if balance == 0:
        return [Fault("", "nothing_open", "Nothing is open of what the plan covers.")]
    faults = []
    if balance > plan.covered_minor:
        said = "More is open of what the plan covers than was agreed: make a new plan."
        faults.append(Fault("", "balance_grew", said))
    begun = replace(plan, state="active", started_on=today)
    begun = refilled(begun, max(plan.covered_minor - balance, 0), balance, today)
    days = (missed_on(begun, instalment, policy) for instalment in begun.instalments)
    if any(day is not None and day <= today for day in days):
        said = "An instalment of the plan is overdue already: make a new plan."
        faults.append(Fault("", "too_late", said))
    return faults


def _begin(book: Book, plan: Plan, policy: Policy, on: date) -> None:
    """Store a plan that begins; promises to pay what it wholly covers are taken back (R9.3)."""
    begun = replace(plan, letters_owed=("plan_agreed",))
    book.put_plan(begun)
    book.effects.append(moved(book, begun, on))
    disputed = {
        one.id for one in book.invoices.values() if one.disputed_minor and not one.undisputed_minor
    }
    for promise in book.promises:
        broken_on = promise.breaks_on(policy.promises.grace_days)
        is_over = broken_on is not None and broken_on <= on
        found = (book.invoices.get(name) for name in promise.invoice_ids)
        # What is wholly disputed is in no plan, and nobody expects money for it meanwhile.
        still_open = {one.id for one in found if one is not None and one.id not in disputed}
        if still_open and not is_over and still_open <= plan.invoice_ids:
            withdraw_promise(book, PromiseWithdrawn(on, promise.id), policy)


def _cancel(book: Book, plan: Plan, on: date, reason: str) -> None:
    book.close_task(approval_task(book.account_id, plan.id), on, "cancelled")
    end_plan(book, replace(plan, state="cancelled", reason=reason), on)


def _judge(book: Book, plan: Plan, policy: Policy, today: date) -> None:
    """Find what is missed of a plan; what comes after it is broken is missed no more.

    With its last date missed nothing is to come any more: it is broken whatever `max_missed` says,
    for else it would keep what it covers out of dunning for ever.
    """
    for instalment in plan.instalments:
        day = missed_on(plan, instalment, policy)
        if day is None or today < day:
            continue
        plan = _miss(book, plan, instalment, today)
        count = sum(one.missed_on is not None for one in plan.instalments)
        if count >= policy.plans.max_missed:
            _break(book, plan, today)
            return
        letters = tuple(dict.fromkeys((*plan.letters_owed, "plan_missed")))
        plan = replace(plan, letters_owed=letters)
        book.put_plan(plan)
        number = instalment.number
        book.calls_wanted.append(f"Instalment {number} of payment plan {plan.id} was missed.")
    if all(one.missed_on is not None for one in plan.instalments if one.open_minor):
        _break(book, plan, today)


def _break(book: Book, plan: Plan, today: date) -> None:
    end_plan(book, replace(plan, state="broken"), today)
    book.calls_wanted.append(f"Payment plan {plan.id} was broken.")


def _miss(book: Book, plan: Plan, instalment: Instalment, today: date) -> Plan:
    missed = replace(instalment, missed_on=today)
    book.effects.append(
        InstalmentMissed(
            today,
            book.account_id,
            plan.id,
            instalment.number,
            instalment.due_on,
            instalment.open_minor,
            plan.currency,
        )
    )
    instalments = (missed if one is instalment else one for one in plan.instalments)
    return replace(plan, instalments=tuple(instalments))
