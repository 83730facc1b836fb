"""How money moves a payment plan: its instalments follow the balance of what it covers (R9.4).

Two figures say all of it: what was paid towards the plan, and what is open of what it covers. The
amounts add up to both together, so that what is open of the instalments is that balance whatever
happens. What was paid fills the oldest instalments. Where the sum is less than was agreed, the last
ones are cut, where it is more, the last one grows: so a payment that bounces, with all that it led
to, brings back exactly what was there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from chalicelib.core.account import Money, money_key
from chalicelib.core.agreements import Instalment, Plan
from chalicelib.core.book import Book
from chalicelib.core.effects import PlanMoved
from chalicelib.core.facts import (
    CashApplied,
    ChargeReinstated,
    ChargeWaived,
    CreditNote,
    ExternalOpen,
    Fact,
    InvoiceVoided,
    InvoiceWrittenOff,
    Payment,
    PaymentReversed,
)
from chalicelib.core.facts_placements import PlacementFact
from chalicelib.core.money import add
from chalicelib.core.plan_draft import OPEN_STATES
from chalicelib.core.plan_schedule import planned_amounts
from chalicelib.core.suspensions import remember_agreement, rest_of_plan

PLANS_KEPT = 20  # ended ones of one account: the latest


@dataclass(frozen=True, slots=True)
class Watched:
    """The plans that a fact may move, and what the money it moves had paid towards each before.

    `paid_minor`: by plan, then by the key of the payment or credit note.
    """

    plan_ids: tuple[str, ...]
    money_keys: tuple[str, ...] = ()
    paid_minor: dict[str, dict[str, int]] = field(default_factory=dict)


def watch(book: Book, fact: Fact) -> Watched | None:
    """Return the plans that a fact may move, before it is booked; None: it moves none."""
    if isinstance(fact, Payment):
        names = [plan.id for plan in book.plans.values() if plan.is_active]
        return _watched(book, names, [money_key("payment", fact.payment_id)])
    if isinstance(fact, PaymentReversed):
        return _watched_bounce(book, fact)
    if isinstance(fact, CashApplied):
        names = [plan.id for plan in book.plans.values() if plan.is_active]
        keys = [fact.money_key] if fact.money_key else _unapplied(book, fact.currency)
        return _watched(book, names, keys)
    if book.placements and isinstance(fact, PlacementFact | InvoiceVoided):
        # A fee is posted, waived, or moves to another invoice; the rest is given up (R10.3, R10.7).
        active = tuple(plan.id for plan in book.plans.values() if plan.is_active)
        return Watched(active) if active else None
    if isinstance(fact, _ABOUT_ONE):
        names = [
            plan.id
            for plan in book.plans.values()
            if plan.is_active and fact.invoice_id in plan.invoice_ids
        ]
        return Watched(tuple(names)) if names else None
    return None


_ABOUT_ONE = (
    CreditNote | InvoiceVoided | InvoiceWrittenOff | ChargeWaived | ChargeReinstated | ExternalOpen
)  # facts that move the balance of the one invoice they name


def follow(book: Book, fact: Fact, watched: Watched) -> None:
    """Let the plans follow what a fact did to the balance of what they cover (R9.4).

    Nothing is left to pay: the plan is completed. A completed one whose payment bounced is active
    again; the next decision finds what of it was missed by then.
    """
    for plan_id in watched.plan_ids:
        plan = book.plans[plan_id]
        balance = balance_of(book, plan)
        if not (plan.is_active or balance):
            continue  # completed before, and still
        before = watched.paid_minor.get(plan_id, {})
        after = _paid_towards(book, plan, watched.money_keys)
        paid = sum(after.values()) - sum(before.values())
        if isinstance(fact, Payment | CashApplied):
            plan = _remember_cash(book, plan, before, after)
        if isinstance(fact, ExternalOpen):  # in a mirror nothing else tells of money (R7.6)
            paid = plan.open_minor - balance
        if paid or balance != plan.open_minor:
            _move(book, plan, paid, balance, fact.on)


def balance_of(book: Book, plan: Plan) -> int:
    """Return what is open of what a plan covers, principal and charges, in minor units."""
    found = (book.invoices.get(name) for name in plan.invoice_ids)
    return sum(
        invoice.open_minor + invoice.open_charges_minor for invoice in found if invoice is not None
    )


def refilled(plan: Plan, filled_minor: int, balance_minor: int, on: date) -> Plan:
    """Return a plan of which so much was paid, and so much is open of what it covers (R9.4)."""
    left, paid_left = filled_minor + balance_minor, filled_minor
    instalments: list[Instalment] = []
    for instalment, planned in zip(plan.instalments, _agreed(plan), strict=True):
        is_last = len(instalments) == len(plan.instalments) - 1
        amount = left if is_last else min(planned, left)
        paid = min(amount, paid_left)
        is_full = 0 < amount == paid
        instalments.append(
            replace(
                instalment,
                amount_minor=amount,
                paid_minor=paid,
                paid_on=(instalment.paid_on or on) if is_full else None,
            )
        )
        left, paid_left = left - amount, paid_left - paid
    return replace(plan, instalments=tuple(instalments))


def end_plan(book: Book, plan: Plan, on: date) -> None:
    """Store a plan that ended on a day, with its effect; the latest 20 that ended are kept.

    Of the letters that it owes only the one that says how it ended is still worth sending; no
    letter ends a plan that never began.
    """
    letters = (f"plan_{plan.state}",) if plan.started_on is not None else ()
    ended = replace(plan, ended_on=on, letters_owed=letters)
    book.put_plan(ended)
    book.effects.append(moved(book, ended, on))
    over = [one for one in book.plans.values() if one.state not in OPEN_STATES]
    over.sort(key=lambda one: (one.ended_on or one.made_on, one.made_on, len(one.id), one.id))
    for one in over[:-PLANS_KEPT]:
        remember_agreement(book, one.invoice_ids, rest_of_plan(one))
        book.plans = {name: kept for name, kept in book.plans.items() if name != one.id}


def moved(book: Book, plan: Plan, on: date) -> PlanMoved:
    """Return the effect that says into which state a plan came, and what is left to pay of it."""
    return PlanMoved(on, book.account_id, plan.id, plan.state, plan.open_minor, plan.currency)


def _move(book: Book, plan: Plan, paid: int, balance: int, on: date) -> None:
    filled = max(sum(one.paid_minor for one in plan.instalments) + paid, 0)
    plan = refilled(plan, filled, balance, on)
    if balance == 0:
        end_plan(book, replace(plan, state="completed"), on)
    elif plan.is_active:
        book.put_plan(plan)
    else:  # it was completed, and is not any more
        letters = tuple(kind for kind in plan.letters_owed if kind != "plan_completed")
        again = replace(plan, state="active", ended_on=None, letters_owed=letters)
        book.put_plan(again)
        book.effects.append(moved(book, again, on))


def _agreed(plan: Plan) -> Iterable[int]:
    """Return the amounts of the instalments as they were agreed."""
    if plan.terms is None:
        return [instalment.amount_minor for instalment in plan.instalments]
    return planned_amounts(plan.terms, plan.covered_minor)


def _watched(book: Book, names: Iterable[str], keys: Iterable[str]) -> Watched | None:
    plan_ids, known = tuple(names), tuple(keys)
    if not plan_ids:
        return None
    paid = {name: _paid_towards(book, book.plans[name], known) for name in plan_ids}
    return Watched(plan_ids, known, paid)


def _watched_bounce(book: Book, fact: PaymentReversed) -> Watched | None:
    """A bounce moves active plans, and completed ones that its payment had paid towards.

    What was paid before a plan was made had filled nothing of it: it comes on top. What was paid
    while it waited for its approval had (R9.2), and so had older cash that was applied to it.
    """
    money = book.money.get(money_key("payment", fact.payment_id))
    if money is None:
        return None
    active = [plan for plan in book.plans.values() if plan.is_active]
    ended = [plan for plan in book.plans.values() if _opens_again(book, plan, money)]
    plans = [*active, *ended]
    if not plans:
        return None
    paid = {plan.id: {money.key: _paid_in(book, plan, money)} for plan in plans}
    return Watched(tuple(plan.id for plan in plans), (money.key,), paid)


def _opens_again(book: Book, plan: Plan, money: Money) -> bool:
    """Whether a completed plan is active again when this payment bounces.

    Not where the payment came after the plan had ended (for a charge that was reinstated), nor
    where its invoices are in a newer plan, which takes what comes back.
    """
    if plan.state != "completed" or not _paid_in(book, plan, money):
        return False
    if plan.ended_on is not None and plan.ended_on < money.booked_on:
        return False
    return not any(
        other.state in OPEN_STATES and not plan.invoice_ids.isdisjoint(other.invoice_ids)
        for other in book.plans.values()
    )


def _unapplied(book: Book, currency: str) -> list[str]:
    return [m.key for m in book.money.values() if m.currency == currency and m.unapplied_minor]


def _paid_in(book: Book, plan: Plan, money: Money) -> int:
    """Return what a payment has paid of what a plan covers since the plan was made."""
    paid = sum(_paid_towards(book, plan, [money.key]).values())
    if not _may_be_older(money, plan):
        return paid
    return min(paid, dict(plan.cash_applied).get(money.key, 0))


def _remember_cash(book: Book, plan: Plan, before: dict[str, int], after: dict[str, int]) -> Plan:
    """Return a plan that knows what it got of payments that may be older than it is.

    When one of them bounces, that much of the instalments is open again, and no more.
    """
    known = dict(plan.cash_applied)
    for key, paid in after.items():
        money = book.money[key]
        if money.kind == "payment" and _may_be_older(money, plan):
            add(known, key, paid - before.get(key, 0))
    applied = tuple((key, paid) for key, paid in sorted(known.items()) if paid > 0)
    return replace(plan, cash_applied=applied)


def _may_be_older(money: Money, plan: Plan) -> bool:
    """Whether a payment may have come before a plan: on the plan's own day it may, too.

    Not where the plan waited: what came on its day counts as paid when it begins (R9.2).
    """
    if money.booked_on == plan.made_on:
        return not plan.approval_reasons
    return money.booked_on < plan.made_on


def _paid_towards(book: Book, plan: Plan, keys: Iterable[str]) -> dict[str, int]:
    """Return what each of these payments and credits has paid of what a plan covers."""
    found = (book.money.get(key) for key in keys)
    return {
        money.key: sum(
            part.amount_minor for part in money.allocations if part.invoice_id in plan.invoice_ids
        )
        for money in found
        if money is not None and money.currency == plan.currency
    }
