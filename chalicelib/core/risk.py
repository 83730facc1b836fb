"""The risk score of an account, from its own history (R12.1). It never posts money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from chalicelib.core.account import Account, Settlement
from chalicelib.core.money import add
from chalicelib.core.policy import Policy, RiskRules

OLD_DAYS = 60  # R12.1: the share of the balance over 60 days
SCORE_MAX = 100
TREND_LEAST = 2  # settlements that a trend needs: one older, one newer


@dataclass(frozen=True, slots=True)
class RiskPart:
    """One part of a score. `points` is what it contributes, of at most its share of the weights.

    `measure` is from 0 (best) to 1 (worst); None when the account has no history to go by, which
    contributes nothing. `figures` are what the measure was made from.
    """

    code: str
    weight: int
    measure: Fraction | None
    points: Fraction
    figures: dict[str, int]


@dataclass(frozen=True, slots=True)
class Risk:
    """A score of 0 (best) to 100, and the parts whose points add up to it before rounding."""

    score: int
    parts: tuple[RiskPart, ...]


Measured = tuple[Fraction | None, dict[str, int]]


def risk_of(account: Account, policy: Policy, today: date) -> Risk | None:
    """Return an account's risk score with its parts, or None when the policy gives no weights.

    The score is the weighted mean of the parts' measures, times 100, rounded half-up. What an
    account has no history of counts as 0, so that nothing is held against it without evidence.
    """
    rules = policy.risk
    if rules is None:
        return None
    parts = []
    whole = sum(getattr(rules, code) for code in PARTS)
    for code, measure_of in PARTS.items():
        weight = getattr(rules, code)
        if not weight:
            continue
        measure, figures = measure_of(account, policy, rules, today)
        points = Fraction(weight * SCORE_MAX, whole) * (measure or 0)
        parts.append(RiskPart(code, weight, measure, points, figures))
    score = int(sum((part.points for part in parts), Fraction(1, 2)))  # half-up: never negative
    return Risk(score, tuple(parts))


def _share_paid_late(account: Account, _: Policy, __: RiskRules, ___: date) -> Measured:
    settled = len(account.settlements)
    late = sum(settlement.late for settlement in account.settlements)
    return _share(late, settled), {"settled": settled, "late": late}


def _average_days_late(account: Account, _: Policy, rules: RiskRules, __: date) -> Measured:
    if not account.settlements:
        return None, {"settled": 0}
    days = [_days_late(settlement) for settlement in account.settlements]
    worst = rules.worst_days_late or 1
    figures = {"settled": len(days), "days_late_in_all": sum(days)}
    return _at_most_1(Fraction(sum(days), len(days) * worst)), figures


def _days_late_trend(account: Account, _: Policy, rules: RiskRules, __: date) -> Measured:
    """Compare the newer half of the settlements with the older; the middle one counts as newer."""
    days = [_days_late(settlement) for settlement in account.settlements]
    if len(days) < TREND_LEAST:
        return None, {"settled": len(days)}
    older, newer = days[: len(days) // 2], days[len(days) // 2 :]
    figures = {
        "older_settled": len(older), "older_days_late_in_all": sum(older),
        "newer_settled": len(newer), "newer_days_late_in_all": sum(newer),
    }  # fmt: skip
    rise = (_mean(newer) - _mean(older)) / (rules.worst_days_late or 1)
    return _at_most_1(max(rise, Fraction(0))), figures


def _broken_promises(account: Account, policy: Policy, _: RiskRules, today: date) -> Measured:
    """Return the share of promises to pay and payment plans that were broken, of those that ended."""
    kept, broken = promises_ended(account, policy, today)
    kept += sum(plan.state == "completed" for plan in account.plans.values())
    broken += sum(plan.state == "broken" for plan in account.plans.values())
    return _share(broken, kept + broken), {"kept": kept, "broken": broken}


def promises_ended(
    account: Account, policy: Policy, today: date, currency: str | None = None
) -> tuple[int, int]:
    """Return how many promises to pay were kept and broken by a day (R6.6), of one currency or all."""
    past = [
        counts
        for one, counts in account.past_promises.items()
        if currency is None or one == currency
    ]
    kept, broken = (sum(one.get(how, 0) for one in past) for how in ("kept", "broken"))
    for promise in account.promises:
        if currency is not None and promise.currency != currency:
            continue
        broken_on = promise.breaks_on(policy.promises.grace_days)
        kept += promise.kept_on is not None
        broken += broken_on is not None and broken_on <= today
    return kept, broken


def _disputes_lost(account: Account, _: Policy, __: RiskRules, ___: date) -> Measured:
    """Return the share of disputes that the customer lost; one that was lost in part counts half."""
    won, lost, partly = (
        account.dispute_outcomes.get(outcome, 0) for outcome in ("won", "lost", "partly")
    )
    figures = {"won": won, "lost": lost} | ({"partly": partly} if partly else {})
    return _share(2 * lost + partly, 2 * (won + lost + partly)), figures


def _over_60_days(account: Account, _: Policy, __: RiskRules, today: date) -> Measured:
    """Return the share in the currency in which it is highest: currencies never add up (R3.3)."""
    open_minor: dict[str, int] = {}
    old_minor: dict[str, int] = {}
    for invoice in account.invoices.values():
        add(open_minor, invoice.currency, invoice.open_minor)
        if invoice.days_past_due(today) > OLD_DAYS:
            add(old_minor, invoice.currency, invoice.open_minor)
    shares = [
        (Fraction(old_minor.get(currency, 0), amount), amount, old_minor.get(currency, 0))
        for currency, amount in sorted(open_minor.items())
        if amount
    ]
    if not shares:
        return None, {"open_minor": 0, "over_60_days_minor": 0}
    share, amount, old = max(shares, key=lambda one: one[0])
    return share, {"open_minor": amount, "over_60_days_minor": old}


def _days_late(settlement: Settlement) -> int:
    return max((settlement.value_on - settlement.due_on).days, 0)


def _mean(numbers: Sequence[int]) -> Fraction:
    return Fraction(sum(numbers), len(numbers))


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _at_most_1(measure: Fraction) -> Fraction:
    return min(measure, Fraction(1))


# In the order in which they are shown; the names are those of the policy's weights.
PARTS: dict[str, Callable[[Account, Policy, RiskRules, date], Measured]] = {
    "share_paid_late": _share_paid_late,
    "average_days_late": _average_days_late,
    "days_late_trend": _days_late_trend,
    "broken_promises": _broken_promises,
    "disputes_lost": _disputes_lost,
    "over_60_days": _over_60_days,
}
