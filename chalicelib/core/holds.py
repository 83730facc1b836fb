"""Holds by rule: when one is placed, and when it ends by itself (R8.1-R8.3, R5.7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.core.account import Account, Hold, Task
from chalicelib.core.assignees import collector_for
from chalicelib.core.blocks import Survey, survey
from chalicelib.core.book import Book
from chalicelib.core.effects import HoldEnded, HoldPlaced
from chalicelib.core.invoice import Invoice
from chalicelib.core.money import format_amount
from chalicelib.core.policy import Policy
from chalicelib.core.releases import EVIDENCE_MAX, HeldInvoice

# Currencies that count neither for placing nor for keeping a hold (R8.1).
CURRENCY_STOPS = frozenset({"below_minimum", "cash_covers", "currency_not_in_policy"})
OPEN = "open"
PREPAID = "prepaid"  # a person's hold of this reason makes the account `prepaid` (R8.2)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a hold rule is true now: a sentence, and the invoices it rests on, 20 of them at most."""

    sentence: str
    invoices: tuple[HeldInvoice, ...] = ()
    more_invoices: int = 0


def judge_holds(book: Book, policy: Policy, found: Survey, *, onboarding: bool) -> None:
    """Judge every hold rule once: place, end, or ask for a review (R8.1, R8.3).

    `onboarding`: today is the account's first decision and an invoice was first seen past due, so
    that what is true today is reviewed by a person and not placed (R5.7).
    """
    waiting = book.hold_reviews or book.overruled_holds or book.tasks
    if not (found.past_due or book.holds or waiting or any(found.demandable.values())):
        return  # nothing is owed and nothing is held
    asked = [book.invoices[i.id] for i in found.past_due if _counts(found, i)]
    true_now = rules_true(book, policy, found, asked)
    stays, asked_of = true_now, asked
    if _plans_keep_holds(book, policy):
        unplanned = _as_if_unplanned(book, policy, found.today)
        asked_of = [i for i in unplanned.past_due if _counts(unplanned, i)]
        stays = rules_true(book, policy, unplanned, asked_of)
    # What would end at once is not placed: open charges alone keep no hold (R8.3).
    ends_with_past_due = policy.holds.release_when == "nothing_past_due"
    reasons = (*RULES, *(r for r in book.holds if r not in RULES))
    for reason in reasons:
        evidence = true_now.get(reason)
        if evidence is None:
            book.hold_reviews -= {reason}
            book.overruled_holds -= {reason}
            if book.tasks:
                asks = _review_id(book, f"hold:{reason}")
                book.close_task(asks, found.today, "condition_cleared")
        hold = book.holds.get(reason)
        if hold is not None and hold.by == "rule":
            stay = stays.get(reason)
            _judge_release(book, policy, found, hold, evidence=stay, asked=bool(asked_of))
        elif hold is None and evidence is not None and (asked or not ends_with_past_due):
            _judge_placing(book, policy, found, reason, evidence, onboarding=onboarding)


def end_holds(
    account: Account, policy: Policy, today: date
) -> tuple[Account, tuple[HoldEnded, ...]]:
    """End the rules' holds of an account with nothing left to demand, at once (R5.4, R8.3).

    For bookings between two runs: what frees an account at noon need not wait for the next
    morning. Only where holds end by themselves when nothing is past due (the default): a condition
    may come back with the day's charges, so it is judged with them, in `decide`.
    """
    rules, book = policy.holds, Book(account)
    by_itself = rules.release == "auto" or _plan_releases(book, policy)
    if not by_itself or rules.release_when != "nothing_past_due":
        return account, ()
    if all(hold.by != "rule" for hold in account.holds.values()):
        return account, ()
    kept = _plans_keep_holds(book, policy)
    found = _as_if_unplanned(book, policy, today) if kept else survey(book, policy, today)
    if any(_counts(found, invoice) for invoice in found.past_due):
        return account, ()
    for hold in account.holds.values():
        if hold.by == "rule":
            _judge_release(book, policy, found, hold, evidence=None, asked=False)
    ended = tuple(effect for effect in book.effects if isinstance(effect, HoldEnded))
    return book.freeze(), ended


