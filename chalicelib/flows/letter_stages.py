"""What a letter tells of stages and what follows them, from the policy's own figures (R4.8, R5.1).

Values only; the words are in the templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from chalicelib.core.account import Account, AccountDetails, Notice
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.invoice import AppliedStage, Invoice
from chalicelib.core.policy import LATE_FEE_KINDS, ChargeRule, Policy, Stage, Step
from chalicelib.flows.letter_charges import ComingCharges, charge_limit
from chalicelib.flows.letter_parts import (
    Announcement,
    Consequence,
    ConsequenceKind,
    InvoiceStage,
)

_FEE_NOTICE = "late_fee"
INTEREST = "interest"


def reference_of(account: Account) -> str:
    """Return what a letter asks to quote: the open case's number, else the account's id (R6.5)."""
    return account.id if account.case is None else account.case.number


def invoice_stage(policy: Policy, applied: AppliedStage, debtor_kind: str) -> InvoiceStage | None:
    """Return what a customer calls an invoice's stage: a late fee at 60 days; None for nothing.

    It is called by the charges that it has for debtors of the kind; the days are those of the
    period, where it repeats (R4.2).
    """
    stage = policy.stage_by_id.get(applied.stage)
    if stage is None or stage.notice not in ("reminder", "final_demand", _FEE_NOTICE):
        return None
    name = stage.notice
    if stage.notice == _FEE_NOTICE and stage.charges:
        name = _charged({rule.kind for rule in stage.charges_for(debtor_kind)})
    is_dated = bool(stage.charges) and not stage.final
    return InvoiceStage(name=name, days=applied.days if is_dated else 0)


def _charged(kinds: AbstractSet[str]) -> str:
    if kinds and kinds <= LATE_FEE_KINDS:
        return "late_fee"
    if kinds == {INTEREST}:
        return INTEREST
    return "charges" if kinds else "notice"


def announcements(
    listed: Sequence[Invoice], notice: Notice, policy: Policy, debtor_kind: str
) -> tuple[Announcement, ...]:
    """Return the charges that a notice announces for what it lists, soonest stage first (R4.8).

    Nothing, unless a stage that the notice bears or settles announces. `first_on` is the first
    day on which the charge can happen to an invoice listed, if the notice is sent on its date.
    A stage that repeats is announced once, from the soonest of the periods to come (R4.2).
    Charges that are not for debtors of the kind, or that skip so little, are not announced (R4.1).
    """
    borne = {notice.stage, *(owed.stage for _, stages in notice.settled for owed in stages)}
    known = policy.stage_by_id
    if not any(name in known and known[name].announces for name in borne):
        return ()
    coming: dict[str, list[tuple[Invoice, Step]]] = {}
    for invoice in listed:
        for step in _coming_charging(invoice, notice, policy, debtor_kind):
            coming.setdefault(step.stage.id, []).append((invoice, step))
    charges = ComingCharges(policy, notice.currency, notice.created_on)
    found = (_announcement(own, notice, charges, debtor_kind) for own in coming.values())
    return tuple(sorted(found, key=lambda one: one.days_past_due))


def _coming_charging(
    invoice: Invoice, notice: Notice, policy: Policy, debtor_kind: str
) -> Iterator[Step]:
    """Yield the next step that charges an invoice, and what comes in the same run with it (R5.2)."""
    step = _next_charging(invoice, policy, debtor_kind)
    if step is None:
        return
    yield step
    if policy.dunning.catch_up != "jump":
        return
    first_on = _first_day(invoice, step, notice, policy)
    for stage in policy.stages:
        jumped = Step(stage, 1, stage.days)
        if (
            stage.days > step.days
            and _rules_of(stage, [invoice], debtor_kind)
            and _first_day(invoice, jumped, notice, policy) <= first_on
        ):
            yield jumped


def _next_charging(invoice: Invoice, policy: Policy, debtor_kind: str) -> Step | None:
    """Return the next step that charges an invoice; others may come before it."""
    step = policy.step_after(invoice.highest_days)
    if step is None or _rules_of(step.stage, [invoice], debtor_kind):
        return step
    later = (stage for stage in policy.stages if stage.days > step.days)
    found = next((one for one in later if _rules_of(one, [invoice], debtor_kind)), None)
    return None if found is None else Step(found, 1, found.days)


def _rules_of(
    stage: Stage, invoices: Sequence[Invoice], debtor_kind: str
) -> tuple[ChargeRule, ...]:
    """Return the charges of a stage that one of the invoices is not too small for (R4.1).

    What is in dispute may turn out to be owed.
    """
    return tuple(
        rule
        for rule in stage.charges_for(debtor_kind)
        if any(one.open_minor >= rule.skip_below.get(one.currency, 0) for one in invoices)
    )


def _announcement(
    coming: Sequence[tuple[Invoice, Step]],
    notice: Notice,
    charges: ComingCharges,
    debtor_kind: str,
) -> Announcement:
    policy, stage = charges.policy, coming[0][1].stage
    days = min(step.days for _, step in coming)
    invoices = [invoice for invoice, _ in coming]
    rules = _rules_of(stage, invoices, debtor_kind)
    following = policy.step_after(days)
    goes_on = following is not None and following.stage is stage
    return Announcement(
        days_past_due=days,
        charges=charges.of(rules, invoices),
        first_on=min(_first_day(one, step, notice, policy) for one, step in coming),
        every_days=(stage.repeat_every_days or 0) if goes_on else 0,
        runs_to_payment=any(rule.kind == INTEREST for rule in rules)
        and any(runs_to_payment(one, policy, debtor_kind) for one in invoices),
        limit=charge_limit(policy.caps, rules),
    )


def runs_to_payment(invoice: Invoice, policy: Policy, debtor_kind: str) -> bool:
    """Whether paying an invoice brings the interest since its last stage: `post_final` (R4.3)."""
    if policy.interest is None or not policy.interest.post_final:
        return False
    stages = (policy.stage_by_id.get(applied.stage) for applied in invoice.applied)
    return any(
        rule.kind == INTEREST
        for stage in stages
        if stage is not None
        for rule in stage.charges_for(debtor_kind)
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


def interest_comes(invoice: Invoice, policy: Policy, debtor_kind: str) -> bool:
    """Whether interest on an invoice can still be posted: by a later stage, or on payment (R4.3)."""
    if runs_to_payment(invoice, policy, debtor_kind):
        return True
    following = policy.step_after(invoice.highest_days)
    return following is not None and any(
        rule.kind == INTEREST
        for stage in policy.stages
        if stage.days > invoice.highest_days or stage is following.stage
        for rule in stage.charges_for(debtor_kind)
    )


def consequences(
    policy: Policy, details: AccountDetails, currency: str, listed: Sequence[Invoice] = ()
) -> tuple[Consequence, ...]:
    """Return what a final demand truly leads to (R5.1, R8.1, R10).

    Accounts of a class that no rule holds are not told that one would. What is `listed` bears
    interest until it is paid where a stage charged some before (R4.3).
    """
    told = []
    is_held = details.account_class not in policy.holds.never_by_rule
    if policy.holds.unanswered_final_demand and is_held:
        told.append(Consequence(kind=ConsequenceKind.HOLD))
    if policy.escalation.agencies:
        percent = policy.escalation.collection_fee_percent or None
        most = policy.escalation.collection_fee_max.get(currency) if percent else None
        told.append(
            Consequence(kind=ConsequenceKind.AGENCY, fee_percent=percent, fee_max_minor=most)
        )
    if any(runs_to_payment(one, policy, details.debtor_kind) for one in listed):
        told.append(Consequence(kind=ConsequenceKind.INTEREST_RUNS))
    return tuple(told) or (Consequence(kind=ConsequenceKind.DECISION),)
