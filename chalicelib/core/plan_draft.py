"""What a payment plan would be: what it covers, its instalments, why it needs approval (R9.1, R9.2).

A preview and the making of a plan ask the same function, so that they cannot differ (R9.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.core.account import Account
from chalicelib.core.agreements import Instalment, Plan, PlanTerms
from chalicelib.core.book import Book
from chalicelib.core.errors import Fault, LimitError, UnfitInputError
from chalicelib.core.invoice import Invoice
from chalicelib.core.money import round_down, share
from chalicelib.core.plan_schedule import (
    faults_of_amounts,
    faults_of_terms,
    last_unmoved_date,
    schedule_of,
)
from chalicelib.core.policy import Policy

PLANS_MAX = 50  # of one account at a time, active or waiting for an approval
PLAN_INVOICES_MAX = 10_000
OPEN_STATES = frozenset({"active", "pending_approval"})


def draft_plan(
    source: Account | Book, terms: PlanTerms, policy: Policy, today: date, made_by: str = ""
) -> Plan:
    """Return the plan that these terms make today; nothing is changed (R9.1, R9.2, R9.6).

    It covers the named invoices, or all that is past due in the currency and can be covered: what
    is in another plan, placed, or disputed in whole or part is left out. Its balance is their open
    principal and open charges. `approval_reasons`, if any, make it wait: `too_long`,
    `instalment_too_small`, `down_payment_too_small`, `after_broken_plan`.

    Raises:
        UnfitInputError: the terms cannot be so, or a named invoice cannot be covered; every fault
            is named. Pointers: /currency, /count, /instalment, /first_on, /down_payment,
            /down_payment_on, /invoice_ids and /invoice_ids/<index>.
        LimitError: the account has 50 plans that have not ended.
    """
    if sum(plan.state in OPEN_STATES for plan in source.plans.values()) >= PLANS_MAX:
        raise LimitError(f"an account may have {PLANS_MAX} payment plans at a time; end one first")
    faults = list(faults_of_terms(terms, today))
    if terms.currency not in policy.digits:
        faults.append(Fault("/currency", "currency_not_in_policy", "the policy does not list it"))
    covered, not_covered = _covered(source, terms, today)
    faults += not_covered
    covered_minor = sum(one.open_minor + one.open_charges_minor for one in covered)
    if covered and not not_covered:
        faults += faults_of_amounts(terms, covered_minor)
    if faults:
        raise UnfitInputError("the payment plan cannot be so", faults)
    instalments = schedule_of(terms, covered_minor, policy.calendar, today)
    reasons = tuple(_reasons(source, terms, policy, today, covered_minor, instalments))
    return Plan(
        id=_next_id(source, today),
        state="pending_approval" if reasons else "active",
        made_on=today,
        currency=terms.currency,
        invoice_ids=frozenset(one.id for one in covered),
        covered_minor=covered_minor,
        instalments=instalments,
        approval_reasons=reasons,
        made_by=made_by,
        started_on=None if reasons else today,
        interest_due=terms.interest_due,
        terms=replace(terms, invoice_ids=()),  # what it covers is said once
    )


def _covered(
    source: Account | Book, terms: PlanTerms, today: date
) -> tuple[list[Invoice], list[Fault]]:
    """Return the invoices that a plan covers, and the faults of those that it cannot."""
    cover = _Cover.of(source, today)
    faults: list[Fault] = []
    if terms.invoice_ids:
        found = []
        for index, name in enumerate(terms.invoice_ids):
            invoice = source.invoices.get(name) or source.closed.get(name)
            why_not = cover.why_not(invoice, terms.currency)
            if why_not is not None:
                faults.append(replace(why_not, where=f"/invoice_ids/{index}"))
            elif invoice is not None:
                found.append(invoice)
        found = list({invoice.id: invoice for invoice in found}.values())
    else:
        found = [
            invoice
            for invoice in source.invoices.values()
            if invoice.is_past_due(today) and cover.why_not(invoice, terms.currency) is None
        ]
        if not found:
            said = f"nothing in {terms.currency} is past due that a plan could cover"
            faults.append(Fault("/invoice_ids", "nothing_to_cover", said))
    if len(found) > PLAN_INVOICES_MAX:
        said = f"a plan covers at most {PLAN_INVOICES_MAX:,} invoices: name fewer"
        faults.append(Fault("/invoice_ids", "too_many", said))
    return found, faults


@dataclass(frozen=True, slots=True)
class _Cover:
    """What stands against covering an invoice, looked up once for all of them."""

    plans: dict[str, str]  # the plan that covers an invoice, or would when it is approved
    placed: frozenset[str]
    marked: frozenset[str]  # in a plan that is kept elsewhere
    all_placed: bool
    all_marked: bool

    @classmethod
    def of(cls, source: Account | Book, today: date) -> _Cover:
        named: dict[str, set[str]] = {"placed": set(), "in_plan": set()}
        whole = set()
        for placement in source.placements.values():
            if placement.is_with_agency:
                named["placed"] |= placement.invoice_ids
        for mark in source.marks:
            if mark.block in named and (mark.until is None or today <= mark.until):
                named[mark.block].update(mark.invoice_ids)
                if not mark.invoice_ids:
                    whole.add(mark.block)
        return cls(
            {
                name: plan.id
                for plan in source.plans.values()
                if plan.state in OPEN_STATES
                for name in plan.invoice_ids
            },
            frozenset(named["placed"]),
            frozenset(named["in_plan"]),
            "placed" in whole,
            "in_plan" in whole,
        )

    def why_not(self, invoice: Invoice | None, currency: str) -> Fault | None:
        """Return why a plan cannot cover an invoice, None if it can."""
        if invoice is None:
            return Fault("", "unknown_invoice", "is not an invoice of the account")
        if invoice.currency != currency:
            return Fault("", "other_currency", f"is in {invoice.currency}, not in {currency}")
        if invoice.is_settled:
            return Fault("", "nothing_open", "has nothing open")
        return self._taken(invoice)

    def _taken(self, invoice: Invoice) -> Fault | None:
        plan_id = self.plans.get(invoice.id)
        if plan_id is not None:
            return Fault("", "in_plan", f"is in plan {plan_id} already")
        if self.all_marked or invoice.id in self.marked:
            return Fault("", "in_plan", "is in a payment plan already")
        if self.all_placed or invoice.id in self.placed:
            return Fault("", "placed", "is with an external agency")
        if invoice.disputed_minor:
            return Fault("", "disputed", "is disputed: resolve the dispute first")
        return None


def _reasons(
    source: Account | Book,
    terms: PlanTerms,
    policy: Policy,
    today: date,
    covered_minor: int,
    instalments: tuple[Instalment, ...],
) -> Iterator[str]:
    """Yield why the plan needs an approval (R9.2). No business day moves it past the bound."""
    rules = policy.plans
    last_on = last_unmoved_date(terms, covered_minor, today)
    if rules.max_days is not None and (last_on - today).days > rules.max_days:
        yield "too_long"
    least = rules.min_instalment.get(terms.currency, 0)
    if any(one.number and one.amount_minor < least for one in instalments):
        yield "instalment_too_small"
    down = round_down(share(covered_minor, rules.min_down_payment_percent))
    if terms.down_payment_minor < down:
        yield "down_payment_too_small"
    if any(plan.state == "broken" for plan in source.plans.values()):
        yield "after_broken_plan"


def _next_id(source: Account | Book, made_on: date) -> str:
    """Return the id of one more plan of a day: `pln_2026-11-22_01`. None is used again."""
    start = f"pln_{made_on}_"
    numbers = [int(name.removeprefix(start)) for name in source.plans if name.startswith(start)]
    return f"{start}{max(numbers, default=0) + 1:02d}"