def _judge_release(
    book: Book,
    policy: Policy,
    found: Survey,
    hold: Hold,
    *,
    evidence: Evidence | None,
    asked: bool,
) -> None:
    """End a rule's hold, or ask a person to (R8.3)."""
    ended = evidence is None
    if policy.holds.release_when == "nothing_past_due":
        ended = not asked
    if not ended:
        if hold.review_asked:  # what a person decided then was about then
            book.holds[hold.reason] = replace(hold, review_asked=False)
        if book.tasks:
            asks = _review_id(book, f"release:{hold.reason}")
            book.close_task(asks, found.today, "nothing_to_release")
    elif policy.holds.release == "auto" or (_plan_releases(book, policy) and not asked):
        asks = _review_id(book, f"release:{hold.reason}")
        book.close_task(asks, found.today, "released")
        del book.holds[hold.reason]
        book.effects.append(HoldEnded(found.today, book.account_id, hold.reason))
    elif not hold.review_asked:
        _ask_review(book, policy, found, f"release:{hold.reason}", "The hold may end.")


def _judge_placing(
    book: Book, policy: Policy, found: Survey, reason: str, evidence: Evidence, *, onboarding: bool
) -> None:
    """Place a hold, or make it a review (R8.1, R5.7). A person's word on it stands meanwhile."""
    if reason in book.overruled_holds:
        return
    if book.account.details.account_class in policy.holds.never_by_rule:
        _ask_review(book, policy, found, f"hold:{reason}", evidence.sentence)
        return
    if onboarding and policy.holds.onboarding == "review":
        book.hold_reviews |= {reason}
    if reason in book.hold_reviews:
        _ask_review(book, policy, found, f"hold:{reason}", evidence.sentence)
        return
    book.holds[reason] = Hold(
        reason,
        found.today,
        "rule",
        tuple(invoice.invoice_id for invoice in evidence.invoices),
        evidence.sentence,
        invoices=evidence.invoices,
        more_invoices=evidence.more_invoices,
    )
    book.effects.append(HoldPlaced(found.today, book.account_id, reason, evidence.sentence))


def _ask_review(book: Book, policy: Policy, found: Survey, about: str, why: str) -> None:
    task_id = _review_id(book, about)
    if task_id in book.tasks:
        return
    due_on = policy.calendar.business_day_from(found.today)
    collector = collector_for(book, policy, found.today)
    book.open_task(Task(task_id, "review_account", due_on, why, collector), found.today)


def _review_id(book: Book, about: str) -> str:
    return f"{book.account_id}:review_account:{about}"


def _counts(found: Survey, invoice: Invoice) -> bool:
    """Whether a past-due invoice counts for placing or keeping a hold (R3.6, R8.1)."""
    if not found.is_demandable(invoice):
        return False
    return not found.currency or not CURRENCY_STOPS.intersection(
        found.currency.get(invoice.currency, ())
    )


def rules_true(
    book: Book, policy: Policy, found: Survey, asked: list[Invoice]
) -> dict[str, Evidence]:
    """Return the hold rules that are true now, with their evidence (R8.1).

    `asked` are the past-due invoices with something demandable, oldest first.
    """
    checks = (
        ("oldest_days_past_due", _oldest(policy, found, asked)),
        ("past_due_total", _total(policy, found, asked)),
        ("late_of_last", _late_of_last(book, policy) if asked else None),
        ("broken_plan", _broken_plan(book, policy, asked)),
        ("unanswered_final_demand", _unanswered(policy, found, asked)),
    )
    return {reason: evidence for reason, evidence in checks if evidence is not None}


RULES = (
    "oldest_days_past_due",
    "past_due_total",
    "late_of_last",
    "broken_plan",
    "unanswered_final_demand",
)


def _oldest(policy: Policy, found: Survey, asked: list[Invoice]) -> Evidence | None:
    limit = policy.holds.oldest_days_past_due
    if limit is None or not asked:
        return None
    days = asked[0].days_past_due(found.today)
    if days < limit:
        return None
    return resting_on(f"Invoice {asked[0].id} is {days} days past due.", asked[:1])


def _total(policy: Policy, found: Survey, asked: list[Invoice]) -> Evidence | None:
    limits = policy.holds.past_due_total
    if limits is None:
        return None
    for currency in sorted(limits):
        total = found.demandable.get(currency, 0)
        if total < limits[currency]:
            continue
        if not CURRENCY_STOPS.intersection(found.currency.get(currency, ())):
            digits = policy.digits[currency]
            those = [invoice for invoice in asked if invoice.currency == currency]
            amount = f"{currency} {format_amount(total, digits)}"
            limit = f"{currency} {format_amount(limits[currency], digits)}"
            return resting_on(f"{amount} is past due; the limit is {limit}.", those)
    return None


