"""What a policy may say of charges but probably does not mean: remarks, not faults (R4)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.policy import InterestRules, Policy
from chalicelib.flows.policy_explain_interest import charging_stages
from chalicelib.flows.policy_words import days, listed, percent

# The currency of the debts that the law of a shipped table of rates is for.
CURRENCY_OF_TABLE = {"gb_bank_rate": "GBP", "ecb_mro": "EUR", "de_basiszinssatz": "EUR"}


def charge_remarks(policy: Policy) -> Iterator[str]:
    """Yield what is allowed of charges but worth a second look, each a sentence with its keys."""
    yield from _above_caps(policy)
    yield from _compensation(policy)
    if policy.interest is not None:
        yield from _interest(policy, policy.interest)
        yield from _table(policy, policy.interest)


def _above_caps(policy: Policy) -> Iterator[str]:
    cap = policy.caps.max_total_percent
    for stage in policy.stages:
        for rule in stage.charges:
            rate = max((rule.rate, *(band.percent for band in rule.bands)))
            if cap is not None and rate > cap:
                yield (
                    f'Stage "{stage.id}" charges {percent(rate)}, more than max_total_percent '
                    f"({percent(cap)}): it is always limited."
                )


def _compensation(policy: Policy) -> Iterator[str]:
    charging = [s for s in policy.stages if any(r.kind == "compensation" for r in s.charges)]
    again = [s.id for s in charging if s.repeat_every_days is not None]
    if again:
        yield (
            f"Compensation is charged at {listed(again)}, which has repeat_every_days: an invoice "
            "pays the fixed sum each time."
        )
    elif len(charging) > 1:
        yield (
            f"Compensation is charged at {listed([s.id for s in charging])}: an invoice pays the "
            "fixed sum at each of them."
        )


def _interest(policy: Policy, interest: InterestRules) -> Iterator[str]:
    charging = charging_stages(policy)
    if interest.post_final and not charging:
        yield "post_final is on, but no stage charges interest: nothing is ever posted."
    if interest.annual_rate == 0 and charging:
        yield "annual_rate is 0: interest is charged, but comes to nothing."
    for stage in policy.stages:
        once = stage.repeat_every_days is None
        if stage.id in charging and once and stage.days <= interest.grace_days:
            yield (
                f'Stage "{stage.id}" charges interest at {days(stage.days)} past due, within '
                f"grace_days ({interest.grace_days}): it comes to nothing."
            )


def _table(policy: Policy, interest: InterestRules) -> Iterator[str]:
    rates, cap = interest.rates, policy.caps.max_annual_rate
    charging = charging_stages(policy)
    if rates is None or not charging:
        return
    currency = CURRENCY_OF_TABLE.get(rates.id)
    others = [code for code in policy.currencies if currency not in (None, code)]
    if others:
        yield (
            f'The table "{rates.id}" ({rates.title}) is for debts in {currency}, but the policy '
            f"charges its interest in {listed(others)} as well."
        )
    rate = rates.spans[-1].rate + (interest.margin or 0)
    if cap is not None and rate > cap:
        yield (
            f"The table's last rate and the margin come to {percent(rate)}, more than "
            f"max_annual_rate ({percent(cap)}): the interest that the law gives is cut."
        )
    by_rate = [s.id for s in policy.stages if any(r.kind == "percent" for r in s.charges)]
    if by_rate:
        yield (
            f"A percent is charged at {listed(by_rate)} beside statutory interest: where a contract "
            "gives a remedy of its own, the law often gives no interest."
        )
