"""What a letter says of stages and charges in words, from the policy's own figures (R4.8, R5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from chalicelib.core.account import Account, Notice
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.invoice import Charge, Invoice
from chalicelib.core.money import Amounts, format_amount
from chalicelib.core.policy import ChargeRule, Policy, Step
from chalicelib.flows.letter_parts import Announcement

_STAGES = {"reminder": "Reminder", "late_fee": "Late fee", "final_demand": "Final demand"}
_CHARGES = {
    "interest": "Interest",
    "compensation": "Compensation",
    "collection_fee": "Collection fee",
}


def reference_of(account: Account) -> str:
    """Return what a letter asks to quote: the open case's number, else the account's id (R6.5)."""
    return account.id if account.case is None else account.case.number


def stage_words(policy: Policy, stage_id: str) -> str:
    """Return what a customer reads of an invoice's stage: "Late fee, 60 days"."""
    stage = policy.stage_by_id.get(stage_id)
    if stage is None:
        return ""
    words = _STAGES.get(stage.notice or "", "")
    return f"{words}, {stage.days} days" if words and stage.charges and not stage.final else words


def charge_label(charge: Charge) -> str:
    """Return what a customer calls a charge: "Late fee"."""
    return _CHARGES.get(charge.kind, "Late fee")


def announcements(
    listed: Sequence[Invoice], notice: Notice, policy: Policy
) -> tuple[Announcement, ...]:
    """Return the charges that a notice announces for what it lists, soonest stage first (R4.8).

    Nothing, unless a stage that the notice bears or settles announces. `first_on` is the first
    day on which the charge can happen to an invoice listed, if the notice is sent on its date.
    """
    borne = {notice.stage, *(owed.stage for _, stages in notice.settled for owed in stages)}
    known = policy.stage_by_id
    if not any(name in known and known[name].announces for name in borne):
        return ()
    firsts: dict[tuple[int, str], date] = {}
    for invoice in listed:
        step = policy.step_after(invoice.highest_days)
        if step is None or not step.stage.charges:
            continue
        key = (step.days, _charges_in_words(step.stage.charges, policy, notice.currency))
        day = _first_day(invoice, step, notice, policy)
        firsts[key] = min(day, firsts.get(key, day))
    return tuple(
        Announcement(days_past_due=days, charge=words, first_on=day)
        for (days, words), day in sorted(firsts.items())
    )


def _first_day(invoice: Invoice, step: Step, notice: Notice, policy: Policy) -> date:
    """Return the first day on which a step can apply after this notice (R4.8, R5.2)."""
    sent_on = notice.created_on
    day = max(invoice.effective_due_on + timedelta(days=step.days), sent_on + ONE_DAY)
    if policy.dunning.catch_up == "step":
        day = max(day, sent_on + policy.interval)
    if step.stage.warn_first:
        said = [a.sent_on for a in invoice.announcements if a.sent_on is not None]
        day = max(day, min(said, default=sent_on) + timedelta(days=step.stage.warn_days))
    return policy.calendar.processing_day_from(day)


def _charges_in_words(rules: Sequence[ChargeRule], policy: Policy, currency: str) -> str:
    words = [_in_words(rule, currency, policy.digits[currency]) for rule in rules]
    return " and a ".join(words)


def _in_words(rule: ChargeRule, currency: str, digits: int) -> str:
    """Complete "A ... is added to each invoice" for one charge (R4.1)."""
    if rule.kind == "flat":
        return f"late fee of {currency} {format_amount(rule.amount.get(currency, 0), digits)}"
    bounds = _bound(", at least", rule.min, currency, digits)
    bounds += _bound(", at most", rule.max, currency, digits)
    comma = "," if bounds else ""
    return f"late fee of {_percent(rule.rate)}% of the amount then open{bounds}{comma}"


def _percent(rate: Decimal) -> str:
    return format((rate * 100).normalize(), "f")


def _bound(words: str, amounts: Amounts, currency: str, digits: int) -> str:
    if currency not in amounts:
        return ""
    return f"{words} {currency} {format_amount(amounts[currency], digits)}"


def consequences(policy: Policy, account_class: str, currency: str) -> tuple[str, ...]:
    """Return, in whole sentences, what a final demand truly leads to (R5.1, R8.1, R10).

    Accounts of a class that no rule holds are not told that one would.
    """
    said = []
    is_held = account_class not in policy.holds.never_by_rule
    if policy.holds.unanswered_final_demand and is_held:
        said.append("We stop shipping to your account until the past-due balance is settled.")
    if policy.escalation.agencies:
        sentence = "We may hand the past-due invoices to an external collection agency."
        percent = policy.escalation.collection_fee_percent
        if percent:
            digits = policy.digits[currency]
            most = _bound(", at most", policy.escalation.collection_fee_max, currency, digits)
            fee = f"{_percent(percent)}%{most}{',' if most else ''}"
            sentence += f" Its fee of {fee} would then be added to what you owe."
        said.append(sentence)
    return tuple(said) or ("Our credit department then decides on the next step.",)
