"""Says in plain sentences what a policy does with accounts: holds, collectors, promises, plans."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.policy import HoldRules, Policy
from chalicelib.flows.policy_words import amounts, counted, days, listed, percent

RISK_PARTS = {
    "share_paid_late": "the share paid late",
    "average_days_late": "the average days late",
    "days_late_trend": "their trend",
    "broken_promises": "broken promises and payment plans",
    "disputes_lost": "disputes lost",
    "over_60_days": "the share of the balance over 60 days",
}


def hold_sentences(policy: Policy) -> Iterator[str]:
    """Yield when an account is put on credit hold, and what ends the hold (R8)."""
    rules = policy.holds
    reasons = list(_reasons(policy, rules))
    if not reasons:
        yield "No rule places a credit hold."
        return
    yield f"An account is put on credit hold when {'; or when '.join(reasons)}."
    until = (
        "no past-due invoice of the account has anything demandable any more; open charges alone "
        "do not keep it"
        if rules.release_when == "nothing_past_due"
        else "its own condition no longer holds"
    )
    how = "ends by itself" if rules.release == "auto" else "is put to a person for release"
    yield f"A rule's hold {how} once {until}."
    if rules.never_by_rule:
        classes = listed(sorted(rules.never_by_rule))
        yield f"Accounts of class {classes} are never held by a rule: a person reviews them."
    if rules.onboarding == "review":
        yield "On an account's first day with debts already past due a person reviews it instead."
    else:
        yield "Holds are placed on an account's first day as well."
    if rules.notify:
        yield (
            "Each change of credit status, and each temporary release, is told to "
            f"{rules.notify}, once."
        )


def _reasons(policy: Policy, rules: HoldRules) -> Iterator[str]:
    if rules.oldest_days_past_due is not None:
        oldest = days(rules.oldest_days_past_due)
        yield f"its oldest demandable invoice is {oldest} past due or more"
    if rules.past_due_total:
        limit = amounts(rules.past_due_total, policy.digits)
        yield f"what is demandable of it, open charges included, comes to {limit} or more"
    if rules.late_of_last is not None:
        late, last = rules.late_of_last
        yield f"it paid {late} of its last {last} invoices late and something is demandable"
    if rules.broken_plan:
        yield "it breaks a payment plan"
    if rules.unanswered_final_demand:
        yield "it lets the answer date of a final demand pass"


def collector_sentences(policy: Policy) -> Iterator[str]:
    """Yield who collects (R6.1, R6.3)."""
    rules = policy.people
    if not rules.tiers:
        yield "No collectors are named."
    for tier in rules.tiers:
        upto = f"up to {amounts(tier.up_to, policy.digits)}" if tier.up_to else "above that"
        if len(rules.tiers) == 1:
            upto = "of any size"
        yield f"Past-due totals {upto} belong to {tier.collector}."
    if rules.fallbacks:
        yield f"When a collector is out, {listed(rules.fallbacks, 'then')} takes over."
    yield (
        f"After {counted(rules.max_attempts, 'call')} without reaching anyone, calls stop and a "
        "better contact is looked for."
    )


def promise_sentences(policy: Policy) -> Iterator[str]:
    """Yield the terms of promises to pay (R6.6)."""
    promises = policy.promises
    yield (
        f"A promise to pay blocks dunning through its date and {days(promises.grace_days)} more"
        + (
            ", and no interest counts meanwhile; if it is broken, those days count after all."
            if promises.waives_fees
            else "."
        )
    )
    if promises.max_broken is not None:
        within = promises.broken_window_days
        window = f" within {days(within)}" if within is not None else ""
        broken = counted(promises.max_broken, "broken promise")
        yield f"After {broken}{window} the next one needs approval, and blocks nothing without it."


def plan_sentences(policy: Policy) -> Iterator[str]:
    """Yield the terms of payment plans (R9)."""
    plans = policy.plans
    if plans.max_days is not None:
        yield f"A payment plan longer than {days(plans.max_days)} needs approval."
    if plans.min_instalment:
        least = amounts(plans.min_instalment, policy.digits)
        yield f"Instalments below {least} need approval."
    if plans.min_down_payment_percent:
        share = percent(plans.min_down_payment_percent)
        yield f"A down payment below {share} of the covered balance needs approval."
    yield (
        f"An instalment unpaid {days(plans.grace_days)} after its date is missed; "
        f"the plan is broken after {counted(plans.max_missed, 'missed instalment')}."
    )
    yield f"While a plan is kept, it {plans.holds}s the rule holds of its account."


def safety_sentences(policy: Policy) -> Iterator[str]:
    """Yield what makes a run or an import wait for a person (R13.1, R7.6)."""
    rules = policy.safety
    if rules.max_run_growth is not None:
        times = format(rules.max_run_growth.normalize(), "f")
        yield f"A run for more than {times} times the usual number of accounts waits for approval."
    if rules.max_first_run is not None:
        most = counted(rules.max_first_run, "account")
        yield f"One of the first runs for {most} or more waits for approval."
    share = percent(rules.max_disappearing)
    yield (
        f"A full import that would settle more than {share} of the open invoices waits for "
        "approval; the default policy says so for every account."
    )


def risk_sentences(policy: Policy) -> Iterator[str]:
    """Yield what the risk score is made of (R12.1)."""
    rules = policy.risk
    if rules is None:
        yield "No risk score is given."
        return
    weights = [(name, getattr(rules, key)) for key, name in RISK_PARTS.items()]
    whole = sum(weight for _, weight in weights)
    parts = [f"{name} ({weight} of {whole})" for name, weight in weights if weight]
    yield f"The risk score of an account, from 0 to 100, is made of {listed(parts)}."
    if rules.worst_days_late is not None:
        yield f"An average of {days(rules.worst_days_late)} late counts as the worst."
    yield "It changes no stage, charge or hold."