def _late_of_last(book: Book, policy: Policy) -> Evidence | None:
    if policy.holds.late_of_last is None:
        return None
    needed, looked_at = policy.holds.late_of_last
    last = book.settlements[-looked_at:]
    late = [settlement for settlement in last if settlement.late]
    if len(late) < needed:
        return None
    lines = tuple(HeldInvoice(one.invoice_id, one.due_on) for one in late[-EVIDENCE_MAX:])
    said = f"{len(late)} of the last {len(last)} settled invoices were late."
    return Evidence(said, lines, len(late) - len(lines))


def _broken_plan(book: Book, policy: Policy, asked: list[Invoice]) -> Evidence | None:
    """Return the evidence of the plan that was broken last and is still owed on."""
    if not (policy.holds.broken_plan and book.plans and asked):
        return None
    broken = [plan for plan in book.plans.values() if plan.state == "broken"]
    for plan in sorted(broken, key=lambda one: (one.ended_on or one.made_on, one.id), reverse=True):
        those = [invoice for invoice in asked if invoice.id in plan.invoice_ids]
        if those:
            return resting_on(f"Payment plan {plan.id} was broken on {plan.ended_on}.", those)
    return None


def _plans_keep_holds(book: Book, policy: Policy) -> bool:
    """Whether an active plan ends no rule's hold by what it covers (R9.3 `[plans].holds`)."""
    return policy.plans.holds == "keep" and _has_active_plan(book)


def _plan_releases(book: Book, policy: Policy) -> bool:
    """Whether an active plan lets rule holds end by themselves, whatever `release` says (R9.3)."""
    return policy.plans.holds == "release" and _has_active_plan(book)


def _has_active_plan(book: Book) -> bool:
    return any(plan.is_active for plan in book.plans.values())


def _as_if_unplanned(book: Book, policy: Policy, today: date) -> Survey:
    """Return what would be demandable if no plan covered anything."""
    return survey(Book(replace(book.freeze(), plans={})), policy, today)


def _unanswered(policy: Policy, found: Survey, asked: list[Invoice]) -> Evidence | None:
    if not policy.holds.unanswered_final_demand:
        return None
    for invoice in asked:
        demand = invoice.final_demand
        if demand is None or demand.answered or demand.respond_within_days is None:
            continue
        if (found.today - demand.noticed_on).days > demand.respond_within_days:
            said = f"The final demand of {demand.noticed_on} for invoice {invoice.id}"
            return resting_on(f"{said} was not answered.", [invoice])
    return None


def resting_on(sentence: str, invoices: list[Invoice]) -> Evidence:
    """Return evidence that rests on open invoices; of more than 20, the first and the count."""
    lines = tuple(
        HeldInvoice(one.id, one.effective_due_on, one.open_minor, one.currency)
        for one in invoices[:EVIDENCE_MAX]
    )
    return Evidence(sentence, lines, len(invoices) - len(lines))


def credit_status(account: Account) -> str:
    """Return `open`, `on_hold` or `prepaid`, derived from the holds that are placed (R8.2).

    A temporary release leaves it as it is: `may_ship` alone tells of that, for it ends by itself.
    """
    return status_of(account.holds.values())


def status_of(holds: Collection[Hold]) -> str:
    """Return the credit status that holds make: prepaid wins, any other is on hold (R8.2)."""
    if any(PREPAID in (hold.reason, hold.held_as) for hold in holds):
        return PREPAID
    return "on_hold" if holds else OPEN


def may_ship(holds: Iterable[Hold], today: date) -> bool:
    """Return whether no hold stops shipping today: each is released for the day, or there is none."""
    return not any(hold.stops(today) for hold in holds)


def answer_due(invoice: Invoice) -> timedelta | None:
    """Return how long after its notice an unanswered final demand becomes a reason, if it can."""
    demand = invoice.final_demand
    if demand is None or demand.answered or demand.respond_within_days is None:
        return None
    return timedelta(days=demand.respond_within_days + 1)
