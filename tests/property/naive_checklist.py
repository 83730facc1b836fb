"""R10.1 and R5.5 told once more and naively, by nobody's code: what stands against a placement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from chalicelib.core.account import Account, Mark
from chalicelib.core.effects import NoticeCreated
from chalicelib.core.facts import NoticeCounted
from chalicelib.core.invoice import Invoice
from chalicelib.core.placements import Placement
from chalicelib.core.policy import Policy
from tests.property.walk import Seen

WITH_AGENCY = ("offered", "active", "suspended", "recall_pending")
OF_INVOICES = ("in_plan", "placed")  # the other marks lie on the account or a currency


@dataclass
class Letters:
    """The final demands of an account and which of them count as sent, as they were seen."""

    policy: Policy
    asked: dict[str, tuple[date, tuple[str, ...]]] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)

    def read(self, seen: Seen) -> None:
        for effect in seen.effects:
            if isinstance(effect, NoticeCreated) and effect.stage:
                stage = next(one for one in self.policy.stages if one.id == effect.stage)
                if stage.final and stage.respond_within_days is not None:
                    answer_by = effect.on + timedelta(days=stage.respond_within_days)
                    self.asked[effect.id] = (answer_by, effect.invoice_ids)
        if isinstance(seen.fact, NoticeCounted):
            self.counted.add(seen.fact.notice_id)

    def warned(self, name: str, today: date) -> bool:
        """Whether a final demand that counts listed the invoice, and its answer date has passed."""
        return any(
            name in names and answer_by < today
            for notice, (answer_by, names) in self.asked.items()
            if notice in self.counted
        )


def is_over(mark: Mark, day: date) -> bool:
    return mark.until is not None and mark.until < day


def own_blocks(account: Account, invoice: Invoice, policy: Policy, day: date) -> set[str]:
    """Every reason of R5.5 that lies on one invoice."""
    name, grace = invoice.id, timedelta(days=policy.promises.grace_days)
    found = {
        mark.block
        for mark in account.marks
        if mark.block in OF_INVOICES and not is_over(mark, day)
        if not mark.invoice_ids or name in mark.invoice_ids
    }
    plans, placed = account.plans.values(), account.placements.values()
    if invoice.delivered_on is None:
        found.add("not_delivered")
    if invoice.disputed_minor:
        found.add("disputed")
    if any(plan.state == "active" and name in plan.invoice_ids for plan in plans):
        found.add("in_plan")
    for promise in account.promises:
        waits = not promise.is_over and not promise.needs_approval
        if waits and name in promise.invoice_ids and day <= promise.by + grace:
            found.add("promised")
    if any(span.until >= day and span.invoice_id in {None, name} for span in account.pauses):
        found.add("paused")
    if any(one.state in WITH_AGENCY and name in one.invoice_ids for one in placed):
        found.add("placed")
    return found


def account_blocks(account: Account, currency: str, policy: Policy, day: date) -> Iterator[str]:
    """Every reason of R5.5 that lies on an account or on one of its currencies."""
    if currency not in policy.digits:
        yield "currency_not_in_policy"
    yield from marks_on(account, currency, day)
    asked = 0
    for invoice in account.invoices.values():
        wholly = invoice.disputed_minor and invoice.disputed_minor >= invoice.open_minor
        blocks = own_blocks(account, invoice, policy, day) - {"disputed"}
        if invoice.currency != currency or blocks or wholly:
            continue
        asked += invoice.open_charges_minor
        if invoice.open_minor and invoice.effective_due_on < day:
            asked += invoice.open_minor - invoice.disputed_minor
    if 0 < asked < policy.dunning.minimum_past_due.get(currency, 0):
        yield "below_minimum"
    if 0 < asked <= account.unapplied.get(currency, 0):
        yield "cash_covers"


def marks_on(account: Account, currency: str, day: date) -> Iterator[str]:
    for mark in account.marks:
        lies_on_it = mark.block not in OF_INVOICES and mark.currency in {None, currency}
        if lies_on_it and not is_over(mark, day):
            yield mark.block


def forbidden(
    before: Account, placed: Placement, policy: Policy, day: date, letters: Letters
) -> list[str]:
    """All that R10.1 has against a placement, on the account as it was just before it was offered."""
    currency, rules = placed.currency, policy.escalation
    found, balance = list(account_blocks(before, currency, policy, day)), 0
    for name in placed.invoice_ids:
        invoice = before.invoices.get(name)
        if invoice is None or invoice.currency != currency or not invoice.open_minor:
            found.append(f"{name} is not open")
            continue
        found += [f"{name} is {why}" for why in own_blocks(before, invoice, policy, day)]
        if not (invoice.effective_due_on < day and letters.warned(name, day)):
            found.append(f"{name} was in no final demand that went unanswered")
        balance += invoice.open_minor + invoice.open_charges_minor
    least = max(rules.min_placement.get(currency, 0), 1, before.unapplied.get(currency, 0) + 1)
    if balance < least:
        found.append("too small, or covered by cash")
    if placed.balance_minor != balance or placed.placed_minor != balance:
        found.append("another balance")
    if placed.agency not in {rule.agency for rule in rules.agencies}:
        found.append("no agency of the policy")
    return [*found, *too_little_tried(before, policy)]


def too_little_tried(account: Account, policy: Policy) -> Iterator[str]:
    rules, tried = policy.escalation, account.case.tried if account.case else None
    attempts = {} if tried is None else tried.attempts
    if sum(attempts.values()) < rules.min_attempts or len(attempts) < rules.min_channels:
        yield "too few attempts"
    if rules.min_attempts and not (tried and (tried.sales_owner or len(tried.people) > 1)):
        yield "nobody else was tried"


def rests_for(account: Account, one: Placement, policy: Policy, day: date) -> set[str]:
    """Why a placement that is worked rests."""
    left = [account.invoices[name] for name in one.invoice_ids if name in account.invoices]
    if not left:
        return set()
    found = set(marks_on(account, one.currency, day))
    for invoice in left:
        found |= own_blocks(account, invoice, policy, day) - {"placed", "not_delivered"}
    if any(invoice.open_minor and invoice.effective_due_on >= day for invoice in left):
        found.add("not_due")
    balance = sum(invoice.open_minor + invoice.open_charges_minor for invoice in left)
    if 0 < balance <= account.unapplied.get(one.currency, 0):
        found.add("cash_covers")
    return found - {"below_minimum", "currency_not_in_policy"}
